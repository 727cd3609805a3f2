"""The portrait engine of this process: built once, on first use, because its models take a moment to load."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import asdict

from gradphoto.engine.portrait.assessment import Assessment
from gradphoto.engine.portrait.finished import assess_finished, is_finished
from gradphoto.engine.portrait.jpeg_header import read_jpeg_header
from gradphoto.engine.portrait.pipeline import Pipeline
from gradphoto.engine.portrait.thresholds import calibrated
from gradphoto.engine.standards.profiles import load_profile

_JPEG = b"\xff\xd8\xff"


@functools.cache
def pipeline() -> Pipeline:
    """This process's engine. Raises ``ModelError`` with its remedy when the models are not installed."""
    return Pipeline()


def assess(data: bytes, profile_code: str) -> Assessment:
    """Measure and judge a frame against a profile; one that came finished (R146, R152), by the rules of finished files."""
    profile = load_profile(profile_code)
    if data.startswith(_JPEG) and is_finished(read_jpeg_header(data), profile):
        return assess_finished(pipeline(), data, profile)
    return pipeline().assess(data, profile)


@functools.cache
def rules_version(profile_code: str) -> str:
    """Twelve hexadecimal digits that change with every threshold and every window of the profile."""
    text = json.dumps([dict(calibrated()), asdict(load_profile(profile_code))], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
