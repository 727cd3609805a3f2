// A table that is wider than its place: on a phone each row becomes a card, as in every list; elsewhere it scrolls, and
// must be reached by the keyboard, too, where it holds no link that takes the focus.
"use strict";

const PHONE = matchMedia("(max-width: 575px)");

function isPlain(table) {
  const head = table.tHead;
  return head && head.rows.length === 1 && [...head.rows[0].cells].every((cell) => cell.colSpan === 1)
    && !table.querySelector("[rowspan]");
}

function toCards() {
  if (!PHONE.matches) return;
  for (const table of document.querySelectorAll("main table.table:not(.list-table)")) {
    if (table.offsetWidth <= table.parentElement.clientWidth + 1 || !isPlain(table)) continue;
    const titles = [...table.tHead.rows[0].cells].map((cell) => cell.innerText.trim());
    for (const row of [...table.tBodies, table.tFoot].flatMap((part) => (part ? [...part.rows] : []))) {
      let column = 0;
      for (const cell of row.cells) {
        // A sum at the foot is a heading cell, and is told of what.
        const value = cell.tagName === "TD" || row.parentElement === table.tFoot;
        if (value && cell.colSpan === 1 && titles[column]) cell.dataset.title = titles[column];
        column += cell.colSpan;
      }
    }
    table.classList.add("list-table");
  }
}

// A cell of a card that says nothing is left out with its heading; the server knows it only of those without a template.
function hush() {
  if (!PHONE.matches) return;
  for (const cell of document.querySelectorAll("main .list-table td[data-title]")) {
    const says = cell.textContent.trim() || cell.querySelector("img, svg, input, select, textarea, button, progress");
    if (!says) cell.classList.add("says-nothing");
  }
}

function reach() {
  for (const place of document.querySelectorAll(".table-responsive")) {
    const hidden = place.scrollWidth > place.clientWidth;
    const own = place.querySelector("a[href], button, input, select, textarea, summary");
    if (hidden && !own) place.tabIndex = 0;
    else if (place.tabIndex === 0) place.removeAttribute("tabindex");
  }
}

function fit() {
  toCards();
  hush();
  reach();
}

addEventListener("load", fit);
addEventListener("resize", fit);
document.addEventListener("htmx:afterSettle", fit);
