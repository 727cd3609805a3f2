// htmx drops answers with an error's status. Those that name their place (HX-Retarget) are meant to be read.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400 && event.detail.xhr.getResponseHeader("HX-Retarget")) {
    event.detail.shouldSwap = true;
  }
});
