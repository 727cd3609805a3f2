// Ticks of a table: "tick this page", and how many are ticked beside the step to be taken.
"use strict";
const boxes = () => Array.from(document.querySelectorAll("tbody input[type=checkbox], .tickable input[type=checkbox]"));
const all = document.querySelector("[data-tick-all]");
const count = document.querySelector("[data-ticked]");
const whole = document.querySelector("#all-matching, #all-fixes");

function tell() {
  const ticked = boxes().filter((box) => box.checked).length;
  if (count) count.textContent = count.dataset.ticked.replace("#", ticked);
  if (all) {
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && ticked < boxes().length;
  }
}

document.addEventListener("change", (event) => {
  if (event.target === all) boxes().forEach((box) => { box.checked = all.checked && !box.disabled; });
  if (event.target === whole) boxes().forEach((box) => { box.disabled = whole.checked; });
  if (event.target.type === "checkbox") tell();
});
