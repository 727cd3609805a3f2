// What landmarks and blendshapes of MediaPipe's face model tell of the sitter. Pure: numbers in, names of hints out.
// Coordinates are fractions of the shown picture; the frame is what the profile wants (shapeOf in frame.js).

const POINT = { forehead: 10, chin: 152, right: 234, left: 454, rightIris: 468, leftIris: 473 };
const DEGREES = 180 / Math.PI;
const LIMITS = {
  small: 0.55, large: 1.25, // width of the face, of the wanted one
  high: 0.055, aside: 0.07, // how far the eyes may stand off, of the picture's height and width
  roll: 5, yaw: 9, pitch: 13, // degrees
  blink: 0.5, jaw: 0.3, // blendshapes, 0 to 1
  ear: 46, // how far the colour beside the face is from the cheek's
};

/** Numbers of one face. `aspect` is width by height of the shown picture. */
export function measureFace(points, blendshapes, matrix, aspect) {
  const [right, left] = [points[POINT.rightIris], points[POINT.leftIris]];
  const shape = Object.fromEntries((blendshapes || []).map((one) => [one.categoryName, one.score]));
  return {
    width: Math.abs(points[POINT.left].x - points[POINT.right].x),
    eyes: (right.y + left.y) / 2,
    centre: (right.x + left.x) / 2,
    roll: Math.atan2(left.y - right.y, (left.x - right.x) * aspect) * DEGREES,
    ...turnsOf(matrix),
    blink: Math.max(shape.eyeBlinkLeft || 0, shape.eyeBlinkRight || 0),
    jaw: shape.jawOpen || 0,
  };
}

/** Yaw and pitch in degrees of the head's column-major 4×4 matrix. */
function turnsOf(matrix) {
  if (!matrix || matrix.length < 16) return { yaw: 0, pitch: 0 };
  return {
    yaw: Math.atan2(matrix[8], matrix[10]) * DEGREES,
    pitch: Math.atan2(-matrix[9], Math.hypot(matrix[8], matrix[10])) * DEGREES,
  };
}

/** Which ears are hidden: beside the face there is neither skin like the cheek's. Hair, scarf or backdrop look different. */
export function hiddenEars(points, colourAt) {
  const width = points[POINT.left].x - points[POINT.right].x;
  const y = (points[POINT.rightIris].y + points[POINT.chin].y * 0.45) / 1.45;
  const sides = [[points[POINT.right], -1], [points[POINT.left], 1]];
  return sides.filter(([edge, outwards]) => {
    const cheek = colourAt(edge.x - outwards * width * 0.14, y);
    return ![0.02, 0.045, 0.07].some((far) => distance(colourAt(edge.x + outwards * width * far, edge.y), cheek) < LIMITS.ear);
  }).length;
}

const distance = (one, other) => Math.hypot(...one.map((value, index) => value - other[index]));

/** Names of hints of what was found: `faces` measured ones, and the frame. */
export function faceHints(faces, shape, ears = 0) {
  if (!faces.length) return ["no_face"];
  if (faces.length > 1) return ["two_faces"];
  const [face] = faces;
  const said = [];
  const size = face.width / shape.faceWidth;
  if (size < LIMITS.small) said.push("closer");
  else if (size > LIMITS.large) said.push("farther");
  if (Math.abs(face.centre - 0.5) > LIMITS.aside) said.push("centre");
  else if (face.eyes - shape.eyes > LIMITS.high) said.push("phone_lower");
  else if (shape.eyes - face.eyes > LIMITS.high) said.push("phone_higher");
  if (Math.abs(face.yaw) > LIMITS.yaw) said.push("look_straight");
  if (Math.abs(face.roll) > LIMITS.roll) said.push("head_upright");
  if (Math.abs(face.pitch) > LIMITS.pitch) said.push("chin");
  if (face.blink > LIMITS.blink) said.push("eyes_closed");
  if (face.jaw > LIMITS.jaw) said.push("mouth");
  if (ears) said.push("ears");
  return said;
}
