"""Where a case stands after the graduate's visit: who has it, what happens next, what they have to do (R163 steps 9-12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.engine.wording import Wording

_TEACHING_OFFICE = Wording("学院教务办公室", "Your college's teaching office")
_YOU = Wording("您本人", "You")


@dataclass(frozen=True, slots=True)
class Mark:
    """One station of the way: its title, who works there, and when it was passed."""

    title: Wording
    who: Wording
    state: str
    at: datetime | date | None = None

    @property
    def when(self) -> str:
        """When it was passed as a person reads it; a day where only the day is known."""
        if isinstance(self.at, datetime):
            return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M}"
        return self.at.isoformat() if self.at else ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the status page tells: a headline, who has the case, what comes next, and the stations of the way.

    ``step`` is the present one of the twelve (13: all done); ``go_on`` says that the graduate in person is next.
    """

    headline: Wording
    who: Wording
    following: Wording
    step: int
    marks: tuple[Mark, ...] = ()
    go_on: bool = False


Teller = Callable[[VerificationCase], Standing | None]
_TELLERS: list[Teller] = []


def tells_of_disputes(teller: Teller) -> Teller:
    """Register who knows how a disputed photograph is dealt with: errata stand later on the journey than this app."""
    _TELLERS.append(teller)
    return teller


def way(stations: tuple[tuple[Wording, Wording, datetime | date | None], ...], passed: int) -> tuple[Mark, ...]:
    """The stations (title, who, when) as marks: ``passed`` of them are done, the next is at work."""
    return tuple(
        Mark(title, who, "done" if n < passed else "now" if n == passed else "ahead", at if n < passed else None)
        for n, (title, who, at) in enumerate(stations)
    )


def standing_of(case: VerificationCase, *, may_compare: bool) -> Standing:
    """The standing of a case whose page is open; ``may_compare`` says whether the graduate may verify right now."""
    if case.status == CaseStatus.CONFIRMED:
        return _after_confirmation(case)
    if case.status == CaseStatus.DISPUTED:
        return next((told for teller in _TELLERS if (told := teller(case))), None) or Standing(
            Wording("学校正在处理您的图像问题", "Your school is dealing with your photograph"),
            named(case.candidate.campaign.school.name),
            Wording(
                "请带身份证到学院教务办公室登记。学校处理后您会看到答复和图像，再由您本人确认。",
                "Take your ID card to your college's teaching office and register it. When the school has settled it, "
                "you see its answer and the photograph here, and confirm yourself.",
            ),
            6,
        )
    if case.status == CaseStatus.EXPIRED:
        return Standing(
            Wording("校对已截止", "Verification has closed"),
            _TEACHING_OFFICE,
            Wording(
                "您没有在截止前确认，学历注册时没有图像。请联系学院教务办公室，由学校按更正程序办理。",
                "You did not confirm in time, so you are registered without a photograph. Ask your college's teaching "
                "office about the school's correction path.",
            ),
            4,
        )
    if may_compare and case.status == CaseStatus.ANSWERED:
        return Standing(
            Wording("学校已处理您的图像问题", "Your school has settled your question"),
            _YOU,
            Wording(
                "请重新核对图像和信息；全部正确请点“信息无误”，由您本人确认后才有效。",
                "Compare the photograph and your data again. If all is right press “No error”: only your own "
                "confirmation counts.",
            ),
            4,
            go_on=True,
        )
    if may_compare:
        return Standing(
            Wording("校对尚未完成", "Your verification is not finished"),
            _YOU,
            Wording("请继续核对，并点“信息无误”。", "Go on comparing, then press “No error”."),
            4,
            go_on=True,
        )
    return Standing(
        Wording("校对目前不可用", "Verification is not available now"),
        _TEACHING_OFFICE,
        Wording(
            "本批次的校对已结束。请联系学院教务办公室。",
            "Verification of your class has ended. Ask your college's teaching office.",
        ),
        4,
    )


def _after_confirmation(case: VerificationCase) -> Standing:
    # The review belongs to a later app: it is read by its relation, not imported.
    review = getattr(case, "review", None)
    stage = str(review.status) if review else ""
    department, school = case.candidate.department.name, case.candidate.campaign.school.name
    passed = {"": 1, "returned": 1, "applied": 2, "head_approved": 3, "approved": 4}[stage]
    applied, head, national = (review.applied_at, review.head_at, review.national_at) if review else (None, None, None)
    stations = (
        (Wording("本人确认", "Confirmed by the graduate"), named(case.candidate.name), case.confirmed_at),
        (Wording("中心申请审核", "The centre applies for approval"), named(department), applied),
        (
            Wording("学校总部审核", "The head office approves"),
            Wording(f"{school} 学院党政办公室", f"{school}, head office (学院党政办公室)"),
            head,
        ),
        (Wording("国家中心审核", "The national centre approves"), Wording("国家中心", "The national centre"), national),
    )
    marks = way(stations, passed)
    if stage == "approved":
        return Standing(
            Wording("学历电子注册已完成", "You are registered"),
            Wording("已办结", "Done"),
            Wording(
                "您的图像已用于学历电子注册，无需再操作。",
                "Your photograph is registered; there is nothing more to do.",
            ),
            13,
            marks,
        )
    following = {
        "": Wording(
            "核对您的确认结果，并向学校总部申请审核。", "Looks at your confirmation and applies to the head office."
        ),
        "returned": Wording(
            "审核退回，正在补充材料后重新申请。需要您提供证明时，学院会与您联系。",
            "The review was returned; proofs are added, then it is applied for again. Your college asks you if it needs any.",
        ),
        "applied": Wording("审核后上报国家中心。", "Approves and reports to the national centre."),
        "head_approved": Wording("审核后完成学历电子注册。", "Approves; then you are registered."),
    }[stage]
    return Standing(
        Wording("所有信息均确认无误！", "All information is confirmed!"),
        marks[passed].who,
        following,
        {1: 10, 2: 11, 3: 12}[passed],
        marks,
    )


def named(name: str) -> Wording:
    """A name, which is the same in both languages."""
    return Wording(name, name)
