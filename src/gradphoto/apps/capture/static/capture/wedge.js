// A keyboard-wedge scanner types a whole code within a blink and ends it with Enter. Such a burst goes into the code
// field and is sent, wherever the focus is; slow typing is a person and is left alone.
(() => {
  const MOST_GAP_MS = 60;
  const LEAST_LENGTH = 4;
  let typed = "";
  let last = 0;
  window.addEventListener("keydown", (event) => {
    const form = document.querySelector("form[data-scan]");
    if (!form || event.ctrlKey || event.altKey || event.metaKey) return;
    const fast = event.timeStamp - last < MOST_GAP_MS;
    last = event.timeStamp;
    if (event.key === "Enter" && fast && typed.length >= LEAST_LENGTH) {
      event.preventDefault();
      event.stopImmediatePropagation();
      form.elements.code.value = typed;
      typed = "";
      form.requestSubmit();
      return;
    }
    if (event.key.length !== 1) return;
    typed = fast ? typed + event.key : event.key;
    // In the midst of a burst no letter is a shortcut.
    if (fast && !event.target.closest?.("input, textarea")) event.stopImmediatePropagation();
  }, true);
})();
