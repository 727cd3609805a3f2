// A piece of a page that is drawn anew by itself keeps the keyboard where it stood: htmx does so only for what bears an id.
"use strict";

const STOPS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
let stood = null;

function told(one) {
  return [one.tagName, one.getAttribute("name"), one.getAttribute("href"), one.value, one.textContent.trim()].join("|");
}

function alike(what) {
  return [...document.querySelectorAll(STOPS)].filter((one) => told(one) === what);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const one = document.activeElement;
  if (!one || one === document.body || one.id || !event.detail.target.contains(one)) return;
  const what = told(one);
  stood = { what, at: alike(what).indexOf(one) };
});

document.addEventListener("htmx:afterSettle", () => {
  if (stood && document.activeElement === document.body) alike(stood.what)[stood.at]?.focus({ preventScroll: true });
  stood = null;
});
