// The box above the list ticks everyone without corrections; whoever has corrections is looked at and ticked singly.
document.querySelectorAll("[data-pick-all]").forEach((all) => {
  all.addEventListener("change", () => {
    document.querySelectorAll("[data-plain]").forEach((box) => { box.checked = all.checked; });
  });
});
