"""The portrait engine of this process: built once, on first use, because its models take a moment to load."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import asdict

from gradphoto.engine.portrait.assessment import Assessment
from gradphoto.engine.portrait.pipeline import Pipeline
from gradphoto.engine.portrait.thresholds import calibrated
from gradphoto.engine.standards.profiles import load_profile


@functools.cache
def pipeline() -> Pipeline:
    """This process's engine. Raises ``ModelError`` with its remedy when the models are not installed."""
    return Pipeline()


def assess(data: bytes, profile_code: str) -> Assessment:
    """Measure and judge a frame against a profile."""
    return pipeline().assess(data, load_profile(profile_code))


@functools.cache
def rules_version(profile_code: str) -> str:
    """Twelve hexadecimal digits that change with every threshold and every window of the profile."""
    text = json.dumps([dict(calibrated()), asdict(load_profile(profile_code))], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
