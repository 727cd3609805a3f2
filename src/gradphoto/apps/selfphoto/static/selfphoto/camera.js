// The camera page: preview with the frame, hints, timer, still, a look at it, and on to the delivery. What cannot be done here
// (no camera, no permission, no https) leaves the form for a file, which works without any script, too.

import { isHeic, originalOf } from "./chosen.js";
import { Delivery } from "./delivery.js";
import { drawFrame } from "./frame.js";
import { Teller } from "./hints.js";
import { kept } from "./kept.js";
import { Lens, obstacle, refusalOf } from "./lens.js";
import { watchLevel } from "./level.js";
import { Sight } from "./sight.js";
import { allowSound, beep, canSpeak, speak } from "./sound.js";
import { loadWatcher, mayLoadUnasked } from "./watcher.js";
import { word } from "./words.js";

const root = document.querySelector("#camera");
const part = (name) => root.querySelector(`[data-part=${name}]`);
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const video = part("video");
const frame = read("frame");
const aspect = Number(root.dataset.aspect) / 1000;

const lens = new Lens(video);
const sight = new Sight(video, frame, aspect, read("backdrops"), (name) => teller.hear(name));
const delivery = new Delivery(root, () => start());
const teller = new Teller({
  show(name) {
    part("hint").textContent = word(name);
    root.dataset.hint = name;
  },
  speak(name) {
    if (part("voice").getAttribute("aria-pressed") === "true") speak(word(name));
  },
});

let taken = null; // { blob, how }: what was photographed and not yet sent
let counting = 0;

/** One of: start, live, counting, taken, delivery. The stylesheet shows what belongs to it. */
function enter(state) {
  root.dataset.state = state;
  if (state !== "live") sight.stop();
}

function trouble(name) {
  part("trouble").hidden = !name;
  part("trouble").textContent = name ? word(name) : "";
}

async function start() {
  const why = obstacle();
  enter("start");
  part("open").hidden = Boolean(why);
  trouble(why);
  // Who allowed the camera before need not press again.
  if (!why && (lens.isOpen || await isAllowed())) await openCamera();
}

async function isAllowed() {
  try {
    return (await navigator.permissions.query({ name: "camera" })).state === "granted";
  } catch {
    return false;
  }
}

async function openCamera() {
  if (part("open").disabled) return; // a second tap while the first is asking
  part("open").disabled = true;
  try {
    if (!lens.isOpen) await lens.open();
  } catch (error) {
    enter("start");
    trouble(refusalOf(error));
    return;
  } finally {
    part("open").disabled = false;
  }
  await looking();
}

async function looking() {
  trouble("");
  root.classList.toggle("is-mirrored", lens.facing === "user");
  part("turn").hidden = !(await lens.hasOther());
  enter("live");
  sight.start();
  if (root.dataset.hints && !sight.watch && mayLoadUnasked()) loadHints();
  part("load-hints").hidden = !root.dataset.hints || Boolean(sight.watch) || mayLoadUnasked();
}

let loading = null;
function loadHints() {
  part("load-hints").hidden = true;
  loading = loading || loadWatcher(root.dataset.hints).then(
    (watch) => { sight.watch = watch; root.dataset.watched = "yes"; },
    () => { root.dataset.watched = "no"; }, // help only: the server's verdict needs none of it
  );
}

async function shutter() {
  if (root.dataset.state === "counting") {
    stopCounting();
    return;
  }
  allowSound();
  enter("counting");
  const mine = ++counting;
  for (let left = Number(part("timer").value); left > 0; left -= 1) {
    part("count").textContent = left;
    beep();
    await new Promise((done) => { setTimeout(done, 1000); });
    if (mine !== counting) return;
  }
  part("count").textContent = "";
  beep(true);
  taken = await lens.still();
  if (mine !== counting) return;
  const address = URL.createObjectURL(taken.blob);
  part("still").onload = () => URL.revokeObjectURL(address);
  part("still").src = address;
  root.dataset.how = taken.how;
  enter("taken");
  part("use").focus();
}

function stopCounting() {
  counting += 1;
  part("count").textContent = "";
  looking();
}

async function use() {
  if (!taken || delivery.isBusy) return;
  const original = { ...taken, source: "camera", name: `self-${Date.now()}.jpg` };
  enter("delivery");
  lens.close();
  await delivery.go(original);
}

async function choose(input) {
  const [file] = input.files;
  if (!file || delivery.isBusy) return;
  let original;
  trouble(isHeic(file) ? "heic_turning" : "");
  try {
    original = await originalOf(file);
  } catch {
    trouble("heic");
    input.value = "";
    return;
  }
  trouble(original.converted ? "heic_turned" : "");
  enter("delivery");
  lens.close();
  await delivery.go({ ...original, source: input.dataset.source, name: file.name });
}

part("open").addEventListener("click", () => {
  allowSound();
  openCamera();
});
part("shutter").addEventListener("click", shutter);
part("again").addEventListener("click", () => { taken = null; openCamera(); });
part("use").addEventListener("click", use);
part("turn").addEventListener("click", () => lens.turn().then(looking, (error) => trouble(refusalOf(error))));
part("load-hints").addEventListener("click", loadHints);
part("voice").hidden = !canSpeak();
part("voice").addEventListener("click", () => {
  const on = part("voice").getAttribute("aria-pressed") !== "true";
  part("voice").setAttribute("aria-pressed", String(on));
  if (on) speak(word(root.dataset.hint || "fit"));
});
// With scripts the chosen file goes the resumable way; where the browser cannot make a digest (no https), the form is sent.
for (const input of root.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    if (window.crypto && crypto.subtle) choose(input);
    else if (isHeic(input.files[0])) trouble("heic");
    else input.form.submit();
  });
}
// A phone that is put away must not go on filming.
document.addEventListener("visibilitychange", () => {
  if (document.hidden && ["live", "counting"].includes(root.dataset.state)) {
    counting += 1;
    lens.close();
    enter("start");
  } else if (!document.hidden && root.dataset.state === "start") {
    start();
  }
});

const feelLevel = () => watchLevel((tilt) => { sight.tilt = tilt; });
feelLevel().then((given) => { if (!given) root.addEventListener("click", feelLevel, { once: true }); });
root.querySelector(".stage").style.aspectRatio = String(aspect);
drawFrame(part("frame"), frame, aspect);
root.classList.add("is-scripted");
root.querySelectorAll("[data-scripted]").forEach((one) => { one.hidden = false; });
const left = await kept(root.dataset.owner);
if (left) {
  trouble("resumes");
  enter("delivery");
  await delivery.go(left);
} else {
  await start();
}
