// A key presses the button that names it (data-key), unless somebody is typing. Shared by the station and the review.
window.gradphotoKeys = {
  typing(target) {
    return target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
  },
  plain(event) {
    return !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing) && !this.typing(event.target);
  },
};
document.addEventListener("keydown", (event) => {
  if (event.repeat || !window.gradphotoKeys.plain(event) || document.querySelector("dialog[open]")) return;
  const button = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]:not(:disabled)`);
  if (!button || button.offsetParent === null) return;
  event.preventDefault();
  button.click();
});
