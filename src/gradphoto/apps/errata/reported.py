"""What a school reported when it checked a delivery becomes an errata case, and ends with it (R156-R158)."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, refuse
from gradphoto.apps.delivery.actions import report_withdrawn
from gradphoto.apps.delivery.models import DeliveryReport, ReportKind, ReportStatus
from gradphoto.apps.errata.drafting import Contact, Wrong, draft_case
from gradphoto.apps.errata.kinds import ErrataKind
from gradphoto.apps.errata.models import CaseReport, CaseStatus, ErrataCase, ErrataItem, Origin
from gradphoto.apps.errata.steps import withdraw_case
from gradphoto.apps.orgs.scope import may_change_all
from gradphoto.engine.wording import Wording

_KIND_OF = {ReportKind.MISSING: ErrataKind.MISSING, ReportKind.DAMAGED: ErrataKind.DAMAGED}
KINDS_OF_WRONG = (
    ErrataKind.OTHER_PERSON, ErrataKind.BAD_PHOTO, ErrataKind.BLURRED, ErrataKind.SCHOOL_WRONG, ErrataKind.DATA_WRONG,
    ErrataKind.DATA_SHIFTED,
)  # fmt: skip
"""What "wrong" may mean: the report does not tell, so the person chooses."""
NEEDS_MORE = (ErrataKind.DATA_WRONG, ErrataKind.DATA_SHIFTED)
"""Right values, or a run of people: these cases are drafted on their own page."""


def kind_of_report(report: DeliveryReport, chosen: str = "") -> ErrataKind:
    """The kind of case that a report becomes; what is wrong is as chosen, else another person's photograph."""
    if report.kind in _KIND_OF:
        return _KIND_OF[ReportKind(report.kind)]
    return ErrataKind(chosen) if chosen in KINDS_OF_WRONG else ErrataKind.OTHER_PERSON


@action("errata.case_of_report", permission="errata.draft")
def case_of_report(actor: Actor, report: DeliveryReport, *, contact: Contact, kind: ErrataKind) -> ErrataCase:
    """Make a case of an open report with what is known, or join the one that is open for this person and error."""
    link = CaseReport.objects.filter(report=report).select_related("case").first()
    if link is not None:
        return link.case
    open_item = ErrataItem.objects.filter(candidate=report.candidate_id, kind=kind, field="", closed_at=None).first()
    case = open_item.case if open_item else draft_case(
        actor,
        report.package.campaign,
        kind=kind,
        people=[Wrong(report.candidate)],
        contact=contact,
        description=_words(report),
        origin=Origin.DELIVERY,
        package=report.package,
    )  # fmt: skip
    link_report(actor, report, case=case)
    audit.note(case=case.pk, joined=open_item is not None)
    return case


def _words(report: DeliveryReport) -> str:
    return report.note or f"核对交付包 {report.package} 时发现：{ReportKind(report.kind).label}"


@action("errata.link_report", permission="errata.draft")
def link_report(actor: Actor, report: DeliveryReport, *, case: ErrataCase) -> None:
    """This report is dealt with by this case, and closes with it."""
    if not may_change_all(actor, "errata.draft", [case]):
        raise PermissionRefusal("errata.link_report")
    if report.status != ReportStatus.OPEN or not case.items.filter(candidate=report.candidate_id).exists():
        raise refuse(
            "errata.report_closed", "该问题已处理或不属于本件勘误。", "This report is closed, or of another person.",
            "请刷新问题登记页。", "Reload the page of reports.",
        )  # fmt: skip
    CaseReport.objects.get_or_create(report=report, defaults={"case": case})
    audit.note(case=case.pk)


@receiver(report_withdrawn, dispatch_uid="errata.report_withdrawn")
def _report_withdrawn(sender: Any, report: DeliveryReport, **more: Any) -> None:
    """Who takes a report back takes back the draft that only it had asked for; a case under way is not reached here."""
    link = CaseReport.objects.filter(report=report).select_related("case").first()
    if link is None:
        return
    case = link.case
    link.delete()
    alone = case.origin == Origin.DELIVERY and not case.reports.exists()
    if alone and case.status == CaseStatus.DRAFTED and case.form_id is None:
        reason = Wording("核对时登记的问题已撤回", "The report of the check was withdrawn")
        withdraw_case(Actor.system("delivery"), case, reason=reason.zh)
