// What is on its way is not sent again: of a double click the second one would be answered, by what it meets then.
// Where the answer is a file the page stays, so that after a while the same may be asked for again.
"use strict";

const AWAY_MS = 3000;
let away = new WeakMap();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.matches("[hx-post]")) return;
  const by = event.submitter;
  const what = [by?.value, ...[...new FormData(form)].map(([name, value]) => `${name}=${value.name ?? value}`)].join("\n");
  const before = away.get(form);
  if (before && before.by === by && before.what === what && event.timeStamp - before.at < AWAY_MS) event.preventDefault();
  else away.set(form, { by, what, at: event.timeStamp });
});
addEventListener("pageshow", () => { away = new WeakMap(); });
