// Looks at the preview several times a second and says which hint is due: level, light and, where the model is loaded, the face.

import { faceHints, hiddenEars, measureFace } from "./face.js";
import { shapeOf, shownPart } from "./frame.js";
import { mostUrgent } from "./hints.js";
import { levelHints } from "./level.js";
import { lightHints, measureLight } from "./light.js";

const SIGHT_WIDTH = 480; // the face model needs no more
const SMALL = 8; // light is measured on every eighth pixel of it
const PAUSE_MS = 250;
const REST = 2; // a slow phone rests at least as long again as it looked

export class Sight {
  constructor(video, frame, aspect, backdrops, heard) {
    Object.assign(this, { video, aspect, backdrops, heard });
    this.shape = shapeOf(frame);
    this.tilt = null;
    this.watch = null; // watcher.js, once it is loaded
    this.canvas = canvasOf(SIGHT_WIDTH, Math.round(SIGHT_WIDTH / aspect));
    this.small = canvasOf(SIGHT_WIDTH / SMALL, Math.round(SIGHT_WIDTH / aspect / SMALL));
    this.timer = 0;
  }

  start() {
    this.stop();
    const again = () => {
      const began = performance.now();
      if (this.video.videoWidth) this.heard(this.look(began));
      const took = performance.now() - began;
      this.timer = setTimeout(again, Math.max(PAUSE_MS, took * REST));
    };
    again();
  }

  stop() {
    clearTimeout(this.timer);
  }

  /** The most urgent hint of this moment. */
  look(now) {
    const { video, canvas, small } = this;
    const part = shownPart(video.videoWidth, video.videoHeight, this.aspect);
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(video, part.x, part.y, part.width, part.height, 0, 0, canvas.width, canvas.height);
    const finePen = small.getContext("2d", { willReadFrequently: true });
    finePen.drawImage(canvas, 0, 0, small.width, small.height);
    const pixels = finePen.getImageData(0, 0, small.width, small.height).data;
    const light = lightHints(measureLight(pixels, small.width, small.height, this.shape), this.backdrops);
    const said = [...levelHints(this.tilt), ...light];
    if (this.watch) said.push(...this.faces(pen, now));
    return mostUrgent(said, this.watch ? "ready" : "fit");
  }

  faces(pen, now) {
    const { canvas } = this;
    const found = this.watch(canvas, now);
    const measured = found.map((one) => measureFace(one.points, one.blendshapes, one.matrix, this.aspect));
    const colourAt = (x, y) => {
      const [column, row] = [Math.round(x * canvas.width) - 2, Math.round(y * canvas.height) - 2];
      return meanOf(pen.getImageData(column, row, 5, 5).data);
    };
    const ears = found.length === 1 ? hiddenEars(found[0].points, colourAt) : 0;
    return faceHints(measured, this.shape, ears);
  }
}

function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  return canvas;
}

function meanOf(pixels) {
  const sum = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += 4) for (let part = 0; part < 3; part += 1) sum[part] += pixels[at + part];
  return sum.map((value) => value / (pixels.length / 4));
}
