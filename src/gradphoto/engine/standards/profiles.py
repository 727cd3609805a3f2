"""Photo profiles: what an output must measure, as TOML files that name their source."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A backdrop colour that the profile knows: sRGB and the largest distance that still counts as it."""

    code: str
    title: Wording
    rgb: tuple[int, int, int]
    tolerance: float


@dataclass(frozen=True, slots=True)
class PhotoProfile:
    """One output: size in pixels, geometry as windows in output pixels or as fractions of the picture, file limits."""

    code: str
    title: Wording
    source: str
    effective_from: date
    width_px: int
    height_px: int
    dpi: int
    jpeg_quality_min: int
    jpeg_quality_start: int
    size_min_bytes: int | None = None
    size_max_bytes: int | None = None
    size_aim_bytes: int | None = None
    """The most a file is made to have; ``size_max_bytes`` is the most that is accepted."""
    hair_top_min_px: float | None = None
    hair_top_max_px: float | None = None
    eye_line_min_px: float | None = None
    eye_line_max_px: float | None = None
    face_width_min_px: float | None = None
    face_width_max_px: float | None = None
    head_room_fraction: float | None = None
    head_fraction: float | None = None
    shoulder_fraction: float | None = None
    side_fraction: float | None = None
    backdrops: tuple[Backdrop, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)


class UnknownProfileError(GradPhotoError):
    """No profile of that code comes with the product."""


def profile_codes() -> tuple[str, ...]:
    """The codes of the profiles that come with the product."""
    folder = resources.files(__package__).joinpath("profiles")
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


@functools.cache
def load_profile(code: str) -> PhotoProfile:
    """Read a profile; raises :class:`UnknownProfileError` (``standards.profile``) naming those that exist."""
    if code not in profile_codes():
        raise UnknownProfileError(
            "standards.profile",
            Wording(f"没有图像标准“{code}”。", f"There is no photo profile {code}."),
            Wording(f"可用：{'、'.join(profile_codes())}。", f"Known: {', '.join(profile_codes())}."),
        )
    text = resources.files(__package__).joinpath("profiles", f"{code}.toml").read_text(encoding="utf-8")
    return _read(code, tomllib.loads(text))


DARK_BLUE = Backdrop("dark_blue", Wording("深蓝", "Dark blue"), (0, 71, 157), 60)
"""R115 (处发[2008]71号 二.3) names the colour without figures: the usual dark blue of certificate photographs, our reading."""


@functools.cache
def backdrops() -> Mapping[str, Backdrop]:
    """Every backdrop by its code: those that a standard allows, and the one that only a notice names."""
    found = {one.code: one for code in profile_codes() for one in load_profile(code).backdrops}
    return {**found, DARK_BLUE.code: DARK_BLUE}


OTHER_BACKDROP = 2.0
"""How many tolerances away a colour is another backdrop and no shade of the prescribed one: between light blue in poor
light (1.8) and the next colour that a standard knows (light grey, 2.4)."""


def with_backdrop(profile: PhotoProfile, code: str) -> PhotoProfile:
    """The profile with one backdrop alone, before which every other colour fails; as it is where nobody knows the code."""
    chosen = {one.code: one for one in profile.backdrops}.get(code) or backdrops().get(code)
    if chosen is None:
        return profile
    thresholds = {"backdrop_distance_fail": OTHER_BACKDROP, **profile.thresholds}
    return replace(profile, backdrops=(chosen,), thresholds=thresholds)


JEWELLERY_STRICT, JEWELLERY_LENIENT = "strict", "lenient"
JEWELLERY: Mapping[str, Wording] = {
    JEWELLERY_STRICT: Wording("一律不戴首饰", "none at all"),
    JEWELLERY_LENIENT: Wording("可戴，但不得遮挡", "allowed where it hides nothing"),
}
"""B5: S0 八 bans necklaces, earrings and other jewellery; S2 三.4 wants only that it hides no ear, neck or blemish."""
JEWELLERY_THAT_HIDES = 0.034
"""From which area, in squared eye distances, jewellery can hide something: as large as an ear has to be to count as seen
(``ear_area_review``). Our reading, as S2 names no figure."""


def with_jewellery(profile: PhotoProfile, code: str) -> PhotoProfile:
    """The profile with jewellery strict or lenient (B5); as it is for strict, which is the calibration's own limit."""
    if code != JEWELLERY_LENIENT:
        return profile
    least = max(JEWELLERY_THAT_HIDES, profile.thresholds.get("jewellery_area_review", 0.0))
    return replace(profile, thresholds={**profile.thresholds, "jewellery_area_review": least})


def load_profile_file(path: Path) -> PhotoProfile:
    """A school's own profile; its code is the file's name without suffix.

    Raises :class:`UnknownProfileError`: ``standards.profile_file`` naming the field that is missing, unknown or odd.
    """
    try:
        profile = _read(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (
        OSError,
        UnicodeDecodeError,
        tomllib.TOMLDecodeError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
    ) as fault:
        raise _bad_profile(path, str(fault)) from fault
    for name in ("width_px", "height_px", "dpi", "jpeg_quality_min", "jpeg_quality_start"):
        value = getattr(profile, name)
        if not isinstance(value, int) or not 0 < value <= 20_000:
            raise _bad_profile(path, f"{name} = {value!r}")
    for low, high in (
        ("size_min_bytes", "size_max_bytes"), ("hair_top_min_px", "hair_top_max_px"),
        ("eye_line_min_px", "eye_line_max_px"), ("face_width_min_px", "face_width_max_px"),
        ("jpeg_quality_min", "jpeg_quality_start"),
    ):  # fmt: skip
        least, most = getattr(profile, low), getattr(profile, high)
        if least is not None and most is not None and least > most:
            raise _bad_profile(path, f"{low} {least} > {high} {most}")
    return profile


def _bad_profile(path: Path, fault: str) -> UnknownProfileError:
    return UnknownProfileError(
        "standards.profile_file",
        Wording(f"图像标准文件 {path.name} 有误：{fault}。", f"The profile {path.name} is wrong: {fault}."),
        Wording("请对照自带的 mb2017_99.toml 修改。", "Compare it with mb2017_99.toml, which comes with the product."),
    )


def _read(code: str, values: dict[str, Any]) -> PhotoProfile:
    title, backdrops = values.pop("title"), values.pop("backdrops", [])
    return PhotoProfile(
        code=code, title=Wording(**title), backdrops=tuple(_backdrop(item) for item in backdrops), **values
    )


def _backdrop(item: dict[str, Any]) -> Backdrop:
    red, green, blue = item["rgb"]
    return Backdrop(item["code"], Wording(**item["title"]), (red, green, blue), float(item["tolerance"]))
