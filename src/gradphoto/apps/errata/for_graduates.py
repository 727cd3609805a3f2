"""What the graduate reads on their status page while their disputed photograph is an errata case: who has it, what comes next."""

from __future__ import annotations

from django.db.models import Q

from gradphoto.apps.errata.effects import still_to_come
from gradphoto.apps.errata.kinds import Corrector, ErrataKind
from gradphoto.apps.errata.models import OVER, RESULTS, CaseStatus, ErrataCase
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.apps.verification.standing import Standing, named, tells_of_disputes, way
from gradphoto.engine.wording import Wording

_HEADLINE = Wording("学校正在处理您的图像问题", "Your school is dealing with your photograph")
_OFFICE = Wording("学院教务办公室", "Your college's teaching office")
_YOU = Wording("您本人", "You")


@tells_of_disputes
def of_errata(verification: VerificationCase) -> Standing | None:
    """The errata case that came of the dispute; None where nobody has made one yet. One question to the database."""
    newest = ErrataCase.objects.filter(items__candidate=verification.candidate_id).exclude(kind=ErrataKind.DATA_WRONG)
    # What was over before they ever looked is not about this dispute.
    about_this = newest.filter(Q(drafted_at__gte=verification.viewed_at) | ~Q(status__in=OVER))
    case = about_this.select_related("reshoot__session", "campaign__centre").order_by("-drafted_at", "-pk").first()
    if case is None or case.status == CaseStatus.WITHDRAWN:
        return None
    school, corrector = named(verification.candidate.campaign.school.name), _corrector(case, verification)
    if case.status == CaseStatus.REFUSED:
        return Standing(
            Wording("您反映的图像问题未获受理", "Your question about the photograph was not accepted"),
            _OFFICE,
            Wording(
                f"原因：{case.closed_reason}。请到学院教务办公室了解；学校答复后由您本人继续确认。",
                f"Reason: {case.closed_reason}. Ask your college's teaching office; when the school has answered, you go "
                "on and confirm yourself.",
            ),
            6,
        )
    passed = _passed(case)
    stations = (
        (Wording(f"学校登记勘误 {case}", f"The school registers errata case {case}"), school, case.drafted_at),
        (Wording("送交更正", "Sent to be mended"), school, case.sent_on),
        (_mending(case), corrector, case.result_on),
        (Wording("新照片交付学校", "The school gets the new photograph"), school, None),
        (Wording("本人再次校对", "You verify again"), _YOU, None),
    )
    who = (school, school, corrector, school)[passed]
    return Standing(_HEADLINE, who, _following(case, passed), 6, way(stations, passed))


def _passed(case: ErrataCase) -> int:
    """How many stations lie behind: registered, sent, mended."""
    if case.status in (CaseStatus.DRAFTED, CaseStatus.SEALED):
        return 1
    return 3 if case.status in (*RESULTS, CaseStatus.CONFIRMED, CaseStatus.FILED) else 2


def _corrector(case: ErrataCase, verification: VerificationCase) -> Wording:
    return {
        Corrector.REGISTRY.value: named(verification.candidate.campaign.school.name),
        Corrector.AGENCY.value: Wording("图片社", "The picture agency"),
        Corrector.CENTRE.value: named(case.campaign.centre.name),
        Corrector.CHSI.value: Wording("学信网", "CHSI"),
    }[case.corrector]


def _mending(case: ErrataCase) -> Wording:
    if case.kind == ErrataKind.BAD_PHOTO:
        return Wording("免费重拍", "A free second shot")
    return Wording("更正图像", "The photograph is mended")


def _following(case: ErrataCase, passed: int) -> Wording:
    if passed == 1:
        return Wording(
            "学校盖章后送出勘误材料，您无需再操作。",
            "The school seals the papers and sends them; you need do nothing now.",
        )
    if passed == 3 and (open_ones := still_to_come(case)):
        zh, en = "；".join(one.zh for one in open_ones), "; ".join(one.en for one in open_ones)
        return Wording(f"尚待完成：{zh}。", f"Still to come: {en}.")
    if passed == 3:
        return Wording(
            "问题已处理，等学校收到并核对照片后，请您用图像信息卡登录，再次校对并确认。",
            "It is mended. When the school has received and checked the photograph, log in with your image card, compare "
            "again and confirm.",
        )
    if case.kind == ErrataKind.BAD_PHOTO and case.reshoot is None:
        return Wording(
            "请带身份证和问题照片，到采集点免费重拍；时间地点请向学院教务办公室询问。",
            "Take your ID card and the photograph to the collection point for a free second shot; ask your college's "
            "teaching office when and where.",
        )
    if case.reshoot is not None:
        day, place = case.reshoot.session.date, case.reshoot.session.place
        return Wording(
            f"已于 {day} 在{place}安排重拍，照片处理后交付学校。",
            f"The second shot was arranged for {day}, {place}; the photograph then goes to the school.",
        )
    if case.due_on is not None:
        return Wording(f"预计 {case.due_on} 前更正。", f"Expected to be mended by {case.due_on}.")
    return Wording("更正后由学校核对，再请您本人校对。", "It is mended, the school checks it, then you verify again.")
