// The clock code is drawn anew as fast as the page can while it is seen. A code that came late is not shown, and the
// style sheet hides each one after a moment: whatever the camera photographs is never older than half a second.
(() => {
  const LATE_MS = 200;
  const PAUSE_MS = 80;
  const seen = () => [...document.querySelectorAll("[data-clock-code]")].find((place) => place.offsetParent !== null);
  function draw() {
    const place = seen();
    if (!place) {
      setTimeout(draw, 300);
      return;
    }
    const code = new Image();
    const asked = performance.now();
    code.onload = () => {
      if (performance.now() - asked <= LATE_MS) place.replaceChildren(code);
      setTimeout(draw, PAUSE_MS);
    };
    code.onerror = () => setTimeout(draw, 1000);
    code.alt = "";
    code.src = `${place.closest("[data-clock]").dataset.clock}?n=${Math.round(asked)}`;
  }
  draw();
})();
