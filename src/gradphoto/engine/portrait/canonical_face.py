"""The upright average face that a head's pose is measured against.

It travels inside ``face_landmarker.task`` as a small protocol buffer (mesh vertices x y z u v, and the weighted
landmarks that hold still when a face moves); four field numbers are all we need, so it is read here directly.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_MESH, _STILL_LANDMARKS = 1, 2
_VERTEX_BUFFER = 3
_LANDMARK_ID, _WEIGHT = 1, 2
_FLOATS_PER_VERTEX = 5

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CanonicalFace:
    """``points``: n x 3 (x to the picture's right, y up, z towards the camera); ``ids``: their landmark numbers."""

    ids: npt.NDArray[np.intp]
    points: Float64
    weights: Float64


def read_canonical_face(data: bytes) -> CanonicalFace:
    """The still landmarks of the canonical face, with their weights."""
    floats: list[float] = []
    still: list[tuple[int, float]] = []
    for field, value in _fields(data):
        if field == _MESH and isinstance(value, bytes):
            floats = [v for f, v in _fields(value) if f == _VERTEX_BUFFER and isinstance(v, float)]
        elif field == _STILL_LANDMARKS and isinstance(value, bytes):
            entry = dict(_fields(value))
            still.append((int(entry.get(_LANDMARK_ID, 0)), float(entry[_WEIGHT])))
    vertices = np.array(floats).reshape(-1, _FLOATS_PER_VERTEX)[:, :3]
    ids = np.array([landmark for landmark, _ in still], dtype=np.intp)
    return CanonicalFace(ids, vertices[ids], np.array([weight for _, weight in still]))


def _fields(data: bytes) -> Iterator[tuple[int, int | float | bytes]]:
    """Field number and value of each entry of a protocol buffer message."""
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        field, kind = key >> 3, key & 7
        if kind == 0:
            number, position = _varint(data, position)
            yield field, number
        elif kind == 2:
            length, position = _varint(data, position)
            yield field, data[position : position + length]
            position += length
        elif kind == 5:
            yield field, struct.unpack_from("<f", data, position)[0]
            position += 4
        else:
            raise ValueError(f"protocol buffer field of kind {kind}")


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
