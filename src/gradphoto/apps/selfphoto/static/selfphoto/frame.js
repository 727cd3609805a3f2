// The profile's frame over the preview: where head, eyes and shoulders belong. Numbers come from the server as fractions of
// the picture (docs/self-photo.md); a window [from, to] is drawn by its middle.

const SVG = "http://www.w3.org/2000/svg";
const UNITS = 1000;

const middle = (value) => (Array.isArray(value) ? (value[0] + value[1]) / 2 : value);

/** Numbers of the drawing, as fractions of width and height of the picture. */
export function shapeOf(frame) {
  const faceWidth = middle(frame.face_width);
  return {
    top: middle(frame.head_top), eyes: middle(frame.eye_line), chin: middle(frame.chin), shoulders: middle(frame.shoulders),
    left: 0.5 - faceWidth / 2, right: 0.5 + faceWidth / 2, faceWidth,
  };
}

/** Draw it into an empty <svg>; aspect is width by height of the picture. */
export function drawFrame(svg, frame, aspect) {
  const shape = shapeOf(frame);
  const height = UNITS / aspect;
  svg.setAttribute("viewBox", `0 0 ${UNITS} ${height.toFixed(0)}`);
  const x = (share) => share * UNITS;
  const y = (share) => share * height;
  // A head is as wide as the face and the hair beside it.
  const reach = (shape.right - shape.left) / 2 * 1.12;
  const head = { cx: x(0.5), cy: y((shape.top + shape.chin) / 2), rx: x(reach), ry: y((shape.chin - shape.top) / 2) };
  const neck = x(reach * 0.5);
  const body = `M ${x(0.04)} ${height} C ${x(0.06)} ${y(shape.shoulders + 0.04)}, ${x(0.24)} ${y(shape.shoulders)}, `
    + `${x(0.5) - neck} ${y(shape.shoulders - 0.02)} L ${x(0.5) - neck} ${y(shape.chin - 0.03)} `
    + `M ${x(0.5) + neck} ${y(shape.chin - 0.03)} L ${x(0.5) + neck} ${y(shape.shoulders - 0.02)} `
    + `C ${x(0.76)} ${y(shape.shoulders)}, ${x(0.94)} ${y(shape.shoulders + 0.04)}, ${x(0.96)} ${height}`;
  const eyes = `M ${x(shape.left)} ${y(shape.eyes)} L ${x(shape.right)} ${y(shape.eyes)}`;
  svg.replaceChildren(
    // Each line twice, dark below light, so that it is seen on every backdrop.
    ...["under", "over"].flatMap((layer) => [
      line("ellipse", { ...head, class: layer }),
      line("path", { d: body, class: layer }),
      line("path", { d: eyes, class: `${layer} eyes` }),
    ]),
  );
}

function line(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** The part of a picture of this size that a box of this aspect shows when it is filled: pixels of the picture. */
export function shownPart(width, height, aspect) {
  const wide = Math.min(width, height * aspect);
  const tall = wide / aspect;
  return { x: (width - wide) / 2, y: (height - tall) / 2, width: wide, height: tall };
}
