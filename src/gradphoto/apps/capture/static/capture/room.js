// The room's screen: its three sounds, its questions by figure keys, and nothing half typed is ever lost.
(() => {
  const SOUNDS = {
    good: { wave: "sine", tones: [[880, 0, 0.1], [1320, 0.12, 0.18]], loud: 0.35 },
    attention: { wave: "triangle", tones: [[587, 0, 0.14], [587, 0.22, 0.14]], loud: 0.45 },
    stop: { wave: "square", tones: [[185, 0, 0.18], [185, 0.26, 0.18], [185, 0.52, 0.3]], loud: 0.22 },
    busy: { wave: "sine", tones: [[660, 0, 0.06]], loud: 0.2 },
  };
  const live = () => document.getElementById("live");
  const poll = () => document.querySelector("[data-poll]");
  const asked = () => document.querySelector("dialog[open]");
  const loud = () => localStorage.getItem("gradphoto-sound") !== "off";
  let context = null;

  function play(name) {
    const sound = SOUNDS[name];
    if (!sound) return;
    context ??= new AudioContext();
    context.resume();
    for (const [hertz, from, seconds] of sound.tones) {
      const begin = context.currentTime + from;
      const tone = new OscillatorNode(context, { type: sound.wave, frequency: hertz });
      const level = new GainNode(context, { gain: 0 });
      level.gain.setValueAtTime(0, begin);
      level.gain.linearRampToValueAtTime(sound.loud, begin + 0.01);
      level.gain.linearRampToValueAtTime(0, begin + seconds);
      tone.connect(level).connect(context.destination);
      tone.start(begin);
      tone.stop(begin + seconds + 0.02);
    }
  }

  // Each new thing sounds once; what was on the screen before comes back in silence.
  const heard = new Set([poll()?.dataset.event]);
  function listen() {
    const { event, sound } = poll().dataset;
    if (heard.has(event)) return;
    heard.add(event);
    if (loud()) play(sound);
  }

  function showSwitch() {
    const button = document.querySelector("[data-sound-switch]");
    if (!button) return;
    button.setAttribute("aria-pressed", String(loud()));
    button.querySelector("[data-on]").hidden = !loud();
    button.querySelector("[data-off]").hidden = loud();
  }
  showSwitch();

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) open(opener);
    if (event.target.closest("[data-sound-switch]")) {
      localStorage.setItem("gradphoto-sound", loud() ? "off" : "on");
      showSwitch();
      if (loud()) play("good");
    }
    const listened = event.target.closest("[data-listen]");
    if (listened) play(listened.dataset.listen);
  });

  function open(opener) {
    const dialog = document.getElementById(opener.dataset.open);
    if (!dialog || dialog.open) return;
    dialog.dataset.openedBy = opener.dataset.key ?? "";
    dialog.showModal();
    (dialog.querySelector("[autofocus]") ?? dialog.querySelector("[data-pick]"))?.focus();
    dialog.querySelector("[autofocus]")?.select();
  }

  // In a question: a figure picks, the key that opened it takes the first, 0 goes to the field, arrows walk.
  let waiting = 0;
  document.addEventListener("keydown", (event) => {
    clearTimeout(waiting);
    const dialog = asked();
    if (!dialog) return;
    const results = [...dialog.querySelectorAll("[data-result]")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const list = results.length ? results : [...dialog.querySelectorAll("[data-pick]")];
    if (step && list.length) {
      event.preventDefault();
      const here = list.indexOf(document.activeElement);
      list[Math.min(list.length - 1, Math.max(0, here + step))].focus();
      return;
    }
    if (event.repeat || !window.gradphotoKeys.plain(event)) return;
    const picks = [...dialog.querySelectorAll("[data-pick]")];
    if (event.key === "0" && dialog.querySelector("[data-other]")) {
      event.preventDefault();
      dialog.querySelector("[data-other]").focus();
      return;
    }
    const again = event.key.toLowerCase() === dialog.dataset.openedBy;
    const chosen = /^[1-9]$/.test(event.key) ? picks[Number(event.key) - 1] : again ? picks[0] : undefined;
    if (!chosen) return;
    event.preventDefault();
    // As with every key here: the first letter of a scanned code picks nothing.
    waiting = setTimeout(() => chosen.click(), 70);
  });

  // The poll yields. It waits while an action is under way, and what it brings is not shown while an action awaits its
  // answer, after that answer has come, or while somebody answers a question of the live part.
  let action = null;
  const acting = () => action !== null && action.readyState !== XMLHttpRequest.DONE;
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, xhr, requestConfig } = event.detail;
    if (elt.matches("[data-poll]") && acting()) event.preventDefault();
    // A search posts, too, so that no number stands in an address; it does nothing, and its question goes on.
    if (requestConfig.verb !== "post" || elt.matches("[data-search]")) return;
    action = xhr;
    document.getElementById("messages").replaceChildren();
    // The question is over when its answer has come, whatever that changes on the screen; without one it stays open.
    // What is wrong in it is told beside its field, and it stays open with everything typed.
    const dialog = elt.closest("dialog");
    dialog?.querySelector("[data-refused]")?.replaceChildren();
    xhr.addEventListener("load", () => { if (xhr.status !== 422) dialog?.close(); });
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const beside = event.detail.requestConfig.elt.closest("dialog[open]")?.querySelector("[data-refused]");
    if (event.detail.xhr.status === 422 && beside) event.detail.target = beside;
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { elt } = event.detail.requestConfig;
    if (!elt.matches("[data-poll]")) return;
    if (acting() || !elt.isConnected || live().querySelector("dialog[open]")) event.detail.shouldSwap = false;
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "messages" && !event.detail.target.matches("[data-refused]")) listen();
    else if (loud() && event.detail.target.querySelector(".alert-danger")) play("stop");
  });
  // The swap replaces what had the focus: it goes back to its like, else keys go on working from the page itself.
  let focused = "";
  document.body.addEventListener("htmx:beforeSwap", () => {
    focused = live()?.contains(document.activeElement) ? (document.activeElement.dataset.key ?? "") : "";
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    if (focused) live()?.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    focused = "";
  });
})();
