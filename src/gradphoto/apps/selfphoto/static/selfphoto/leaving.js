// Whoever signs out or takes the consent back leaves no picture on the phone: it goes before the page does.

import { forget } from "./kept.js";

for (const form of document.querySelectorAll("[data-forget]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await Promise.race([forget(), new Promise((done) => { setTimeout(done, 1500); })]);
    form.submit();
  });
}
