// The checker's list by keyboard: arrows walk, the space bar ticks (the browser's own), Enter confirms what is ticked.
(() => {
  const form = document.querySelector("form[data-check]");
  if (!form) return;
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  boxes[0]?.focus();
  // Faces, not rows: what was never on the screen is not confirmed with the rest.
  const seen = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) seen.add(entry.target.querySelector("input[type=checkbox]"));
  }, { threshold: 0.6 });
  boxes.forEach((box) => watch.observe(box.closest("label")));
  form.addEventListener("submit", (event) => {
    const unseen = boxes.find((box) => box.checked && !seen.has(box));
    if (!unseen) return;
    event.preventDefault();
    unseen.closest("label").scrollIntoView({ block: "center" });
    unseen.focus({ preventScroll: true });
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
