"use strict";
// After a proof the person goes on at once: the step that waited is sent by itself.
const waiting = document.querySelector("form[data-at-once]");
if (waiting) waiting.requestSubmit();
