// A table that is wider than its place must be reached by the keyboard, too, where it holds no link that takes the focus.
"use strict";

function reach() {
  for (const place of document.querySelectorAll(".table-responsive")) {
    const hidden = place.scrollWidth > place.clientWidth;
    const own = place.querySelector("a[href], button, input, select, textarea, summary");
    if (hidden && !own) place.tabIndex = 0;
    else if (place.tabIndex === 0) place.removeAttribute("tabindex");
  }
}

addEventListener("load", reach);
addEventListener("resize", reach);
document.addEventListener("htmx:afterSettle", reach);
