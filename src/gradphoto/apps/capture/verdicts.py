"""The portrait engine of this process, built once, on first use, because its models take a moment to load.

Rendering is shed before verdicts: whoever renders for hours lets the room go first, in whichever process either works.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from django.conf import settings

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force, value_of
from gradphoto.apps.campaigns.settings_keys import BACKDROP, JEWELLERY_RULE, PHOTO_PROFILE
from gradphoto.apps.capture.models import Frame, FrameStatus
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.portrait.assessment import Assessment
from gradphoto.engine.portrait.decode import Rgb, decode
from gradphoto.engine.portrait.finished import assess_finished, is_finished
from gradphoto.engine.portrait.jpeg_header import read_jpeg_header
from gradphoto.engine.portrait.pipeline import Pipeline, process_pipeline, version_with
from gradphoto.engine.portrait.thresholds import calibrated
from gradphoto.engine.standards.profiles import (
    JEWELLERY_STRICT,
    PhotoProfile,
    load_profile,
    with_backdrop,
    with_jewellery,
)

_DUE = timedelta(seconds=20)
"""A verdict that took longer is not coming (the engine ended, the disk is full): nobody waits for it any more."""
_MOST_S, _LOOK_S = 30.0, 0.1
_JPEG = b"\xff\xd8\xff"


def pipeline() -> Pipeline:
    """This process's engine. Raises ``ModelError`` with its remedy when the models are not installed."""
    return process_pipeline()


@functools.cache
def pipeline_version() -> str:
    """Under which version this installation reaches its verdicts: a face-parsing model, where one is installed, is named."""
    return version_with()


def assess(data: bytes, profile: PhotoProfile) -> Assessment:
    """Measure and judge a frame against a profile; one that came finished (R146, R152), by the rules of finished files."""
    return assess_seen(data, profile)[0]


def assess_seen(data: bytes, profile: PhotoProfile) -> tuple[Assessment, Rgb]:
    """The same, with the upright picture on which it was measured (a large one at half or quarter size)."""
    if data.startswith(_JPEG) and is_finished(read_jpeg_header(data), profile):
        return assess_finished(pipeline(), data, profile), decode(data).rgb
    return pipeline().assess_seen(data, profile)


def standard_of(campaign: Campaign) -> PhotoProfile:
    """The profile by which a campaign's photographs are judged: with its own backdrop alone, where it names one (R115), and
    with jewellery as its rules have it (B5).
    """
    profile = with_jewellery(profile_of(value_of(campaign, PHOTO_PROFILE)), value_of(campaign, JEWELLERY_RULE))
    code = backdrop_of(campaign)
    return with_backdrop(profile, code) if code else profile


def backdrop_of(campaign: Campaign) -> str:
    """The code of the colour that the campaign prescribes (``photo.backdrop``), or nothing."""
    rule = in_force(campaign.rule_set, BACKDROP)
    return "" if rule is None else BACKDROP.read(rule.value)


def profile_of(code: str) -> PhotoProfile:
    """The profile by which this installation judges: at a station with the thresholds that its kit brought."""
    own = load_profile(code)
    said = _from_the_centre(code)
    if not said:
        return own
    return replace(
        own, thresholds={**own.thresholds, **{name: float(value) for name, value in said["thresholds"].items()}}
    )


def judgement(code: str) -> dict[str, Any]:
    """What a kit carries so that its station judges as we do: every threshold in force, and what names them.

    A rule that is switched off has the threshold ``inf`` or ``-inf``: JSON has no such number, so it travels as a word.
    """
    own = profile_of(code)
    values = {**calibrated(), **own.thresholds}
    thresholds = {name: value if math.isfinite(value) else str(value) for name, value in values.items()}
    return {"thresholds": thresholds, "windows": _windows(own), "version": rules_version(code)}


def rules_of(campaign: Campaign, profile_code: str) -> str:
    """The version of the rules by which a campaign judges: another backdrop (R115) or jewellery rule (B5) is another one."""
    version, code, jewellery = rules_version(profile_code), backdrop_of(campaign), value_of(campaign, JEWELLERY_RULE)
    own = [one for one in (code, jewellery if jewellery != JEWELLERY_STRICT else "") if one]
    return hashlib.sha256(" ".join([version, *own]).encode()).hexdigest()[:12] if own else version


@functools.cache
def rules_version(profile_code: str) -> str:
    """Twelve hexadecimal digits that change with every threshold and every window of the profile.

    A station whose windows are the centre's judges by the centre's thresholds, and so bears the centre's version.
    """
    if said := _from_the_centre(profile_code):
        return str(said["version"])
    text = json.dumps([dict(calibrated()), asdict(load_profile(profile_code))], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _from_the_centre(code: str) -> dict[str, Any] | None:
    said: dict[str, Any] | None = getattr(settings, "CENTRE_JUDGEMENT", {}).get(code)
    return said if said and said["windows"] == _windows(load_profile(code)) else None


def _windows(profile: PhotoProfile) -> str:
    """Names everything of a profile but its thresholds: sizes and windows come with the software, not with a kit."""
    text = json.dumps({**asdict(profile), "thresholds": None}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def verdicts_due() -> bool:
    """Whether somebody sits before a camera and waits for what the engine says of a frame."""
    since = room_now() - _DUE
    at_work = CaptureSession.objects.filter(status=SessionStatus.OPEN)
    frames = Frame.objects.filter(session__in=at_work, status=FrameStatus.BOUND, arrived_at__gte=since)
    return frames.filter(assessments=None).exists()


def let_verdicts_go_first(most_s: float = _MOST_S, sleep: Callable[[float], object] = time.sleep) -> float:
    """Called between two photographs of a long job: waits as long as verdicts are due, at most ``most_s``. Seconds waited.

    A room that is never done does not stop the rendering for good: one photograph is rendered every ``most_s``.
    """
    begins = time.monotonic()
    while time.monotonic() - begins < most_s and verdicts_due():
        sleep(_LOOK_S)
    return time.monotonic() - begins
