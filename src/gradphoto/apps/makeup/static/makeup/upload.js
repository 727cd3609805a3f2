// Sends files one by one and skips what the server has already (by SHA-256), so that an interrupted upload goes on.
"use strict";
(() => {
  const form = document.querySelector("[data-upload]");
  if (!form || !window.fetch) return;
  const input = form.querySelector("input[type=file]");
  const bar = form.querySelector("progress");
  const told = form.querySelector("[data-told]");
  const stop = form.querySelector("[data-stop]");
  let stopped = false;
  stop.addEventListener("click", () => { stopped = true; });

  const digest = async (file) => {
    if (!window.crypto || !crypto.subtle) return "";
    const bytes = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const isPhoto = (file) => /\.jpe?g$/i.test(file.name);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [...input.files];
    stopped = false;
    bar.hidden = stop.hidden = false;
    bar.max = files.length;
    const known = await fetch(form.dataset.known).then((answer) => answer.json());
    let done = 0, skipped = 0;
    const failed = [];
    for (const file of files) {
      if (stopped) break;
      if (isPhoto(file) && known[file.name] && known[file.name] === await digest(file)) {
        skipped += 1;
      } else {
        const body = new FormData();
        body.append("file", file);
        try {
          const answer = await fetch(form.action, {
            method: "POST", body,
            headers: { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value, "X-Upload": "script" },
          });
          if (!answer.ok) failed.push(file.name);
        } catch {
          failed.push(file.name);
          stopped = true;
        }
      }
      done += 1;
      bar.value = done;
      told.textContent = `${done} / ${files.length}  ${form.dataset.skipped} ${skipped}  ${form.dataset.failed} ${failed.length}`;
    }
    stop.hidden = true;
    if (failed.length) {
      told.textContent += `  ${failed.slice(0, 8).join(", ")}`;
    } else if (!stopped) {
      window.location.reload();
    }
  });
})();
