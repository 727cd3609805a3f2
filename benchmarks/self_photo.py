"""How long a person waits for the verdict on a 12 MP phone photograph, beside a bare decode of the same file in the same run.

``python -m benchmarks.self_photo [--files 20] [--patterns]``

The files are as a phone makes them: 3024 x 4032 px, a face of 1100 px, grain, quality 92. Timed is all that the server does
between the last byte and the answer, but the database: the proof by the bounded reader, every rule, the hint of a screen or a
print, the copy on which the verdict is drawn. ``--patterns`` prints how far that hint's measure tells photographs of
screens and prints (made by the script) from clean ones.
"""

from __future__ import annotations

import argparse
import io
import os
import time
from collections.abc import Iterator

import numpy as np
import simplejpeg
from PIL import Image

from benchmarks import portrait as camera
from gradphoto.demo.sitters import good_sitters, picture
from gradphoto.engine.portrait.decode import decode_lightness
from gradphoto.engine.portrait.measure import FaceMeasures
from gradphoto.engine.portrait.pipeline import Pipeline
from gradphoto.engine.portrait.rephotographed import HINT_FROM, regular_pattern
from gradphoto.engine.standards.profiles import load_profile

SIZE = (3024, 4032)
FACE_PX = 1100
GOAL_P95_S = 1.5


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--patterns", action="store_true")
    options = parser.parse_args()
    if options.patterns:
        patterns(options.files)
    else:
        run(options.files)


def run(count: int = 20) -> None:
    """Print lines of milliseconds, and say whether the goal is reached."""
    camera._pipeline = Pipeline()
    files = [camera.camera_file(picture(name), SIZE, FACE_PX) for name in good_sitters()[:count]]
    _setup()
    told, bare, spent = [], [], []
    from gradphoto.apps.selfphoto.judging import judge_by

    profile = load_profile("mb2017_99")
    judge_by(files[0], profile)
    for data in files:
        bare.append(_seconds(lambda data=data: simplejpeg.decode_jpeg(data, colorspace="RGB")))
        before = _processor_s()
        told.append(_seconds(lambda data=data: judge_by(data, profile)))
        spent.append(_processor_s() - before)
    p95 = float(np.percentile(told, 95))
    print(f"{len(files)} files of 12 MP, {np.mean([len(data) for data in files]) / 1e6:.1f} MB each")
    print(f"verdict ms: median {np.median(told) * 1000:.0f}, p95 {p95 * 1000:.0f}")
    print(f"processor ms of a verdict, with its reader: median {np.median(spent) * 1000:.0f}")
    print(
        f"bare decode ms: median {np.median(bare) * 1000:.0f}; the verdict is {np.median(told) / np.median(bare):.1f} times it"
    )
    print(f"goal p95 < {GOAL_P95_S * 1000:.0f} ms: {'reached' if p95 < GOAL_P95_S else 'NOT reached'}")


def patterns(count: int) -> None:
    """The measure of clean photographs, and of the same heads photographed from a screen and from a print."""
    camera._pipeline = Pipeline()
    print(f"hint from {HINT_FROM}")
    for kind in ("clean", "screen", "screen turned", "print"):
        found = sorted(_value(data) for data in _photographs(kind, count))
        said = sum(value >= HINT_FROM for value in found)
        print(
            f"{kind:14} n={len(found)} least {found[0]:.1f} median {found[len(found) // 2]:.1f} most {found[-1]:.1f} told {said}"
        )


def _photographs(kind: str, count: int) -> Iterator[bytes]:
    for place, name in enumerate(good_sitters()[:count]):
        clean = camera.camera_file(picture(name), SIZE, FACE_PX)
        yield clean if kind == "clean" else _again(clean, kind, place)


def _again(data: bytes, kind: str, seed: int) -> bytes:
    """The photograph shown on a screen (its pixels of three stripes) or printed in dots, and photographed once more."""
    random = np.random.default_rng(seed)
    shown = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.float32)
    height, width = shown.shape[:2]
    pitch = float(random.uniform(2.6, 5.2))
    angle = np.radians(random.uniform(4, 14) if kind != "screen" else random.uniform(0.3, 2.0))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = x * np.cos(angle) + y * np.sin(angle), -x * np.sin(angle) + y * np.cos(angle)
    if kind == "print":
        dots = np.cos(2 * np.pi * u / pitch) * np.cos(2 * np.pi * v / pitch)
        shown = shown * (1 + 0.10 * dots[..., None])
    else:
        for channel in range(3):
            stripe = np.cos(2 * np.pi * (u / pitch + channel / 3))
            row = np.cos(2 * np.pi * v / pitch)
            shown[..., channel] *= 1 + 0.10 * stripe + 0.05 * row
    out = io.BytesIO()
    Image.fromarray(shown.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=90)
    return out.getvalue()


def _value(data: bytes) -> float:
    assert camera._pipeline is not None
    face = camera._pipeline.assess(data, load_profile("mb2017_99")).measurements.face
    return 0.0 if face is None else regular_pattern(decode_lightness(data), _box(face))


def _box(face: FaceMeasures) -> tuple[float, float, float, float]:
    half, tall = face.face_width_px / 2, face.chin_y_px - face.eye_line_y_px
    return face.centre_x_px - half, face.eye_line_y_px - tall * 0.6, face.centre_x_px + half, face.chin_y_px


def _seconds(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - began


def _processor_s() -> float:
    """Of this process and of the children that ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _setup() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gradphoto.site.settings")
    import django

    django.setup()


if __name__ == "__main__":
    main()
