// Which one of several hints is told: the most urgent, calmly, so that neither eye nor screen reader is flooded.

const ORDER = [
  "no_face", "two_faces", "hold_upright", "hold_level", "too_dark", "back_light", "too_bright", "closer", "farther", "centre",
  "phone_higher", "phone_lower", "look_straight", "head_upright", "chin", "eyes_closed", "mouth", "one_side", "glare", "ears",
  "backdrop_uneven", "backdrop_colour",
];
const STEADY_MS = 500;
const SILENT_MS = 2500;

/** The most urgent of these names; `otherwise` where nothing is to be said. */
export function mostUrgent(names, otherwise = "ready") {
  return ORDER.find((name) => names.includes(name)) || otherwise;
}

/** Tells a hint only when it has been the same for half a second, and speaks at most every two and a half. */
export class Teller {
  constructor({ show, speak, clock = () => performance.now() }) {
    this.show = show;
    this.speak = speak;
    this.clock = clock;
    this.shown = "";
    this.candidate = "";
    this.since = 0;
    this.spokenAt = -Infinity;
    this.spoken = "";
  }

  hear(name) {
    const now = this.clock();
    if (name !== this.candidate) {
      this.candidate = name;
      this.since = now;
    }
    if (name !== this.shown && (now - this.since >= STEADY_MS || !this.shown)) {
      this.shown = name;
      this.show(name);
    }
    if (this.shown !== this.spoken && now - this.spokenAt >= SILENT_MS) {
      this.spoken = this.shown;
      this.spokenAt = now;
      this.speak(this.shown);
    }
  }
}
