"""The leaflet's words: S1's seven points (annex 2, R51), what to bring, how to look (R119-R123)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

from gradphoto.apps.fees.models import Channel
from gradphoto.apps.schedule.leaflets.facts import DayFacts, day_words
from gradphoto.engine.standards.profiles import JEWELLERY_LENIENT
from gradphoto.engine.wording import Wording

TITLE = Wording("图像采集毕业生须知", "What graduates need to know: your certificate photograph")
_ADVANCE = {
    Channel.CLASS: Wording("班级代收", "paid to your class"),
    Channel.COLLEGE: Wording("学院预收", "to your college"),
    Channel.REMITTANCE: Wording("汇款", "by remittance"),
    Channel.ONLINE: Wording("网上支付", "Online payment"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """One rule of appearance: its picture (``pictograms/<code>.svg``), what to do, and where it is written."""

    code: str
    words: Wording
    source: str

    @property
    def picture(self) -> str:
        """The pictogram as SVG."""
        return resources.files(__package__).joinpath("pictograms", f"{self.code}.svg").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Line:
    """A heading and what stands under it."""

    title: Wording
    words: Wording


def looks(facts: DayFacts) -> tuple[Look, ...]:
    """How to look, in six pictures (R119-R123). The colour to avoid follows the campaign's backdrop."""
    tone = facts.backdrop_words
    pale = facts.backdrop not in ("white", "light_grey")
    wear = (
        Wording("；宜穿浅色衬衣", "; a light shirt is best")
        if pale
        else Wording("；宜穿深色正装", "; dark and formal is best")
    )
    return (
        Look("pose", Wording("正对镜头，双耳露出", "Face the camera, both ears seen"), "S2 三.4"),
        Look(
            "hair",
            Wording("不染发，不遮眉耳；长发扎起，男生短发不留须", "No dyed hair, none over brows or ears; long hair tied, men shaved"),
            "S2 三.4；S1 四（一）；S4 二.3",
        ),
        Look(
            "glasses",
            Wording("眼镜不反光、不戴有色镜片，双眼看得清", "Glasses without glare or tint, eyes clearly seen"),
            "S2 三.4",
        ),
        _jewellery(facts),
        Look(
            "collar",
            Wording("衣着整洁有领；不穿高领、毛领、吊带", "Neat, with a collar; no high or fur collar, no straps"),
            "S0 八；S2 三.4；S4 二.3",
        ),
        Look(
            "colour",
            Wording(f"不穿与{tone.zh}色背景相近的颜色{wear.zh}", f"No colour like the {tone.en} backdrop{wear.en}"),
            "S2 三.4；S4 二.3；S1 四（一）",
        ),
    )  # fmt: skip


def _jewellery(facts: DayFacts) -> Look:
    """By the campaign's rule (B5): none at all, or none that hides something."""
    if facts.jewellery == JEWELLERY_LENIENT:
        words = Wording("不浓妆；首饰不遮挡耳部、颈部和面部", "No heavy make-up; jewellery hides no ear, neck or face")
        return Look("jewellery", words, "S2 三.4")
    return Look(
        "jewellery",
        Wording("不浓妆，不戴项链、耳环等首饰", "No heavy make-up, no necklace, no earrings"),
        "S0 八；S2 三.4",
    )


def bring(facts: DayFacts) -> Line:
    """What to have with you, by the mode of identification and of paying (R83, B9, B15)."""
    zh, en = [], []
    if facts.swipes:
        zh.append("本人二代身份证（遗失、消磁或持临时身份证的也请到场，可以采集）")
        en.append("your ID card (lost, unreadable or temporary: come all the same)")
    if facts.with_card:
        zh.append("本人《图像采集卡》")
        en.append("your collection card")
    if not zh:
        zh.append("身份证件")
        en.append("an identity document")
    if facts.pays_on_the_day:
        zh.append("未交费的自备零钱")
        en.append("exact change if you have not paid")
    return Line(Wording("携带", "Bring"), Wording("、".join(zh), ", ".join(en)))


def fee(facts: DayFacts) -> Line:
    """What it costs, who takes the money, and the document that says so (B1, B15, R6)."""
    if facts.school_pays:
        how = Wording("学校统一支付，学生不交费", "paid by the school, nothing from students")
        return Line(Wording("费用", "Fee"), how)
    ways = [_ADVANCE[channel] for channel in facts.advance]
    if facts.pays_on_the_day:
        ways.append(Wording("当天现场交", "on the day"))
    zh, en = facts.fee_words.zh, facts.fee_words.en
    if ways:
        zh += "，" + "或".join(way.zh for way in ways)
        en += ", " + " or ".join(way.en for way in ways)
    if facts.fee_source:
        zh += f"。依据：{facts.fee_source}"
        en += f". Source: {facts.fee_source}"
    return Line(Wording("费用", "Fee"), Wording(zh, en))


def verification(facts: DayFacts) -> Line:
    """When to verify: 40 working days after the shot, as a date (R129, R160)."""
    told = facts.promised_words
    if told is None:
        words = Wording(f"开放后登录{facts.site_words.zh}", f"at {facts.site_words.en} when it opens")
    else:
        days = facts.promised_workdays
        words = Wording(
            f"采集{days}个工作日后，即{told.zh}起，登录{facts.site_words.zh}",
            f"{days} working days after the shot, from {told.en}, at {facts.site_words.en}",
        )
        if facts.verify_source:
            words = Wording(f"{words.zh}（{facts.verify_source}）", f"{words.en} ({facts.verify_source})")
    return Line(Wording("校对", "Verify"), words)


def seven_points(facts: DayFacts) -> tuple[Wording, ...]:
    """The seven points of S1's annex 2 (R51), filled from the campaign."""
    office, site = facts.office_words, facts.site_words
    return (
        Wording(
            f"图像由教育部委托的图片社统一采集，本校由{facts.centre}承担；学历证书的网上查询和认证由国家专门机构负责。",
            f"The photographs are taken for the Ministry by the commissioned agency, here by {facts.centre}; certificates are "
            "looked up and certified by the national centre.",
        ),
        Wording(
            "照片贴在毕业证书上；电子图像上报注册，是学历证书的内容，供网上查询。",
            "The print goes on your certificate; the electronic image is registered with it and can be looked up online.",
        ),
        Wording(
            f"请本人及时登录{site.zh}，按提示认真校对图像和信息；开通时间以网站提示为准。",
            f"Sign in at {site.en} yourself and in time, and check image and data; the site says when it opens.",
        ),
        _cycle(facts),
        Wording(
            f"图像或证件号码有错，或同批同学查得到而您查不到的，请联系{office.zh}，由学校集中反馈，更正后再校对；"
            "网站尚未列出本校的，可能仍在准备。",
            f"If image or ID number is wrong, or others of your class find theirs and you do not, tell {office.en}: the school "
            "reports it and you verify again. A school not yet listed there may still be in preparation.",
        ),
        Wording(
            "校对涉及个人信息，请勿委托他人；未经本人允许，严禁校对他人的图像。",
            "Do not let anybody verify for you; verifying somebody else's image without leave is forbidden.",
        ),
        Wording(
            "电子注册直接采用经本人校对无误的图像。未按时校对的，注册信息中将无图像或图像有误，后果由本人承担。",
            "Only the image that you confirmed is registered. Not verified in time means a record with no image or a wrong one, "
            "at your own cost.",
        ),
    )  # fmt: skip


def _cycle(facts: DayFacts) -> Wording:
    zh, en = "从拍摄到上网校对有一段工作周期", "Between the shot and verification lies some work"
    if facts.earliest_days is not None:
        zh, en = (
            f"从拍摄到上网校对约需{facts.earliest_days}天",
            f"From the shot to verification takes about {facts.earliest_days} days",
        )
    if facts.earliest is not None:
        told = day_words(facts.earliest)
        zh, en = f"{zh}，最早{told.zh}", f"{en}, {told.en} at the earliest"
    return Wording(
        f"{zh}；此前请留意开通时间和网站公布的高校名单。",
        f"{en}; watch the opening time and the list of schools on the site.",
    )


def be_there(facts: DayFacts) -> Wording:
    """S2 and S4: nobody may be away, nobody is told by hearsay (R83)."""
    return Wording(
        "采集期间请勿外出。因参军、出国、校外实习等不能到场的，请提前告知辅导员，另行安排补采。请勿带无关人员到现场。",
        "Stay in town in these days. If you cannot come (army, abroad, internship), tell your counsellor beforehand. Bring "
        "nobody who has no business there.",
    )
