"""The settings a rule set may hold: their keys, types and meaning. Values live in the database with their source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gradphoto.engine.wording import Wording

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Key(Generic[T_co]):
    """A setting: ``name`` as stored, the reader of its JSON value, and what it means to a person."""

    name: str
    read: Callable[[Any], T_co]
    title: Wording


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value)


FEE_FEN = Key("fee.per_person_fen", int, Wording("每人采集费（分）", "Fee per person (fen)"))
PHOTO_PROFILE = Key("photo.profile", str, Wording("图像标准", "Photo profile"))
EXTRA_PROFILES = Key("photo.extra_profiles", _texts, Wording("附加输出", "Further outputs"))
BACKDROP = Key("photo.backdrop", str, Wording("背景色", "Backdrop"))
VERIFY_AFTER_DAYS = Key(
    "verification.earliest_days",
    int,
    Wording("最早开放校对（自然日）", "Earliest verification (calendar days)"),
)
VERIFY_AFTER_WORKDAYS = Key(
    "verification.promised_workdays",
    int,
    Wording("承诺开放校对（工作日）", "Promised verification (working days)"),
)
DATABASE_WORKDAYS = Key(
    "roster.database_workdays",
    int,
    Wording("数据库提前（工作日）", "Database before the session (working days)"),
)
CHECK_MONTHS = Key("delivery.check_months", int, Wording("照片核对期限（月）", "Check of delivered photos (months)"))
IDENTIFICATION = Key("capture.identification", _texts, Wording("身份识别方式", "Ways of identification"))
TEST_REGIONS = Key(
    "identity.test_regions",
    _texts,
    Wording("演示用证件区划代码", "Region codes for demonstration ID numbers"),
)
FULL_TIME_PER_HOUR = Key("schedule.full_time_per_hour", int, Wording("普高每小时人数", "Full-time persons an hour"))
ADULT_PER_HOUR = Key("schedule.adult_per_hour", int, Wording("成教每小时人数", "Adult persons an hour"))
EARLY_MINUTES = Key("schedule.early_minutes", int, Wording("提前到场（分钟）", "Early arrival (minutes)"))
REVIEW_FOUR_EYES = Key("review.four_eyes", _texts, Wording("须两人复核的判定", "Verdicts that two persons review"))
REVIEW_REQUIRED = Key("review.required", _texts, Wording("须复核后才交付的判定", "Verdicts reviewed before delivery"))
PHOTO_NAMES = Key("registration.photo_names", str, Wording("注册照片命名方式", "How registered photographs are named"))

KEYS: dict[str, Key[Any]] = {value.name: value for value in tuple(globals().values()) if isinstance(value, Key)}
