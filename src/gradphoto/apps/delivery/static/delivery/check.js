// Going through a class by keyboard: arrows move, 0 is good, 1 to 3 mark, Enter keeps the marks and opens the next class.
(() => {
  const tiles = [...document.querySelectorAll("[data-photo]")];
  if (!tiles.length) return;
  const mark = (tile, place) => {
    const choice = tile.querySelector("select");
    if (!choice || place >= choice.options.length) return;
    choice.selectedIndex = place;
    choice.dispatchEvent(new Event("change"));
  };
  const perRow = () => tiles.filter((tile) => tile.offsetTop === tiles[0].offsetTop).length;
  const show = (tile) => { tile.dataset.mark = tile.querySelector("select")?.value ?? ""; };
  tiles.forEach((tile, place) => {
    show(tile);
    tile.querySelector("select")?.addEventListener("change", () => show(tile));
    tile.addEventListener("keydown", (event) => {
      if (event.target !== tile) return;
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: perRow(), ArrowUp: -perRow() }[event.key];
      if (step) tiles[Math.min(tiles.length - 1, Math.max(0, place + step))].focus();
      else if ("0123".includes(event.key)) mark(tile, Number(event.key));
      else if (event.key === "Enter") tile.closest("form")?.requestSubmit();
      else return;
      event.preventDefault();
    });
  });
  tiles[0].focus({ preventScroll: true });
})();
