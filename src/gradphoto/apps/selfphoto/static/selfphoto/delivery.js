// The lower half of the camera page: an original on its way to the verdict, with progress, waiting, cancelling and refusal.

import { forget, keep } from "./kept.js";
import { Refused, Sending } from "./sending.js";
import { word } from "./words.js";

export class Delivery {
  /** `root`: the camera's element with its addresses; `again`: what is done when the person wants another picture. */
  constructor(root, again) {
    Object.assign(this, { root, again });
    this.panel = root.querySelector("[data-part=delivery]");
    this.bar = this.panel.querySelector("progress");
    this.line = this.panel.querySelector("[data-line]");
    this.remedy = this.panel.querySelector("[data-remedy]");
    this.cancelButton = this.panel.querySelector("[data-cancel]");
    this.retryButton = this.panel.querySelector("[data-retry]");
    this.otherButton = this.panel.querySelector("[data-other]");
    this.enterLink = this.panel.querySelector("[data-enter]");
    this.sending = null;
    this.cancelButton.addEventListener("click", () => this.cancel());
    this.retryButton.addEventListener("click", () => this.go(this.original));
    this.otherButton.addEventListener("click", async () => { await forget(); this.show(false); this.again(); });
    window.addEventListener("beforeunload", (event) => { if (this.sending && !this.isKept) event.preventDefault(); });
  }

  get isBusy() {
    return Boolean(this.sending);
  }

  show(visible) {
    this.panel.hidden = !visible;
  }

  /** Keep the original, send it, and open the page of its verdict. One at a time: a second press changes nothing. */
  async go(original) {
    if (this.isBusy) return;
    this.original = original;
    if (original.blob.size > Number(this.root.dataset.most)) {
      this.failed(word("too_large"), "", { other: true });
      return;
    }
    this.sending = new Sending({
      begin: this.root.dataset.uploads, token: this.root.dataset.csrf,
      told: ({ sent, size }) => this.progress(sent, size),
      waits: (seconds) => {
        if (!this.bar.hasAttribute("value")) this.bar.value = this.bar.max; // nothing is going on now
        this.tell(word(navigator.onLine ? "waits" : "offline", { n: Math.ceil(seconds) }));
      },
    });
    this.show(true);
    this.buttons({ cancel: true });
    this.remedy.textContent = "";
    this.bar.hidden = false;
    this.progress(0, original.blob.size);
    this.isKept = await keep(this.root.dataset.owner, original);
    try {
      const verdict = await this.sending.send(original);
      this.sending = null;
      await forget();
      window.location.assign(verdict.url);
    } catch (error) {
      this.sending = null;
      await this.ended(error);
    }
  }

  progress(sent, size) {
    this.bar.max = size;
    this.bar.value = sent;
    const done = sent >= size;
    if (done) this.bar.removeAttribute("value"); // judging takes as long as it takes
    this.tell(word(done ? "judging" : "sent", {
      percent: Math.floor((sent / size) * 100), sent: megabytes(sent), size: megabytes(size),
    }));
  }

  cancel() {
    if (this.sending) this.sending.cancel();
  }

  async ended(error) {
    if (error instanceof Refused) {
      const signIn = error.status === 401;
      // What the server refused for good is not sent again after a reload; behind a new sign-in it is.
      if (!signIn) await forget();
      this.failed(error.message || word("refused"), error.remedy, { other: !signIn, enter: signIn });
    } else if (error.name === "AbortError") {
      await forget();
      this.show(false);
      this.again();
    } else {
      this.failed(word("broken"), "", { retry: true, other: true });
    }
  }

  failed(message, remedy, buttons) {
    this.show(true);
    this.bar.hidden = true;
    this.tell(message);
    this.remedy.textContent = remedy;
    this.buttons(buttons);
  }

  buttons({ cancel = false, retry = false, other = false, enter = false }) {
    this.cancelButton.hidden = !cancel;
    this.retryButton.hidden = !retry;
    this.otherButton.hidden = !other;
    this.enterLink.hidden = !enter;
  }

  tell(text) {
    if (this.line.textContent !== text) this.line.textContent = text;
  }
}

const megabytes = (bytes) => (bytes / 1024 / 1024).toFixed(1);
