"""The portrait engine of this process: built once, on first use, because its models take a moment to load."""

from __future__ import annotations

import functools

from gradphoto.engine.portrait.assessment import Assessment
from gradphoto.engine.portrait.pipeline import Pipeline
from gradphoto.engine.standards.profiles import load_profile


@functools.cache
def pipeline() -> Pipeline:
    """This process's engine. Raises ``ModelError`` with its remedy when the models are not installed."""
    return Pipeline()


def assess(data: bytes, profile_code: str) -> Assessment:
    """Measure and judge a frame against a profile."""
    return pipeline().assess(data, load_profile(profile_code))
