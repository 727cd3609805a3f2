"""``python -m benchmarks.matte``: background work against exact ground truth, and against a neural mask alone.

Scenes are drawn with known alpha (tests/portrait/matte_truth.py) and segmented by the real model. Printed for each:
PSNR in the edge band for white, light blue and grey (ours / the segmentation's mask as alpha), mean absolute error of
alpha there, and milliseconds of one core (CPU time of this process, models not counted) at two sizes.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "portrait"))  # the truth is drawn beside the tests

import matte_truth as truth

from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.matte import replace_background
from gradphoto.engine.portrait.segment import PersonSegmenter

TARGETS = ((255, 255, 255), (100, 197, 255), (240, 240, 240))
LIGHT_BLUE, STUDIO_BLUE, RED = (100, 197, 255), (67, 142, 219), (205, 40, 45)
BLACK, DARK_BROWN, BROWN = (38, 30, 27), (60, 42, 35), (110, 72, 45)
SCENES = (
    ("person_02", "short", BLACK, "gradient", LIGHT_BLUE),
    ("person_12", "none", BLACK, "gradient", LIGHT_BLUE),
    ("person_05", "loose", BLACK, "gradient", LIGHT_BLUE),
    ("person_05", "loose", BROWN, "vignette", LIGHT_BLUE),
    ("person_02", "loose", BLACK, "shadow", STUDIO_BLUE),
    ("person_09", "curls", BLACK, "vignette", LIGHT_BLUE),
    ("person_11", "long", BLACK, "shadow", LIGHT_BLUE),
    ("person_11", "long", DARK_BROWN, "shadow", STUDIO_BLUE),
    ("person_08", "loose", BLACK, "gradient", RED),
    ("person_06", "short", BLACK, "gradient", (235, 235, 235)),
    ("person_03", "short", BLACK, "shadow", (245, 245, 245)),
)
RUNS = 9


def neural_only(rgb, person, target):
    """The mask as alpha, blended in linear light."""
    alpha = person[..., None]
    light = truth.to_light(rgb) * alpha + (1 - alpha) * truth.to_light(np.array(target))
    return np.rint(truth.to_code(light)).astype(np.uint8)


def cpu_ms(rgb, person) -> float:
    """Median CPU time of one replacement."""
    times = []
    for _ in range(RUNS + 1):
        start = time.process_time()
        replace_background(rgb, person, TARGETS[0])
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times[1:])


def main() -> None:
    cv2.setNumThreads(1)
    segmenter = PersonSegmenter(models.load("person_segmentation"))
    print(f"{'scene':44}  dB white    dB blue     dB grey     alpha MAE    ms 480x640  ms 960x1280")
    rows = []
    for sitter, hair, colour, kind, behind in SCENES:
        known = truth.scene(sitter, (480, 640), hair, behind, kind, colour=colour)
        person = segmenter.mask(known.rgb)
        numbers = []
        for target in TARGETS:
            result, wanted = replace_background(known.rgb, person, target), known.truth(target)
            plain = neural_only(known.rgb, person, target)
            numbers += [truth.psnr(picture, wanted, known.edge) for picture in (result.rgb, plain)]
        numbers += [float(np.abs(alpha - known.alpha)[known.edge].mean()) for alpha in (result.alpha, person)]
        numbers.append(cpu_ms(known.rgb, person))
        large = truth.scene(sitter, (960, 1280), hair, behind, kind, colour=colour).rgb
        numbers.append(cpu_ms(large, segmenter.mask(large)))
        rows.append(numbers)
        show(f"{hair} hair {colour}, {kind} {behind}", numbers)
    show("mean", [statistics.mean(column) for column in zip(*rows, strict=True)])


def show(name: str, n: list[float]) -> None:
    decibels = "  ".join(f"{n[i]:4.1f} / {n[i + 1]:4.1f}" for i in (0, 2, 4))
    print(f"{name:44} {decibels}  {n[6]:.3f}/{n[7]:.3f} {n[8]:10.1f} {n[9]:12.1f}", flush=True)


if __name__ == "__main__":
    main()
