"""Whether the light on a face comes from one side.

Lamps that stand a little apart light the outer cheeks differently on any head: they turn away from each other. Beside the nose both
cheeks face the camera, and what differs there is the light. Skin also shines, dark skin most; gloss is white, so it adds the same
to every channel, and the difference of red and blue light is free of it (the diffuse part alone).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait.canvas import EYES_PX, FaceCanvas
from gradphoto.engine.portrait.ranks import middle
from gradphoto.engine.portrait.tone import linear

# Right and left: the cheek below the eye, the fold beside the nose's wing, the flank of the nose. Of 28 mirrored places these three differ
# least on real faces under even light and most under a lamp at one side.
_PAIRS = ((118, 347), (203, 423), (142, 371))
_RADIUS_PX = 0.07 * EYES_PX
# Light (0 to 1) of red over blue below which it says nothing (a grey picture, one that is much too dark), and its least share of the
# red light: skin has 0.4 to 0.7, less is a cold cast, in which the difference of two large numbers is noise.
_COLOUR_FLOOR, _COLOUR_SHARE = 0.006, 0.33
_LIGHT_FLOOR = 1e-4
# One stop less light takes so much L* from a skin of L* 60.
_L_PER_STOP = 15.7
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])


def light_balance(canvas: FaceCanvas) -> float:
    """Light on the person's right cheek over that on the left, in stops, told as the L* that makes on a middle skin (15.7 a stop).

    A difference in L* itself would be smaller on dark skin for the same lamps.
    """
    sides = np.array([[_patch(canvas, number) for number in pair] for pair in _PAIRS])
    colour = sides[..., 0] - sides[..., 2]
    telling = bool((colour >= np.maximum(_COLOUR_FLOOR, _COLOUR_SHARE * sides[..., 0])).all())
    seen = colour if telling else np.maximum(sides @ _WEIGHTS, _LIGHT_FLOOR)
    stops = float(np.log2(seen[:, 0] / seen[:, 1]).mean())
    return stops * _L_PER_STOP


def _patch(canvas: FaceCanvas, number: int) -> npt.NDArray[np.float64]:
    """Median linear red, green and blue (0 to 1) round a landmark; black where it lies outside the canvas."""
    x, y = (float(at) for at in canvas.points[number])
    box = canvas.box(x - _RADIUS_PX, y - _RADIUS_PX, x + _RADIUS_PX + 1, y + _RADIUS_PX + 1)
    pixels = canvas.rgb[box].reshape(-1, 3)
    if pixels.size == 0:
        return np.zeros(3)
    return linear(np.array([middle(channel) for channel in pixels.T]))
