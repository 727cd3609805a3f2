"""The settings a rule set may hold: key, type, meaning, theme, and the documented value of a key that nobody set (R6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Generic, TypeVar

from gradphoto.engine.standards.deadlines import Kind
from gradphoto.engine.standards.profiles import JEWELLERY, JEWELLERY_STRICT
from gradphoto.engine.wording import Wording

T_co = TypeVar("T_co", covariant=True)


class Theme(Enum):
    """Under which heading the page of the rules shows a setting, in the order of the journey."""

    FEE = Wording("收费", "Fees")
    ROSTER = Wording("名册与核对", "Roster and its check")
    SCHEDULE = Wording("时间安排", "Timetable")
    CAPTURE = Wording("现场采集", "Capture")
    PHOTO = Wording("图像标准与复核", "Photographs and their review")
    MAKE_UP = Wording("补拍", "Make-up")
    SELF_PHOTO = Wording("手机自助拍摄", "Photographing oneself")
    DELIVERY = Wording("交付与核对", "Delivery and its check")
    VERIFICATION = Wording("本人校对", "Verification by the graduate")
    ERRATA = Wording("勘误", "Errata")
    REGISTRATION = Wording("注册", "Registration")
    TEXT = Wording("须知上的文字", "Texts on the leaflets")


NOT_SET = Wording("未规定：不适用。", "Not set: does not apply.")


@dataclass(frozen=True, eq=False)
class Default(Generic[T_co]):
    """The stored value that an unset key means, and the document it was taken from."""

    value: Any
    source: str | Wording


@dataclass(frozen=True, eq=False)
class Key(Generic[T_co]):
    """A setting: ``name`` as stored, the reader of its JSON value, what it means to a person; a deadline has a unit.

    Without a ``default`` an unset key says nothing: ``unset`` tells what that means.
    """

    name: str
    read: Callable[[Any], T_co]
    title: Wording
    theme: Theme
    meaning: Wording
    default: Default[Any] | None = None
    unset: Wording = NOT_SET
    unit: Kind | None = None
    needed: bool = False
    """A campaign cannot do without a document that gives it."""


def texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value)


def table(value: Any) -> dict[str, str]:
    return {str(key): str(item) for key, item in dict(value).items()}


def yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def seconds(value: Any) -> float:
    """From none to a minute."""
    if isinstance(value, bool) or not 0 <= float(value) <= 60:
        raise ValueError(f"{value!r} is no such number of seconds")
    return float(value)


def tries(value: Any) -> int:
    """From one to a hundred."""
    if isinstance(value, bool) or not 1 <= int(value) <= 100:
        raise ValueError(f"{value!r} is no number of tries")
    return int(value)


def fen(value: Any) -> int:
    """Money, stored in fen; pages show and take yuan."""
    if isinstance(value, bool) or int(value) < 0:
        raise ValueError(f"{value!r} is no sum of money")
    return int(value)


def colour(value: Any) -> str:
    """The code of a backdrop."""
    return str(value)


def jewellery(value: Any) -> str:
    """Strict or lenient (B5)."""
    if value not in JEWELLERY:
        raise ValueError(f"{value!r} is neither strict nor lenient")
    return str(value)


def month_days(value: Any) -> tuple[str, ...]:
    """The first and the last day of a time of the year, each as month-day (``10-09``)."""
    first, last = texts(value)
    for one in (first, last):
        date.fromisoformat(f"2024-{one}")
    return first, last


def department_digits(value: Any) -> int:
    """Two or three (R106)."""
    if int(value) not in (2, 3):
        raise ValueError(f"{value} is neither 2 nor 3")
    return int(value)


def least_and_most(value: Any) -> tuple[str, ...]:
    """Two whole numbers from 0 on, the smaller first."""
    least, most = texts(value)
    if not 0 <= int(least) <= int(most):
        raise ValueError(f"{least} to {most} is no span")
    return least, most


_HUNAN = "校教通〔2012〕104号"
_JIANGXI = "江西2020届注意事项"
_LIAONING = "辽宁2014届采集通知"
_HUNAN_2009 = "处发[2008]71号"
_STANDARD = "教毕指〔2017〕99号"
HOUSE = Wording("本系统默认", "this system's own default")

FEE_FEN = Key(
    "fee.per_person_fen", fen, Wording("每人采集费", "Fee per person"), Theme.FEE,
    Wording("每名毕业生的拍摄、制作和注册费用；价目表有更具体价格时以价目表为准。",
            "What a graduate pays; a line of the price list goes before it."),
    unset=Wording("未规定：收费前须填写，并注明文号。", "Not set: needed before money is taken, with its document."),
    needed=True,
)  # fmt: skip
FEE_CHANNELS = Key(
    "fee.channels", texts, Wording("收费方式", "Ways of paying"), Theme.FEE,
    Wording("由谁、以什么方式收取采集费。", "Who takes the fee and how."),
    unset=Wording("未规定：收费前须选定。", "Not set: needed before money is taken."),
    needed=True,
)  # fmt: skip
FEE_GATEWAY = Key(
    "fee.gateway", str, Wording("网上支付网关", "Online payment gateway"), Theme.FEE,
    Wording("学生扫码支付时使用的网关。", "The gateway by which students pay online."),
    unset=Wording("未规定：不开通网上支付。", "Not set: no online payment."),
)  # fmt: skip
FEE_BEFORE_LIST = Key(
    "fee.paid_before_listed", yes_or_no,
    Wording("未缴费者不列入拍摄名单", "The unpaid are not on the shooting list"), Theme.FEE,
    Wording("拍摄名单是否只列已缴费（或免缴）的学生。", "Whether the shooting list names only who has paid."),
    Default(True, f"{_HUNAN_2009} 二.6"),
)  # fmt: skip
DATABASE_WORKDAYS = Key(
    "roster.database_workdays", int, Wording("数据库提前（工作日）", "Database before the session (working days)"),
    Theme.ROSTER,
    Wording("采集前多少个工作日把数据库交给采集中心。", "How long before the session the centre has the database."),
    Default(10, f"{_JIANGXI} 三.5"), unit=Kind.WORKING_DAYS,
)  # fmt: skip
ADMISSION_FORM_COPIES = Key(
    "roster.admission_form_copies", int,
    Wording("录取信息更正审批表（份）", "Approvals for correcting admission information (copies)"), Theme.ROSTER,
    Wording("录取时的错误，审批表一式几份。", "Copies of the form for an error of the admission."),
    Default(3, f"{_HUNAN_2009} 一.3"),
)  # fmt: skip
STATUS_FORM_COPIES = Key(
    "roster.status_form_copies", int,
    Wording("学籍信息更正审批表（份）", "Approvals for correcting student-status information (copies)"), Theme.ROSTER,
    Wording("入学后本人申请更改，审批表一式几份。", "Copies of the form for a change asked for after entry."),
    Default(2, f"{_HUNAN_2009} 一.3"),
)  # fmt: skip
SIGNING_DAYS = Key(
    "roster.signing_days", int, Wording("本人核对码有效期（天）", "Student's personal code is good for (days)"),
    Theme.ROSTER,
    Wording("学生用手机核对签名的个人码多少天后失效。", "After how many days the code for checking one's row ends."),
    Default(30, HOUSE),
)  # fmt: skip
CHECK_TABLE = Key(
    "roster.check_table", yes_or_no, Wording("使用《核对表》", "With a check table"), Theme.ROSTER,
    Wording("学生、辅导员、院领导是否在纸质《核对表》上签字；选“否”则不再打印、登记核对表，须知和流程图也不提到它。",
            "Whether the check table is signed on paper; “no” closes its printing and its pages, and no leaflet names it."),
    Default(True, f"{_HUNAN} 三（一）"),
)  # fmt: skip
PROVINCE_APPROVAL = Key(
    "roster.province_approval", yes_or_no,
    Wording("须登记省教育厅审核文件", "The province's approval must be on record"), Theme.ROSTER,
    Wording("选“是”则登记省教育厅对预计毕（结）业生名单的审核文件之后，批次才能进入采集阶段。",
            "“Yes”: the collection begins once the province's approval of the list is on record."),
    Default(False, HOUSE),
)  # fmt: skip
SEASON_MONTHS = Key(
    "roster.season_months", table, Wording("毕业月份对应的毕业季", "Season of a month of graduation"), Theme.ROSTER,
    Wording("名册中写“1月”“7月”时，各算哪个毕业季。", "Which season a roster's 1月 or 7月 is."),
    Default({"1": "春季", "7": "秋季"}, "西北工业大学实施细则（暂行） 一"),
)  # fmt: skip
TEST_REGIONS = Key(
    "identity.test_regions", texts,
    Wording("演示用证件区划代码", "Region codes for demonstration ID numbers"), Theme.ROSTER,
    Wording("仅供演练：这些区划代码的虚构证件号视为有效。正式批次不设。",
            "For training only: made-up ID numbers of these regions count as valid. A real campaign sets none."),
    Default([], HOUSE),
)  # fmt: skip
CARD_DEPARTMENT_DIGITS = Key(
    "cards.department_digits", department_digits, Wording("卡上院系代码位数", "Digits of a department code on the card"),
    Theme.ROSTER,
    Wording("机读采集卡上的院系代码是两位还是三位；位数不符的不打印，并说明原因。",
            "Two or three digits on the machine-readable card; other codes are not printed, and the paper says so."),
    unset=Wording("未规定：两位、三位都可以。", "Not set: two or three."),
)  # fmt: skip
FULL_TIME_PER_HOUR = Key(
    "schedule.full_time_per_hour", int, Wording("普高每小时人数", "Full-time persons an hour"), Theme.SCHEDULE,
    Wording("编排时间表时，普高（脱产）学生每台每小时的人数。", "Full-time persons an hour and station in the timetable."),
    Default(120, f"{_JIANGXI} 一.2（100～150）"),
)  # fmt: skip
ADULT_PER_HOUR = Key(
    "schedule.adult_per_hour", int, Wording("成教每小时人数", "Adult persons an hour"), Theme.SCHEDULE,
    Wording("编排时间表时，成高（函授）学生每台每小时的人数。", "Adult persons an hour and station in the timetable."),
    Default(100, f"{_JIANGXI} 一.2（80～120）"),
)  # fmt: skip
FULL_TIME_MOST = Key(
    "schedule.full_time_most", int, Wording("普高每台每小时最多", "Full-time, at most an hour"), Theme.SCHEDULE,
    Wording("超过这个速度的时段会提示加台。", "A slot above it asks for another station."),
    Default(150, f"{_JIANGXI} 一.2（100～150）"),
)  # fmt: skip
ADULT_MOST = Key(
    "schedule.adult_most", int, Wording("成教每台每小时最多", "Adult, at most an hour"), Theme.SCHEDULE,
    Wording("超过这个速度的时段会提示加台。", "A slot above it asks for another station."),
    Default(120, f"{_JIANGXI} 一.2（80～120）"),
)  # fmt: skip
SLOT_MINUTES = Key(
    "schedule.slot_minutes", int, Wording("最好以多长为一段（分钟）", "Preferred length of a slot (minutes)"), Theme.SCHEDULE,
    Wording("编排时尽量让每个班落在一段之内，时间表和班级通知写明所在时段；填 0 则只写本班的准确时间。",
            "The plan keeps a class inside one stretch where it can; timetable and notices name it. 0: the exact time only."),
    Default(60, f"{_JIANGXI} 一.1（最好以一小时为单位）"),
)  # fmt: skip
TOURING_WINDOW = Key(
    "schedule.touring_window", month_days, Wording("集中巡回采集（月-日）", "Touring collection (month-day)"), Theme.SCHEDULE,
    Wording("采集组上门巡回的首日和末日；在此之外的预约会提示改到集中采集点或说明理由。",
            "When teams come to the schools; a booking outside it is told so."),
    unset=Wording("未规定：整个采集季都上门。", "Not set: teams come all through the season."),
)  # fmt: skip
SEASON_WINDOW = Key(
    "schedule.season_window", month_days, Wording("集中采集季（月-日）", "Season (month-day)"), Theme.SCHEDULE,
    Wording("集中采集的首日和末日；季外的预约要说明理由。", "First and last day of the season; a booking outside needs a reason."),
    unset=Wording("未规定：全年可预约。", "Not set: the whole year is open."),
)  # fmt: skip
MAKE_UP_WINDOW = Key(
    "schedule.make_up_window", month_days, Wording("补拍时段（月-日）", "Make-up season (month-day)"), Theme.MAKE_UP,
    Wording("补拍的首日和末日；过期未补拍由本人负责。", "First and last day of the make-up."),
    unset=Wording("未规定：没有统一的补拍期限。", "Not set: make-up has no fixed end."),
)  # fmt: skip
MAKE_UP_WEEKENDS = Key(
    "makeup.weekend_months", texts, Wording("双休日也补拍的月份", "Months with make-up on weekends, too"), Theme.MAKE_UP,
    Wording("只有这些月份的周六、周日可以公布为补拍日，其他月份的双休日不接受。",
            "Make-up days on Saturdays and Sundays are published in these months only."),
    unset=Wording("未规定：由采集中心自行公布。", "Not set: as the centre publishes."),
)  # fmt: skip
REPORT_MONTHS = Key(
    "schedule.report_months", least_and_most,
    Wording("人数上报提前（月，最少/最多）", "Headcount report ahead (months, least/most)"), Theme.SCHEDULE,
    Wording("采集前多少个月把毕业生人数报采集中心。", "How many months before the session the headcount is reported."),
    Default(["1", "2"], f"{_JIANGXI} 二（提前一至二个月）"),
)  # fmt: skip
EARLY_MINUTES = Key(
    "schedule.early_minutes", int, Wording("提前到场（分钟）", "Early arrival (minutes)"), Theme.SCHEDULE,
    Wording("学生在本班时段前多少分钟到场。", "How long before their slot the students come."),
    Default(10, f"{_HUNAN} 三（三）"),
)  # fmt: skip
STAFF_EARLY_MINUTES = Key(
    "schedule.staff_early_minutes", int,
    Wording("工作人员提前到位（分钟）", "Staff on site before (minutes)"), Theme.SCHEDULE,
    Wording("现场工作人员在本学院时段前多少分钟到位。", "How long before their college's slot the staff stand ready."),
    Default(15, f"{_HUNAN_2009} 二.4"),
)  # fmt: skip
IDENTIFICATION = Key(
    "capture.identification", texts, Wording("身份识别方式", "Ways of identification"), Theme.CAPTURE,
    Wording("现场和补拍时允许怎样识别学生。", "How a student may be recognised."),
    Default(["chsi_code", "manual"], "教学服〔2022〕10号（采集码）"),
)  # fmt: skip
COLLECTION_CODE = Key(
    "capture.collection_code", str, Wording("采集码适配器", "Adapter for collection codes"), Theme.CAPTURE,
    Wording("由获准的采集单位提供，用来读取学生的采集码。", "From an approved collector; it reads the students' codes."),
    unset=Wording("未规定：不能读取采集码。", "Not set: collection codes cannot be read."),
)  # fmt: skip
ACCEPT_REVIEW = Key(
    "capture.accept_review", yes_or_no,
    Wording("判为“复核”的照片先收下", "Frames that need a review are taken first"), Theme.CAPTURE,
    Wording("选“否”则当场重拍。", "“No”: another photograph is taken at once."),
    Default(True, HOUSE),
)  # fmt: skip
NEXT_SWIPE_CLOSES = Key(
    "capture.next_swipe_closes", yes_or_no,
    Wording("下一人刷证即结束上一人", "The next swipe ends the turn before"), Theme.CAPTURE,
    Wording("上一人还没有照片时，下一人刷证是否把上一人记为离开。", "Whether the next card ends a turn without photograph."),
    Default(False, HOUSE),
)  # fmt: skip
SOONEST_SHOT_S = Key(
    "capture.soonest_shot_s", seconds,
    Wording("刷证后最早几秒拍摄", "Soonest shot after a swipe (seconds)"), Theme.CAPTURE,
    Wording("换人落座所需的最短秒数；在此之内拍的照片不自动对应，由人确认。先落座后刷证的场地可填小些。",
            "How long it takes at least until the next person sits; frames before that are asked about."),
    Default(4, HOUSE),
)  # fmt: skip
COMPARE_FACES = Key(
    "capture.compare_faces", yes_or_no,
    Wording("场次内人脸比对", "Compare faces within a session"), Theme.CAPTURE,
    Wording("同一场次内照片一对一比对，只作提示，由人判断。人脸属生物识别信息：须取得本人单独同意，来源写明同意书。",
            "Photographs of one session are compared one to one: a hint, a person decides. Faces are biometric data: it "
            "takes each person's own consent; the source names it."),
    Default(False, HOUSE),
)  # fmt: skip
REPAIR_FOUR_EYES = Key(
    "capture.repair_four_eyes", yes_or_no,
    Wording("对应修复须两人同意", "Repairs of the pairing need two persons"), Theme.CAPTURE,
    Wording("更改人与照片的对应是否须第二人同意。", "Whether a second person agrees to a repair."),
    Default(False, HOUSE),
)  # fmt: skip
PACKET_SUITE = Key(
    "packet.suite", str, Wording("采集箱加密套件（intl 或 gm）", "Cipher suite of kits (intl or gm)"), Theme.CAPTURE,
    Wording("带去现场的采集箱用哪一套密码算法。", "Which ciphers a kit for the station uses."),
    Default("intl", HOUSE),
)  # fmt: skip
PHOTO_PROFILE = Key(
    "photo.profile", str, Wording("图像标准", "Photo profile"), Theme.PHOTO,
    Wording("照片按哪一个标准裁切、判定和交付。", "The standard by which photographs are cropped, judged and delivered."),
    Default("mb2017_99", _STANDARD),
)  # fmt: skip
EXTRA_PROFILES = Key(
    "photo.extra_profiles", texts, Wording("附加输出", "Further outputs"), Theme.PHOTO,
    Wording("除图像标准外还要制作的尺寸。", "Sizes made besides the standard."),
    Default([], HOUSE),
)  # fmt: skip
BACKDROP = Key(
    "photo.backdrop", colour, Wording("背景色", "Backdrop"), Theme.PHOTO,
    Wording("现场背景的颜色：从下一张照片起按它判定，须知也按它提醒服装颜色。",
            "The colour behind the sitter: photographs are judged by it, the leaflet warns of clothes like it."),
    unset=Wording("未规定：图像标准允许的各种背景色都可以。", "Not set: every colour that the standard allows."),
)  # fmt: skip
JEWELLERY_RULE = Key(
    "photo.jewellery", jewellery, Wording("首饰", "Jewellery"), Theme.PHOTO,
    Wording("一律不戴：照片上看得到首饰就请人工查看；可戴但不得遮挡：大到可能遮住耳部、颈部的才请人工查看。须知和仪容检查随之而变。",
            "None at all: a person looks wherever some is seen. Allowed where it hides nothing: only what is large enough to "
            "hide an ear. Leaflet and appearance check follow."),
    Default(JEWELLERY_STRICT, f"{_LIAONING} 八"),
)  # fmt: skip
NEW_BACKGROUND = Key(
    "photo.new_background", str,
    Wording("允许更换背景为", "Backdrop may be replaced by"), Theme.PHOTO,
    Wording("只更换背景，不改动人像。", "The backdrop alone; the person is never changed."),
    unset=Wording("未规定：从不更换背景。", "Not set: the backdrop is never replaced."),
)  # fmt: skip
REVIEW_FOUR_EYES = Key(
    "review.four_eyes", texts, Wording("须两人复核的判定", "Verdicts that two persons review"), Theme.PHOTO,
    Wording("哪些判定的照片须两人先后复核。", "Which photographs two persons look at."),
    Default([], HOUSE),
)  # fmt: skip
REVIEW_REQUIRED = Key(
    "review.required", texts, Wording("须复核后才交付的判定", "Verdicts reviewed before delivery"), Theme.PHOTO,
    Wording("哪些判定的照片复核通过后才装入交付包。", "Which photographs are reviewed before they are packed."),
    Default([], HOUSE),
)  # fmt: skip
MAKE_UP_SPECIAL_ONLY = Key(
    "makeup.special_reasons_only", yes_or_no,
    Wording("仅限特殊原因补拍", "Make-up for special reasons only"), Theme.MAKE_UP,
    Wording("选“是”则申请补拍必须写明特殊原因。", "“Yes”: an application tells its special reason."),
    Default(False, HOUSE),
)  # fmt: skip
SELF_PHOTO_FOR = Key(
    "self_photo.for", texts, Wording("谁可以用手机自助拍摄", "Who may photograph themselves"), Theme.SELF_PHOTO,
    Wording("凭个人链接用自己的手机拍摄，系统当场判定，由人审核后编号、交付。来源写明允许的文件。",
            "By a personal link and their own phone: judged at once, reviewed by a person, then numbered and delivered. "
            "The source names the document that allows it."),
    unset=Wording("未规定：不开放手机自助拍摄。", "Not set: nobody may."),
)  # fmt: skip
SELF_PHOTO_UNTIL = Key(
    "self_photo.until", date.fromisoformat, Wording("手机自助拍摄截止", "Photographing oneself ends"), Theme.SELF_PHOTO,
    Wording("最后一天；此后链接失效，没有提交的不再受理。", "The last day; links end with it, and nothing is handed in later."),
    unset=Wording("未规定：以补拍时段的末日为准；补拍时段也未规定的，链接按个人码的天数失效。",
                  "Not set: the last day of the make-up season; without one a link ends after the days of a personal code."),
)  # fmt: skip
SELF_PHOTO_GALLERY = Key(
    "self_photo.gallery", yes_or_no, Wording("可从相册选取", "From the gallery, too"), Theme.SELF_PHOTO,
    Wording("除当场拍摄外，是否可以上传手机里已有的照片（相机原图，不得翻拍、不得美化）。",
            "Whether a photograph that the phone holds already may be handed in: the camera's original, not a photograph of a "
            "photograph, not beautified."),
    Default(False, HOUSE),
)  # fmt: skip
SELF_PHOTO_TRIES = Key(
    "self_photo.tries", tries, Wording("可试拍次数", "How many tries"), Theme.SELF_PHOTO,
    Wording("每人最多可试拍、判定多少次；用完后由学院追加。", "How often a person may have a photograph judged; the college grants more."),
    Default(10, Wording("同类小程序惯例：免费检测 10 次", "usual in the mini-programs: ten free checks")),
)  # fmt: skip
SELF_PHOTO_COMPARE = Key(
    "self_photo.compare", yes_or_no, Wording("与已有照片一对一比对", "Compare with an earlier photograph"), Theme.SELF_PHOTO,
    Wording("把本人提交的照片与学校登记的照片（录取、学籍）一对一比对，只给审核人提示分数，由人判断。人脸属生物识别信息：须本人单独同意，"
            "来源写明同意书。",
            "What a person hands in is compared with the photograph that the school holds (admission, record): a score for the "
            "reviewer, who decides. Faces are biometric data: it takes each person's own consent; the source names it."),
    Default(False, HOUSE),
)  # fmt: skip
SELF_PHOTO_FOUR_EYES = Key(
    "self_photo.four_eyes", yes_or_no, Wording("首次须两人审核", "Two persons review the first"), Theme.SELF_PHOTO,
    Wording("每人第一张自助拍摄的照片须两人先后审核，因为没有人当面见过本人。",
            "The first photograph of each person is reviewed by two, as nobody has seen the person."),
    Default(True, HOUSE),
)  # fmt: skip
CHECK_MONTHS = Key(
    "delivery.check_months", int, Wording("照片核对期限（月）", "Check of delivered photos (months)"), Theme.DELIVERY,
    Wording("学校收到照片和光盘后最多几个月核对完。", "How long the school has to check what was delivered."),
    Default(1, f"{_LIAONING} 十三.1"), unit=Kind.MONTHS,
)  # fmt: skip
DELIVERY_DAYS = Key(
    "delivery.cycle_days", int,
    Wording("照片、图像信息卡交付周期（自然日）", "Delivery of photos and cards (calendar days)"), Theme.DELIVERY,
    Wording("采集后多少天交付照片和图像信息卡。", "How long after the session photographs and cards arrive."),
    Default(40, "毕业生须知 第四条"), unit=Kind.CALENDAR_DAYS,
)  # fmt: skip
VERIFY_AFTER_DAYS = Key(
    "verification.earliest_days", int,
    Wording("最早开放校对（自然日）", "Earliest verification (calendar days)"), Theme.VERIFICATION,
    Wording("采集后最早多少天可以开放本人校对。", "How long after the session graduates may verify at the earliest."),
    Default(40, "毕业生须知 第四条"), unit=Kind.CALENDAR_DAYS,
)  # fmt: skip
VERIFY_AFTER_WORKDAYS = Key(
    "verification.promised_workdays", int,
    Wording("承诺开放校对（工作日）", "Promised verification (working days)"), Theme.VERIFICATION,
    Wording("须知上承诺采集后多少个工作日可以校对。", "After how many working days the leaflet promises it."),
    Default(40, f"{_HUNAN} 四（四）"), unit=Kind.WORKING_DAYS,
)  # fmt: skip
ERRATA_ROUTES = Key(
    "errata.routes", table, Wording("勘误由谁更正", "Who corrects which error"), Theme.ERRATA,
    Wording("每一种错误交给谁更正。", "Who corrects each kind of error."),
    Default(
        {"missing": "agency", "damaged": "agency", "bad_photo": "centre", "data_wrong": "registry",
         "data_shifted": "agency", "other_person": "agency", "blurred": "agency", "school_wrong": "agency",
         "no_image": "chsi"},
        f"{_LIAONING} 十三.1；西北工业大学实施细则（暂行） 四",
    ),
)  # fmt: skip
ERRATA_REISSUE_WORKDAYS = Key(
    "errata.reissue_workdays", int,
    Wording("缺失照片补发（工作日）", "Re-issue of missing photos (working days)"), Theme.ERRATA,
    Wording("图片社收到传真后多少个工作日内补发。", "How soon after the fax a missing photograph is re-issued."),
    Default(5, f"{_LIAONING} 十三.1(1)"), unit=Kind.WORKING_DAYS,
)  # fmt: skip
ERRATA_SUMMARY_DUE = Key(
    "errata.summary_due", date.fromisoformat, Wording("附表6 报送截止", "Annex 6 due at the registry"), Theme.ERRATA,
    Wording("各学院哪一天前把附表6交教务处。", "Until when the colleges hand annex 6 to the registry."),
    unset=Wording("未规定：没有统一的截止日期。", "Not set: no common date."),
)  # fmt: skip
PHOTO_NAMES = Key(
    "registration.photo_names", str, Wording("注册照片命名方式", "How registered photographs are named"),
    Theme.REGISTRATION,
    Wording("注册包里的照片文件叫什么。", "The names of the files in the bundle for registration."),
    Default("shooting_number", "西北工业大学实施细则（暂行） 四.3"),
)  # fmt: skip
VERIFY_SITE = Key(
    "verification.site", str, Wording("校对网站（文字）", "Where graduates verify (a text)"), Theme.TEXT,
    Wording("只是须知上的一句话，不改变系统的行为。", "A sentence of the leaflet; it changes nothing else."),
    Default("中国高等教育学生信息网（www.chsi.com.cn）", "毕业生须知 第三条"),
)  # fmt: skip
ERRORS_OFFICE = Key(
    "leaflet.office", str, Wording("信息有误时联系（文字）", "Where errors are reported (a text)"), Theme.TEXT,
    Wording("只是须知上的一句话，不改变系统的行为。", "A sentence of the leaflet; it changes nothing else."),
    unset=Wording("未规定：须知上写“教务处”。", "Not set: the leaflet says “the academic affairs office”."),
)  # fmt: skip

KEYS: dict[str, Key[Any]] = {value.name: value for value in tuple(globals().values()) if isinstance(value, Key)}
