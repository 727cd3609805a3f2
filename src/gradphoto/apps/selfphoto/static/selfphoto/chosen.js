// A file that the person chose: kept byte for byte, but HEIC, which the server does not read. Where the browser can decode
// it, it is turned into JPEG on the device, and the record says so.

const JPEG_QUALITY = 0.95;

export const isHeic = (file) => /hei[cf]/i.test(file.type) || /\.hei[cf]s?$/i.test(file.name);

/** { blob, how, converted } of the chosen file; raises where a HEIC cannot be decoded here. */
export async function originalOf(file) {
  if (!isHeic(file)) return { blob: file, how: "file", converted: false };
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height];
  canvas.getContext("2d").drawImage(picture, 0, 0);
  picture.close();
  const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", JPEG_QUALITY); });
  return { blob, how: `file, HEIC to JPEG on the device ${canvas.width}x${canvas.height}`, converted: true };
}
