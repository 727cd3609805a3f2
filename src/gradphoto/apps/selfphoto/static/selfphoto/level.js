// Whether the phone is held upright and level, from the direction of gravity. Android and iOS count with opposite signs; a
// quotient of two of them is the same on both.

const DEGREES = 180 / Math.PI;
const LIMITS = { roll: 6, pitch: 18 };

/** How far the phone leans: roll to one side (signed), pitch forwards or backwards (unsigned), in degrees. */
export function tiltOf(gravity, screenAngle = 0) {
  const turned = ((screenAngle % 360) + 360) % 360;
  const [across, along] = {
    0: [gravity.x, gravity.y], 90: [-gravity.y, gravity.x], 180: [-gravity.x, -gravity.y], 270: [gravity.y, -gravity.x],
  }[turned] || [gravity.x, gravity.y];
  const roll = Math.abs(along) < 0.5 && Math.abs(across) < 0.5 ? 0 : Math.atan(across / (along || 1e-6)) * DEGREES;
  const pitch = Math.atan2(Math.abs(gravity.z), Math.hypot(gravity.x, gravity.y)) * DEGREES;
  return { roll, pitch };
}

/** Names of hints of a leaning phone. */
export function levelHints(tilt) {
  if (!tilt) return [];
  if (tilt.pitch > LIMITS.pitch) return ["hold_upright"];
  return Math.abs(tilt.roll) > LIMITS.roll ? ["hold_level"] : [];
}

/** Listen to the phone's sense of gravity. Returns whether it is given: iOS gives it only by a tap, and asks its owner first. */
export async function watchLevel(told) {
  if (!("DeviceMotionEvent" in window)) return false;
  if (typeof DeviceMotionEvent.requestPermission === "function") {
    const answer = await DeviceMotionEvent.requestPermission().catch(() => "denied");
    if (answer !== "granted") return false;
  }
  window.addEventListener("devicemotion", (event) => {
    const gravity = event.accelerationIncludingGravity;
    if (!gravity || gravity.x === null || gravity.y === null || gravity.z === null) return;
    told(tiltOf(gravity, screen.orientation ? screen.orientation.angle : 0));
  });
  return true;
}
