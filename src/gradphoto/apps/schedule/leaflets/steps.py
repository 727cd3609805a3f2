"""The steps of the day (R70, R124-R130), drawn from the campaign's settings: one list for the page and the paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from gradphoto.apps.fees.models import Channel
from gradphoto.apps.schedule.leaflets.facts import BY_HAND, DayFacts, day_words
from gradphoto.engine.wording import Wording

TITLE = Wording("毕业生图像采集流程图", "Flow chart of the day")


class Side(Enum):
    """Who does a step."""

    STUDENT = "student"
    COLLEGE = "college"


@dataclass(frozen=True, slots=True)
class Branch:
    """What happens instead, when something is the matter."""

    when: Wording
    words: Wording


@dataclass(frozen=True, slots=True)
class Step:
    """A box of the chart; ``branch`` leaves it sideways."""

    code: str
    title: Wording
    words: Wording
    side: Side = Side.STUDENT
    branch: Branch | None = None


def steps_of(facts: DayFacts) -> tuple[Step, ...]:
    """The boxes in order. Paying stands where the campaign takes the money (B15), swiping or the card where it says (B9)."""
    return tuple(_steps(facts))


def _steps(facts: DayFacts) -> Iterator[Step]:
    yield _check(facts)
    if facts.advance and not facts.school_pays:
        yield _pay_in_advance(facts)
    yield _queue(facts)
    if facts.pays_on_the_day:
        yield _pay_on_the_day(facts)
    yield Step(
        "wait",
        Wording("进入候场区", "Enter the waiting area"),
        Wording("整理仪容，保持安静，听工作人员引导。", "Tidy up, keep quiet, follow the staff."),
    )
    yield _identify(facts)
    yield _shoot(facts)
    if facts.check_table:
        yield Step(
            "hand_over",
            Wording("学院交核对表", "The college hands in the check table"),
            Wording(
                "全院采集完毕，已签名的《核对表》交教务处现场人员。",
                "When all are done, the signed check table goes to the registry's staff at the scene.",
            ),
            Side.COLLEGE,
        )
    yield _verify(facts)


def _check(facts: DayFacts) -> Step:
    due = day_words(facts.errors_due) if facts.errors_due else None
    office = facts.office_words
    branch = Branch(
        Wording("信息有误", "Something is wrong"),
        Wording(
            f"{f'{due.zh}前' if due else '采集前'}带身份证原件和复印件到{office.zh}；身份信息变更的，另带公安机关"
            "《公民信息变更证明》原件。网上校对时由本人再更正。",
            f"{f'By {due.en}' if due else 'Before the session'} bring ID card and copy to {office.en}; if your identity changed, "
            "the police certificate, too. Correct it yourself at the online verification.",
        ),
    )
    if facts.check_table:
        words = Wording(
            "对照身份证核对姓名、性别、身份证号等，在《核对表》上签名确认。",
            "Compare name, sex and ID number with your ID card and sign your row of the check table.",
        )
    else:
        words = Wording(
            "对照身份证核对姓名、性别、身份证号等关键信息。", "Compare name, sex and ID number with your ID card."
        )
    return Step("check", Wording("核对信息", "Check your data"), words, branch=branch)


def _pay_in_advance(facts: DayFacts) -> Step:
    zh = {
        Channel.CLASS: "交到班级",
        Channel.COLLEGE: "交到学院",
        Channel.REMITTANCE: "汇款",
        Channel.ONLINE: "网上支付",
    }
    en = {
        Channel.CLASS: "to your class", Channel.COLLEGE: "to your college", Channel.REMITTANCE: "by remittance",
        Channel.ONLINE: "online",
    }  # fmt: skip
    fee = facts.fee_words
    return Step(
        "pay_before",
        Wording("采集前交费", "Pay beforehand"),
        Wording(
            f"{fee.zh}，{'或'.join(zh[one] for one in facts.advance)}。",
            f"{fee.en}, {' or '.join(en[one] for one in facts.advance)}.",
        ),
    )


def _queue(facts: DayFacts) -> Step:
    table = Wording("核对表", "check table") if facts.check_table else Wording("名册", "Roster")
    early = facts.early_minutes
    come = (
        Wording(f"提前{early}分钟到场，", f"Come {early} minutes early. ")
        if early
        else Wording("准时到场，", "Be there in time. ")
    )
    return Step(
        "queue",
        Wording("到场排队", "Come and queue"),
        Wording(
            f"{come.zh}按辅导员所持{table.zh}顺序、学号由小到大排队。",
            f"{come.en}Queue in the order of the counsellor's {table.en}, student numbers ascending.",
        ),
    )


def _pay_on_the_day(facts: DayFacts) -> Step:
    fee = facts.fee_words
    if facts.advance:
        title = Wording("未交费的现场交费", "Pay now if you have not")
    else:
        title = Wording("交费", "Pay")
    return Step(
        "pay_now",
        title,
        Wording(f"{fee.zh}，请自备零钱。", f"{fee.en}; exact change, please."),
    )


def _identify(facts: DayFacts) -> Step:
    by_hand = Branch(
        Wording("没有或刷不出身份证", "No ID card, or it does not read"),
        Wording(
            "向工作人员说明：遗失、消磁、临时证的也可采集；军人、留学生采集后由人工录入。",
            "Tell the staff: lost, unreadable or temporary cards are no hindrance; soldiers and foreign students are typed in.",
        ),
    )
    if facts.swipes:
        words = Wording(
            "刷二代身份证，当场生成拍摄序号，由检验人员确认。",
            "Swipe your ID card; your shooting number is made at once and confirmed by the checker.",
        )
        if facts.with_card:
            words = Wording(f"{words.zh}同时出示《图像采集卡》。", f"{words.en} Show your collection card, too.")
        branch = by_hand if BY_HAND in facts.ways else None
        return Step("swipe", Wording("刷身份证", "Swipe your ID card"), words, branch=branch)
    if facts.with_card:
        return Step(
            "card",
            Wording("凭采集卡登记", "Register with your card"),
            Wording(
                "交验本人《图像采集卡》，工作人员登记拍摄序号。",
                "Hand over your collection card; the staff write down your shooting number.",
            ),
        )
    return Step(
        "by_hand",
        Wording("人工登记", "Register by hand"),
        Wording(
            "报学号和姓名，工作人员查找并登记拍摄序号。",
            "Say number and name; the staff look you up and give your number.",
        ),
    )


def _shoot(facts: DayFacts) -> Step:
    order = "核对表" if facts.check_table else "名册"
    order_en = "check table" if facts.check_table else "roll"
    return Step(
        "shoot",
        Wording("拍照", "Be photographed"),
        Wording(
            f"按{order}顺序逐一拍摄，当场看照片，闭眼等不合格的立即重拍。",
            f"One by one in the order of the {order_en}; look at the picture, a fault is shot again at once.",
        ),
    )


def _verify(facts: DayFacts) -> Step:
    office, site, told = facts.office_words, facts.site_words, facts.promised_words
    days = facts.promised_workdays
    when = Wording(f"{days}个工作日后上网校对", f"Verify after {days} working days") if days is not None else None
    begin = Wording(f"{told.zh}起，", f"From {told.en}: ") if told else Wording("", "")
    return Step(
        "verify",
        when or Wording("上网校对", "Verify online"),
        Wording(
            f"{begin.zh}登录{site.zh}，校对图像和信息。未按时校对的，注册信息将无图像。",
            f"{begin.en}check image and data at {site.en}. Not verified in time: registered without an image.",
        ),
        branch=Branch(
            Wording("发现错误", "You find an error"),
            Wording(f"网上提交修改意见，并联系{office.zh}。", f"Say so online and tell {office.en}."),
        ),
    )
