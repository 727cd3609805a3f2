// Going through a class: arrows move, 0 is good, 1 to 3 mark, Z takes back, Space enlarges, Enter opens the next class.
// Every mark goes to the server at once (htmx); what could not be sent goes again with the class.
(() => {
  const tiles = [...document.querySelectorAll("[data-photo]")];
  if (!tiles.length) return;
  const undoButton = document.querySelector("[data-undo]");
  const look = document.querySelector("[data-look]");
  const done = [];
  let here = 0;

  const choice = (tile) => tile.querySelector("select");
  const show = (tile) => { tile.dataset.mark = choice(tile)?.value ?? tile.dataset.mark; };
  const put = (tile, place) => {
    const select = choice(tile);
    if (!select || place >= select.options.length || select.selectedIndex === place) return;
    select.selectedIndex = place;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const undo = () => {
    const last = done.pop();
    if (!last) return;
    last.tile.dataset.undoing = "yes";
    put(last.tile, last.was);
    go(tiles.indexOf(last.tile));
  };
  const go = (place) => {
    here = Math.min(tiles.length - 1, Math.max(0, place));
    if (look.open) enlarge();
    else tiles[here].focus();
  };
  const perRow = () => tiles.filter((tile) => tile.offsetTop === tiles[0].offsetTop).length;
  const enlarge = () => {
    const tile = tiles[here];
    look.querySelector("img").src = tile.querySelector("img").src;
    look.querySelector("[data-look-name]").textContent = tile.getAttribute("aria-label");
    look.querySelector("[data-look-place]").textContent = `${here + 1} / ${tiles.length}`;
    const marked = choice(tile)?.selectedIndex ?? -1;
    look.querySelectorAll("[data-look-mark]").forEach((button) => {
      button.setAttribute("aria-pressed", String(Number(button.dataset.lookMark) === marked));
      button.classList.toggle("active", Number(button.dataset.lookMark) === marked);
    });
    if (!look.open) look.showModal();
  };
  const close = () => { look.close(); tiles[here].focus(); };
  const pressed = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("select, input")) return;
    const rows = look.open ? 1 : perRow();
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: rows, ArrowUp: -rows }[event.key];
    if (step) go(here + step);
    else if (/^[0-3]$/.test(event.key)) { put(tiles[here], Number(event.key)); if (look.open) enlarge(); }
    else if (event.key === "z" || event.key === "Z") undo();
    else if (event.key === " ") { if (look.open) close(); else enlarge(); }
    else if (event.key === "Enter" && !look.open && event.target.matches("[data-photo]")) document.querySelector("[data-next]")?.click();
    else return;
    event.preventDefault();
  };

  tiles.forEach((tile, place) => {
    show(tile);
    let was = choice(tile)?.selectedIndex ?? 0;
    tile.addEventListener("focusin", () => { here = place; });
    tile.querySelector("img").addEventListener("click", () => { here = place; enlarge(); });
    choice(tile)?.addEventListener("change", () => {
      if (tile.dataset.undoing) delete tile.dataset.undoing;
      else done.push({ tile, was });
      was = choice(tile).selectedIndex;
      if (undoButton) undoButton.disabled = !done.length;
      show(tile);
    });
  });
  document.addEventListener("keydown", pressed);
  undoButton?.addEventListener("click", undo);
  look.querySelectorAll("[data-look-mark]").forEach((button) => {
    button.addEventListener("click", () => { put(tiles[here], Number(button.dataset.lookMark)); enlarge(); });
  });
  look.querySelectorAll("[data-look-step]").forEach((button) => {
    button.addEventListener("click", () => {
      if (button.dataset.lookStep === "0") close();
      else go(here + Number(button.dataset.lookStep));
    });
  });
  const unsaved = document.querySelector("[data-unsaved]");
  const saved = (event, failed) => {
    const tile = event.target.closest?.("[data-photo]");
    if (!tile || !unsaved) return;
    tile.toggleAttribute("data-lost", failed);
    unsaved.hidden = !document.querySelector("[data-lost]");
  };
  document.body.addEventListener("htmx:afterRequest", (event) => saved(event, !event.detail.successful));
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("[data-lost]") && !document.body.dataset.leaving) event.preventDefault();
  });
  document.querySelectorAll("form").forEach((form) => form.addEventListener("submit", () => { document.body.dataset.leaving = "yes"; }));
  tiles[0].focus({ preventScroll: true });
})();
