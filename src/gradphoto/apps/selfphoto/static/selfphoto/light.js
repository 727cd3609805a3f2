// What the preview tells of light and backdrop without any model. Pure: pixels in, numbers and names of hints out.
// The limits are for help only and wider than the server's: its verdict counts, not this one.

const LIMITS = {
  dark: 68, // mean brightness of the face, 0 to 255
  bright: 224,
  clipped: 0.06, // share of the face that is white
  sides: 42, // difference of the face's halves
  behind: 95, // the backdrop is so much brighter than a rather dark face
  uneven: 22, // spread of the backdrop's brightness
};

const brightness = (r, g, b) => 0.299 * r + 0.587 * g + 0.114 * b;

/** Numbers of the shown picture: RGBA bytes, its size, and where the frame's face is (shapeOf). */
export function measureLight(pixels, width, height, shape) {
  const face = { n: 0, sum: 0, clipped: 0, left: 0, leftN: 0, right: 0, rightN: 0 };
  const behind = { n: 0, sum: 0, squares: 0, r: 0, g: 0, b: 0 };
  const reach = (shape.right - shape.left) / 2;
  const upper = shape.eyes - (shape.chin - shape.eyes) * 0.35;
  const lower = shape.chin - (shape.chin - shape.eyes) * 0.15;
  for (let row = 0; row < height; row += 1) {
    const y = (row + 0.5) / height;
    for (let column = 0; column < width; column += 1) {
      const x = (column + 0.5) / width;
      const at = (row * width + column) * 4;
      const [r, g, b] = [pixels[at], pixels[at + 1], pixels[at + 2]];
      const value = brightness(r, g, b);
      const aside = Math.abs(x - 0.5);
      if (y > upper && y < lower && aside < reach * 0.7) {
        face.n += 1;
        face.sum += value;
        if (value > 250) face.clipped += 1;
        if (x < 0.5) { face.left += value; face.leftN += 1; } else { face.right += value; face.rightN += 1; }
      } else if (y < shape.eyes && (aside > reach * 1.75 || y < shape.top * 0.6)) {
        behind.n += 1;
        behind.sum += value;
        behind.squares += value * value;
        behind.r += r; behind.g += g; behind.b += b;
      }
    }
  }
  const mean = behind.sum / behind.n;
  return {
    face: face.sum / face.n,
    clipped: face.clipped / face.n,
    sides: Math.abs(face.left / face.leftN - face.right / face.rightN),
    backdrop: {
      mean, rgb: [behind.r / behind.n, behind.g / behind.n, behind.b / behind.n],
      spread: Math.sqrt(Math.max(0, behind.squares / behind.n - mean * mean)),
    },
  };
}

/** Names of hints, the most urgent first. `backdrops`: what the rule allows; empty where every colour may do. */
export function lightHints(seen, backdrops = []) {
  const said = [];
  if (seen.face < 110 && seen.backdrop.mean - seen.face > LIMITS.behind) said.push("back_light");
  else if (seen.face < LIMITS.dark) said.push("too_dark");
  else if (seen.face > LIMITS.bright) said.push("too_bright");
  if (seen.clipped > LIMITS.clipped && !said.includes("too_bright")) said.push("glare");
  if (seen.sides > LIMITS.sides) said.push("one_side");
  if (seen.backdrop.spread > LIMITS.uneven) said.push("backdrop_uneven");
  else if (backdrops.length && !backdrops.some((one) => isNear(seen.backdrop.rgb, one))) said.push("backdrop_colour");
  return said;
}

/** Whether a colour is a shade of the wanted one. A phone's white balance is not the studio's: twice the tolerance. */
function isNear(rgb, wanted) {
  const far = Math.hypot(...rgb.map((value, index) => value - wanted.rgb[index]));
  return far <= wanted.tolerance * 2;
}
