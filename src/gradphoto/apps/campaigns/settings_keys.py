"""The settings a rule set may hold: their keys, types and meaning. Values live in the database with their source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from gradphoto.engine.standards.deadlines import Kind
from gradphoto.engine.wording import Wording

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Key(Generic[T_co]):
    """A setting: ``name`` as stored, the reader of its JSON value, what it means to a person; a deadline has a unit.

    ``default`` is the stored value that a rule set means which does not say; ``None`` where it has to say.
    """

    name: str
    read: Callable[[Any], T_co]
    title: Wording
    unit: Kind | None = None
    default: Any = None


def texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value)


def table(value: Any) -> dict[str, str]:
    return {str(key): str(item) for key, item in dict(value).items()}


def yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def month_days(value: Any) -> tuple[str, ...]:
    """The first and the last day of a time of the year, each as month-day (``10-09``)."""
    first, last = texts(value)
    for one in (first, last):
        date.fromisoformat(f"2024-{one}")
    return first, last


def least_and_most(value: Any) -> tuple[str, ...]:
    """Two whole numbers from 0 on, the smaller first."""
    least, most = texts(value)
    if not 0 <= int(least) <= int(most):
        raise ValueError(f"{least} to {most} is no span")
    return least, most


FEE_FEN = Key("fee.per_person_fen", int, Wording("每人采集费（分）", "Fee per person (fen)"))
FEE_CHANNELS = Key("fee.channels", texts, Wording("收费方式", "Ways of taking the fee"))
FEE_GATEWAY = Key("fee.gateway", str, Wording("网上支付网关", "Online payment gateway"))
FEE_BEFORE_LIST = Key(
    "fee.paid_before_listed",
    yes_or_no,
    Wording("未缴费者不列入拍摄名单", "Unpaid students are not on the shooting list"),
)
PHOTO_PROFILE = Key("photo.profile", str, Wording("图像标准", "Photo profile"))
EXTRA_PROFILES = Key("photo.extra_profiles", texts, Wording("附加输出", "Further outputs"))
BACKDROP = Key("photo.backdrop", str, Wording("背景色", "Backdrop"))
NEW_BACKGROUND = Key(
    "photo.new_background", str, Wording("允许更换背景为（无此项则不更换）", "Backdrop may be replaced by (else never)")
)
VERIFY_AFTER_DAYS = Key(
    "verification.earliest_days",
    int,
    Wording("最早开放校对（自然日）", "Earliest verification (calendar days)"),
    Kind.CALENDAR_DAYS,
)
VERIFY_AFTER_WORKDAYS = Key(
    "verification.promised_workdays",
    int,
    Wording("承诺开放校对（工作日）", "Promised verification (working days)"),
    Kind.WORKING_DAYS,
)
DATABASE_WORKDAYS = Key(
    "roster.database_workdays",
    int,
    Wording("数据库提前（工作日）", "Database before the session (working days)"),
    Kind.WORKING_DAYS,
)
CHECK_MONTHS = Key(
    "delivery.check_months",
    int,
    Wording("照片核对期限（月）", "Check of delivered photos (months)"),
    Kind.MONTHS,
)
DELIVERY_DAYS = Key(
    "delivery.cycle_days",
    int,
    Wording("照片、图像信息卡交付周期（自然日）", "Delivery of photos and cards (calendar days)"),
    Kind.CALENDAR_DAYS,
)
ADMISSION_FORM_COPIES = Key(
    "roster.admission_form_copies",
    int,
    Wording("录取信息更正审批表（份）", "Approvals for correcting admission information (copies)"),
)
STATUS_FORM_COPIES = Key(
    "roster.status_form_copies",
    int,
    Wording("学籍信息更正审批表（份）", "Approvals for correcting student-status information (copies)"),
)
SIGNING_DAYS = Key(
    "roster.signing_days",
    int,
    Wording("本人核对码有效期（天）", "Student's personal code is good for (days)"),
)
IDENTIFICATION = Key("capture.identification", texts, Wording("身份识别方式", "Ways of identification"))
TEST_REGIONS = Key(
    "identity.test_regions",
    texts,
    Wording("演示用证件区划代码", "Region codes for demonstration ID numbers"),
    default=(),
)
FULL_TIME_PER_HOUR = Key("schedule.full_time_per_hour", int, Wording("普高每小时人数", "Full-time persons an hour"))
ADULT_PER_HOUR = Key("schedule.adult_per_hour", int, Wording("成教每小时人数", "Adult persons an hour"))
FULL_TIME_MOST = Key("schedule.full_time_most", int, Wording("普高每台每小时最多", "Full-time, at most an hour"))
ADULT_MOST = Key("schedule.adult_most", int, Wording("成教每台每小时最多", "Adult, at most an hour"))
SEASON_WINDOW = Key("schedule.season_window", month_days, Wording("集中采集季（月-日）", "Season (month-day)"))
MAKE_UP_SPECIAL_ONLY = Key(
    "makeup.special_reasons_only", yes_or_no, Wording("仅限特殊原因补拍", "Make-up for special reasons only")
)
MAKE_UP_WINDOW = Key("schedule.make_up_window", month_days, Wording("补拍时段（月-日）", "Make-up season (month-day)"))
REPORT_DAYS = Key(
    "schedule.report_days",
    least_and_most,
    Wording("人数上报提前（天，最少/最多）", "Headcount report ahead (days, least/most)"),
)
ERRATA_ROUTES = Key("errata.routes", table, Wording("勘误由谁更正", "Who corrects which error"))
ERRATA_REISSUE_WORKDAYS = Key(
    "errata.reissue_workdays",
    int,
    Wording("缺失照片补发（工作日）", "Re-issue of missing photos (working days)"),
    Kind.WORKING_DAYS,
)
ERRATA_SUMMARY_DUE = Key(
    "errata.summary_due",
    date.fromisoformat,
    Wording("附表6 报送截止", "Annex 6 due at the registry"),
)
EARLY_MINUTES = Key("schedule.early_minutes", int, Wording("提前到场（分钟）", "Early arrival (minutes)"))
STAFF_EARLY_MINUTES = Key(
    "schedule.staff_early_minutes", int, Wording("工作人员提前到位（分钟）", "Staff on site before (minutes)")
)
CHECK_TABLE = Key("roster.check_table", yes_or_no, Wording("使用《核对表》", "With a check table"))
VERIFY_SITE = Key("verification.site", str, Wording("校对网站", "Where graduates verify"))
ERRORS_OFFICE = Key("leaflet.office", str, Wording("信息有误时联系", "Where errors are reported"))
REVIEW_FOUR_EYES = Key("review.four_eyes", texts, Wording("须两人复核的判定", "Verdicts that two persons review"))
REVIEW_REQUIRED = Key("review.required", texts, Wording("须复核后才交付的判定", "Verdicts reviewed before delivery"))
REPAIR_FOUR_EYES = Key(
    "capture.repair_four_eyes", yes_or_no, Wording("对应修复须两人同意", "Repairs of the pairing need two persons")
)
ACCEPT_REVIEW = Key(
    "capture.accept_review", yes_or_no, Wording("判为“复核”的照片先收下", "Frames that need a review are taken first")
)
NEXT_SWIPE_CLOSES = Key(
    "capture.next_swipe_closes", yes_or_no, Wording("下一人刷证即结束上一人", "The next swipe ends the turn before")
)
COLLECTION_CODE = Key("capture.collection_code", str, Wording("采集码适配器", "Adapter for collection codes"))
PACKET_SUITE = Key("packet.suite", str, Wording("采集箱加密套件（intl 或 gm）", "Cipher suite of kits (intl or gm)"))
PHOTO_NAMES = Key("registration.photo_names", str, Wording("注册照片命名方式", "How registered photographs are named"))

KEYS: dict[str, Key[Any]] = {value.name: value for value in tuple(globals().values()) if isinstance(value, Key)}
