// Adds up the counted notes and coins and shows how far they are from the books.
document.querySelectorAll("[data-count-cash]").forEach((form) => {
  const pieces = [...form.querySelectorAll("[data-piece]")];
  const counted = form.querySelector("[data-counted]");
  const difference = form.querySelector("[data-difference]");
  const yuan = (fen) => `${fen < 0 ? "-" : ""}${Math.floor(Math.abs(fen) / 100)}.${String(Math.abs(fen) % 100).padStart(2, "0")}`;
  const compare = () => {
    const match = /^\s*(\d{1,9})(?:\.(\d{1,2}))?\s*$/.exec(counted.value);
    const fen = match ? Number(match[1]) * 100 + Number((match[2] || "").padEnd(2, "0")) : null;
    const off = fen === null ? null : fen - Number(form.dataset.expected);
    difference.textContent = off === null ? "—" : yuan(off);
    difference.classList.toggle("short", off !== null && off !== 0);
  };
  pieces.forEach((piece) => piece.addEventListener("input", () => {
    counted.value = yuan(pieces.reduce((sum, one) => sum + Number(one.dataset.piece) * Number(one.value || 0), 0));
    compare();
  }));
  counted.addEventListener("input", compare);
});
