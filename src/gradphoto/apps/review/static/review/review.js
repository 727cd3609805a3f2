// The review by keyboard: moving over the tiles, the reasons, the next frame. Everything also works by pointer, and
// without this file by links and forms.
const view = document.getElementById("review-view");
const help = document.getElementById("review-help");

const tiles = () => [...document.querySelectorAll("[data-tile]")];
const current = () => document.querySelector('[data-tile][aria-current="true"]');

function mark(pk) {
  tiles().forEach((tile) => {
    if (tile.dataset.tile === pk) tile.setAttribute("aria-current", "true");
    else tile.removeAttribute("aria-current");
  });
  current()?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function columns() {
  const all = tiles();
  return Math.max(1, all.filter((tile) => tile.offsetTop === all[0].offsetTop).length);
}

function move(steps) {
  const all = tiles();
  const target = all[Math.min(all.length - 1, Math.max(0, all.indexOf(current()) + steps))];
  if (target && target !== current()) target.click();
}

// After a decision: the nearest tile further on that nobody has decided on, else the first one left, else the list anew.
function following() {
  const all = tiles();
  const here = all.indexOf(current());
  const open = (tile) => ["awaiting", "second"].includes(tile.dataset.state) && tile !== all[here];
  return (all.slice(here + 1).find(open) ?? all.slice(0, here).find(open))?.dataset.tile ?? "";
}

function rejectKey() {
  const panel = view.querySelector("[data-reject]");
  if (!panel) return;
  if (panel.open) panel.querySelector("form").requestSubmit();
  else {
    panel.open = true;
    panel.scrollIntoView({ block: "nearest" });
  }
}

function pick(figure) {
  const box = view.querySelector(`[data-reason="${figure}"]`);
  if (!box) return;
  view.querySelector("[data-reject]").open = true;
  box.checked = !box.checked;
}

const moves = { j: () => 1, k: () => -1, arrowright: () => 1, arrowleft: () => -1, arrowdown: columns, arrowup: () => -columns() };

document.addEventListener("keydown", (event) => {
  if (!view || !window.gradphotoKeys.plain(event) || help?.open) return;
  const key = event.key.toLowerCase();
  if (key in moves) move(moves[key]());
  else if (key === "r" && !event.repeat) rejectKey();
  else if (key === "escape") view.querySelectorAll("[data-reject]").forEach((panel) => { panel.open = false; });
  else if (/^[1-9]$/.test(key) && !event.repeat) pick(key);
  else if (key === "enter" && view.querySelector("[data-reject][open]") && !event.target.closest("a, button, summary")) rejectKey();
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help]")) help.showModal();
  if (event.target.closest("[data-zoom]")) {
    const picture = view.querySelector("svg.verdict-picture");
    const { whole, close } = picture.dataset;
    picture.setAttribute("viewBox", picture.getAttribute("viewBox") === close ? whole : close);
  }
});

document.body.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.matches("[data-decide]")) event.detail.parameters.next = following();
});

document.body.addEventListener("htmx:afterSettle", (event) => {
  const frame = view?.querySelector("[data-frame]");
  if (frame) mark(frame.dataset.frame);
  // Refused: the reason is told above, and the frame is shown as it is now.
  if (event.detail.target.id === "messages" && event.detail.target.querySelector(".alert-danger")) {
    event.detail.target.scrollIntoView({ block: "nearest" });
    current()?.click();
  }
});

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches("[data-decide]")) document.getElementById("messages").replaceChildren();
});
