// The running total of what is ticked, and the change; the server counts again and refuses a different total.
const yuan = (fen) => `${fen < 0 ? "-" : ""}${Math.floor(Math.abs(fen) / 100)}.${String(Math.abs(fen) % 100).padStart(2, "0")}`;
const fenOf = (text) => {
  const match = /^\s*(\d{1,9})(?:\.(\d{1,2}))?\s*$/.exec(text.replace(/,/g, ""));
  return match ? Number(match[1]) * 100 + Number((match[2] || "").padEnd(2, "0")) : null;
};
document.querySelectorAll("[data-collect]").forEach((form) => {
  const boxes = [...form.querySelectorAll("[data-fen]")];
  const part = (name) => form.querySelector(`[data-${name}]`);
  const all = part("all");
  const show = () => {
    const ticked = boxes.filter((box) => box.checked);
    const total = ticked.reduce((sum, box) => sum + Number(box.dataset.fen), 0);
    part("total").textContent = yuan(total);
    if (part("count")) part("count").textContent = ticked.length;
    if (part("shown")) part("shown").value = total;
    if (part("take")) part("take").disabled = ticked.length === 0;
    if (all) {
      all.checked = ticked.length === boxes.length && boxes.length > 0;
      all.indeterminate = ticked.length > 0 && !all.checked;
    }
    const tendered = part("tendered");
    if (!tendered) return;
    tendered.placeholder = yuan(total);
    const given = tendered.value.trim() ? fenOf(tendered.value) : total;
    const change = part("change");
    change.textContent = given === null ? "—" : yuan(given - total);
    change.classList.toggle("short", given === null || given < total);
  };
  // Not for the box above the list: its own listener ticks the others first.
  const follow = (event) => { if (event.target !== all) show(); };
  form.addEventListener("input", follow);
  form.addEventListener("change", follow);
  if (all) {
    all.addEventListener("change", () => {
      boxes.forEach((box) => { box.checked = all.checked; });
      show();
    });
  }
  form.addEventListener("submit", () => {
    const take = part("take");
    if (take) setTimeout(() => { take.disabled = true; });
  });
  show();
});
