// Dragging a class to another room or time. The same is done without a mouse by the form that a class opens.
(() => {
  const stepMinutes = 5;
  let dragged = null;
  let grabbed = 0;

  const lane = (event) => event.target.closest && event.target.closest(".lane-body");
  const two = (number) => String(number).padStart(2, "0");

  document.addEventListener("dragstart", (event) => {
    const card = event.target.closest && event.target.closest("[data-move]");
    if (!card || card.classList.contains("fast")) { event.preventDefault(); return; }
    dragged = card;
    grabbed = event.clientY - card.getBoundingClientRect().top;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.textContent.trim());
    card.classList.add("dragged");
  });

  document.addEventListener("dragend", () => {
    if (dragged) { dragged.classList.remove("dragged"); }
    dragged = null;
    document.querySelectorAll(".lane-body.over").forEach((one) => one.classList.remove("over"));
  });

  document.addEventListener("dragover", (event) => {
    const target = lane(event);
    if (!dragged || !target) { return; }
    event.preventDefault();
    document.querySelectorAll(".lane-body.over").forEach((one) => one.classList.toggle("over", one === target));
    target.classList.add("over");
  });

  document.addEventListener("drop", (event) => {
    const target = lane(event);
    if (!dragged || !target) { return; }
    event.preventDefault();
    const box = target.getBoundingClientRect();
    const rows = Number(target.dataset.rows);
    const held = dragged.dataset.waiting ? 0 : grabbed;
    const row = Math.max(0, Math.min(rows - 1, Math.round(((event.clientY - held - box.top) / box.height) * rows)));
    const minutes = Number(target.dataset.from) + row * stepMinutes;
    const values = { room: target.dataset.room, day: target.dataset.day, at: `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}` };
    if (dragged.dataset.waiting) { values.group = dragged.dataset.waiting; }
    window.htmx.ajax("POST", dragged.dataset.move, { values, source: "#board" });
  });

  // A notice is copied with one press; where the browser forbids it, the text is selected for Ctrl+C.
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-copy]");
    if (!button) { return; }
    const text = document.getElementById(button.dataset.copy);
    text.select();
    if (navigator.clipboard) { navigator.clipboard.writeText(text.value).then(() => { button.textContent = button.dataset.copied; }); }
  });
})();
