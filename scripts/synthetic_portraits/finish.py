"""Turn the renders into the demo's JPEGs: a light denoise, the planted defects, the truth of each in manifest.toml.

Usage: python finish.py RENDERS_DIR OUT_DIR (needs opencv-python-headless)
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

BACKDROP_BGR = (255, 197, 100)


def defects(faces: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The defects that need no rendering of their own."""
    first, second, third = faces["person_03"], faces["person_05"], faces["person_07"]
    height, width = first.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height * 0.45), 13, 1.0)
    two = np.concatenate([cv2.resize(faces[n], (width // 2, height // 2)) for n in ("person_09", "person_11")], axis=1)
    below = np.full((height - height // 2, width, 3), BACKDROP_BGR, np.uint8)
    return {
        "defect_roll": cv2.warpAffine(first, turn, (width, height), borderValue=BACKDROP_BGR),
        "defect_blur": cv2.GaussianBlur(second, (0, 0), 6),
        "defect_dark": (third * 0.28).astype(np.uint8),
        "defect_two_people": np.concatenate([below, two]),
        "defect_no_face": np.full_like(first, BACKDROP_BGR),
    }


def truth(name: str) -> dict[str, object]:
    """What is known of a picture because we made it."""
    kind = name.removeprefix("defect_").rstrip("_12") if name.startswith("defect_") else ""
    return {
        "faces": {"two_people": 2, "no_face": 0}.get(kind, 1),
        "eyes": "closed" if kind == "closed_eyes" else "open",
        "yaw_deg": 30.0 if kind == "yaw" else 0.0,
        "roll_deg": 13.0 if kind == "roll" else 0.0,
        "defect": kind,
    }


def main(renders: Path, out: Path) -> None:
    pictures = {path.stem: cv2.imread(str(path), cv2.IMREAD_COLOR) for path in sorted(renders.glob("*.png"))}
    pictures = {name: cv2.fastNlMeansDenoisingColored(image, None, 2, 2, 5, 11) for name, image in pictures.items()}
    pictures |= defects(pictures)
    lines = ["# The truth of each picture, known because the project made it (scripts/synthetic_portraits).\n"]
    for name, image in sorted(pictures.items()):
        cv2.imwrite(str(out / f"{name}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 90])
        lines.append(f'["{name}.jpg"]')
        for key, value in truth(name).items():
            lines.append(f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}")
        lines.append("")
    (out / "manifest.toml").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
