// A key presses the button that names it (data-key), unless somebody is typing. Shared by the station and the review.
window.gradphotoKeys = {
  typing(target) {
    return target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
  },
  plain(event) {
    return !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing) && !this.typing(event.target);
  },
};
// Where a scanner types as well, a key waits for longer than a scanner's next letter takes: the first letter of a code
// is no shortcut.
const SCANNER_GAP_MS = 70;
let waiting = 0;
document.addEventListener("keydown", (event) => {
  clearTimeout(waiting);
  if (event.repeat || !window.gradphotoKeys.plain(event) || document.querySelector("dialog[open]")) return;
  const wanted = `[data-key="${CSS.escape(event.key.toLowerCase())}"]:not(:disabled)`;
  const seen = () => [...document.querySelectorAll(wanted)].find((button) => button.offsetParent !== null);
  if (!seen()) return;
  event.preventDefault();
  if (document.querySelector("form[data-scan]")) waiting = setTimeout(() => seen()?.click(), SCANNER_GAP_MS);
  else seen().click();
});
