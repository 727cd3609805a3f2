// htmx drops answers with an error's status. Those that name their place (HX-Retarget) are meant to be read.
const named = (xhr) => xhr.status >= 400 && xhr.getResponseHeader("HX-Retarget");

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (named(xhr)) event.detail.shouldSwap = true;
  // A refused token may bring the right one: what was typed stays, and the same button sends it.
  const token = xhr.getResponseHeader("X-CSRFToken");
  if (!token) return;
  document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((one) => { one.value = token; });
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
});

// No network, or an answer that is not ours: whoever pressed a button is told that nothing was sent.
const notSent = (event) => {
  const { requestConfig, xhr } = event.detail;
  const said = document.getElementById("not-sent");
  if (requestConfig.verb === "get" || named(xhr) || !said) return;
  document.getElementById("messages").replaceChildren(said.content.cloneNode(true));
  window.scrollTo({ top: 0 });
};
for (const kind of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(kind, notSent);
