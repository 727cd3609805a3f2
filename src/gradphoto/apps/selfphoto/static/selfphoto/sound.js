// What is heard: the beeps of the timer, and the hints read aloud for somebody who cannot see the screen of the back camera.

let context = null;

/** Must be called by a tap once, or the browser stays silent. */
export function allowSound() {
  const Kind = window.AudioContext || window.webkitAudioContext;
  if (!context && Kind) context = new Kind();
  if (context && context.state === "suspended") context.resume();
}

export function beep(last = false) {
  if (!context || context.state !== "running") return;
  const [tone, loudness] = [context.createOscillator(), context.createGain()];
  tone.frequency.value = last ? 1320 : 880;
  loudness.gain.setValueAtTime(0.15, context.currentTime);
  loudness.gain.exponentialRampToValueAtTime(0.001, context.currentTime + (last ? 0.5 : 0.15));
  tone.connect(loudness).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.6);
}

export const canSpeak = () => "speechSynthesis" in window && "SpeechSynthesisUtterance" in window;

export function speak(text) {
  if (!canSpeak()) return;
  speechSynthesis.cancel();
  const said = new SpeechSynthesisUtterance(text);
  said.lang = document.documentElement.lang === "en" ? "en" : "zh-CN";
  speechSynthesis.speak(said);
}
