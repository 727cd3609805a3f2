// The checker's list by keyboard: arrows walk, the space bar ticks (the browser's own), Enter confirms what is ticked.
(() => {
  const form = document.querySelector("form[data-check]");
  if (!form) return;
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  boxes[0]?.focus();
  // Faces, not rows: nothing of this sheet is confirmed before every face of it was loaded and on the screen.
  // The server holds the sheets in the same way; this is for the eyes.
  const button = form.querySelector("[data-confirm]");
  const told = form.querySelector("[data-unseen]");
  const barred = Boolean(button?.disabled);
  const unseen = new Set(form.querySelectorAll("img[data-face]"));
  const tell = () => {
    if (!button) return;
    button.disabled = barred || unseen.size > 0;
    told.hidden = unseen.size === 0;
    told.querySelector("[data-left]").textContent = unseen.size;
  };
  const onScreen = new Set();
  const look = (face) => {
    if (onScreen.has(face) && face.complete && face.naturalWidth > 0) unseen.delete(face);
    tell();
  };
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) { onScreen.add(entry.target); look(entry.target); }
  }, { threshold: 0.6, rootMargin: `0px 0px -${form.querySelector(".check-keys")?.offsetHeight ?? 0}px 0px` });
  unseen.forEach((face) => {
    face.addEventListener("load", () => look(face));
    // A face that cannot be shown is not confirmed, and does not keep the others waiting.
    face.addEventListener("error", () => {
      const box = face.closest("label").querySelector("input[type=checkbox]");
      if (box) { box.checked = false; box.disabled = true; }
      unseen.delete(face);
      tell();
    });
    watch.observe(face);
  });
  tell();
  form.addEventListener("submit", (event) => {
    if (!button || button.disabled) event.preventDefault();
    const first = [...unseen][0];
    if (first) first.closest("label").scrollIntoView({ block: "center" });
  });
  const columns = () => Math.max(1, boxes.filter((box) => box.closest("label").offsetTop === boxes[0].closest("label").offsetTop).length);
  form.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(), ArrowUp: -columns() }[event.key];
    if (event.key === "Enter" && event.target.matches("[type=checkbox]")) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (!steps) return;
    event.preventDefault();
    const here = boxes.indexOf(document.activeElement);
    boxes[Math.min(boxes.length - 1, Math.max(0, here + steps))].focus();
  });
})();
