// The camera: opened, switched, and asked for a still as large as the device gives.

const PHOTO_WAIT_MS = 6000;
const JPEG_QUALITY = 0.95;
const MOST = { width: { ideal: 4096 }, height: { ideal: 3072 } };

/** Why no camera can be opened here, as the name of a sentence; empty where one may be tried. */
export function obstacle() {
  if (!window.isSecureContext) return "no_secure";
  if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return "no_support";
  return "";
}

/** The name of the sentence for what getUserMedia refused with. */
export function refusalOf(error) {
  return { NotAllowedError: "no_permission", SecurityError: "no_permission", NotFoundError: "no_camera",
    OverconstrainedError: "no_camera", NotReadableError: "camera_busy", AbortError: "camera_busy" }[error.name] || "no_support";
}

export class Lens {
  constructor(video) {
    this.video = video;
    this.stream = null;
    this.facing = "environment";
  }

  /** Open the wanted camera, the back one first; the other where there is no such one. */
  async open(facing = this.facing) {
    this.close();
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...MOST, facingMode: { ideal: facing } } });
    const settings = this.track.getSettings();
    this.facing = settings.facingMode || facing;
    this.video.srcObject = this.stream;
    await this.video.play();
  }

  /** Whether the device has another camera to switch to. */
  async hasOther() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((one) => one.kind === "videoinput").length > 1;
  }

  async turn() {
    await this.open(this.facing === "environment" ? "user" : "environment");
  }

  close() {
    if (this.stream) this.stream.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
  }

  get track() {
    return this.stream.getVideoTracks()[0];
  }

  get isOpen() {
    return Boolean(this.stream) && this.track.readyState === "live";
  }

  /**
   * One still: { blob, how }. The sensor's own photograph where the browser gives it as JPEG, with its EXIF untouched; else
   * the picture of the stream at its full size. `how` says which on record.
   */
  async still() {
    return (await this.photograph()) || this.drawn();
  }

  async photograph() {
    if (!("ImageCapture" in window)) return null;
    try {
      const capture = new ImageCapture(this.track);
      const able = await soon(capture.getPhotoCapabilities());
      const wanted = {};
      if (able.imageWidth && able.imageWidth.max) wanted.imageWidth = able.imageWidth.max;
      if (able.imageHeight && able.imageHeight.max) wanted.imageHeight = able.imageHeight.max;
      if (able.fillLightMode && able.fillLightMode.includes("off")) wanted.fillLightMode = "off";
      const blob = await soon(capture.takePhoto(wanted));
      if (blob.type !== "image/jpeg") return null;
      const size = await sizeOf(blob);
      // Some devices answer with a thumbnail of the stream: then the stream itself is better.
      if (size.width * size.height < this.video.videoWidth * this.video.videoHeight) return null;
      return { blob, how: `take_photo ${size.width}x${size.height} ${this.facing}` };
    } catch {
      return null;
    }
  }

  async drawn() {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [this.video.videoWidth, this.video.videoHeight];
    canvas.getContext("2d").drawImage(this.video, 0, 0);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", JPEG_QUALITY); });
    return { blob, how: `canvas ${canvas.width}x${canvas.height} ${this.facing}` };
  }
}

async function sizeOf(blob) {
  const picture = await createImageBitmap(blob);
  const size = { width: picture.width, height: picture.height };
  picture.close();
  return size;
}

/** Some drivers never answer: what takes too long has failed. */
function soon(promise) {
  return Promise.race([
    promise,
    new Promise((_, refuse) => { setTimeout(() => refuse(new Error("no answer")), PHOTO_WAIT_MS); }),
  ]);
}
