"""Where the rules break: this engine's calibration, overruled by what a profile names itself."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

from gradphoto.engine.standards.profiles import PhotoProfile


@functools.cache
def calibrated() -> Mapping[str, float]:
    """Every threshold by name, from ``thresholds.toml`` beside this module."""
    text = resources.files(__package__).joinpath("thresholds.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: float(value) for name, value in tomllib.loads(text).items()})


def threshold(profile: PhotoProfile, name: str) -> float:
    """The profile's own value, or the calibrated one. Raises ``KeyError`` for a name no rule knows."""
    return float(profile.thresholds.get(name, calibrated()[name]))
