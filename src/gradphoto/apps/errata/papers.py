"""The forms that carry cases: compiled in one piece (R168), sealed with its scan (R71), sent, received."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.errata import lists, steps
from gradphoto.apps.errata.kinds import Channel, Paper
from gradphoto.apps.errata.layouts import form_layout, summary_layout
from gradphoto.apps.errata.lifecycle import FORM
from gradphoto.apps.errata.models import CaseStatus, ErrataCase, ErrataForm, FormStatus
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.engine.documents import TableForm


@dataclass(frozen=True, slots=True)
class Seal:
    """Whose seal, who signed in which office, and when (R71)."""

    of: str
    signed_by: str
    signed_role: str
    on: date


@action("errata.compile_form", permission="errata.draft", within=("cases",))
def compile_form(
    actor: Actor, campaign: Campaign, *, cases: Sequence[ErrataCase], paper: Paper | None = None
) -> ErrataForm:
    """Put drafted cases on one form; they must share season and corrector and fit on the same paper."""
    if not cases or {case.campaign_id for case in cases} != {campaign.pk}:
        raise invalid(
            "errata.no_cases", "请先勾选要列入的勘误。", "Tick the cases for the form first.",
            "一次只能选同一批次的勘误。", "They must be of one campaign.",
        )  # fmt: skip
    locked = list(ErrataCase.objects.select_for_update().filter(pk__in=[case.pk for case in cases]).order_by("pk"))
    if any(case.status != CaseStatus.DRAFTED or case.form_id for case in locked):
        raise refuse(
            "errata.not_a_draft", "有的勘误已列入别的勘误表或已寄出。", "Some stand on another form or are sent.",
            "请只勾选“已起草”且未列表的勘误。", "Tick drafted cases that stand on no form.",
        )  # fmt: skip
    first = locked[0]
    chosen = paper or _common_paper(locked)
    if (
        chosen is None
        or any(chosen not in case.facts.papers for case in locked)
        or len({(case.season, case.corrector) for case in locked}) > 1
    ):
        raise refuse(
            "errata.do_not_fit", "这些勘误不能列在同一张表上。", "These cases do not fit on one form.",
            "同一张表须毕业季、更正单位和表种都相同；免费重拍不用勘误表。",
            "One form holds one season, one corrector and one kind of paper; a free reshoot needs none.",
        )  # fmt: skip
    form = ErrataForm.objects.create(
        campaign=campaign,
        number=(campaign.errata_forms.aggregate(last=Max("number"))["last"] or 0) + 1,
        paper=chosen,
        season=first.season,
        organisation=_sender(locked, campaign),
        corrector=first.corrector,
        contact=first.contact,
        telephone=first.telephone,
        address=first.address,
    )
    ErrataCase.objects.filter(pk__in=[case.pk for case in locked]).update(form=form)
    audit.note(form=form.pk, number=str(form), cases=[str(case) for case in locked])
    return form


def _common_paper(cases: Sequence[ErrataCase]) -> Paper | None:
    """The first paper that holds all of them; a learning centre tells image data, its school included, by R54 (R169)."""
    fitting = [paper for paper in cases[0].facts.papers if all(paper in case.facts.papers for case in cases)]
    if Paper.IMAGE_ERRATA in fitting and all(c.department.kind == OrganisationKind.LEARNING_CENTRE for c in cases):
        return Paper.IMAGE_ERRATA
    return fitting[0] if fitting else None


def _sender(cases: Sequence[ErrataCase], campaign: Campaign) -> Organisation:
    """A learning centre sends its own (R54); all others go through the school (R168)."""
    home = {case.department_id: case.department for case in cases}
    only = next(iter(home.values()))
    return only if len(home) == 1 and only.kind == OrganisationKind.LEARNING_CENTRE else campaign.school


@action("errata.dissolve_form", permission="errata.draft")
def dissolve_form(actor: Actor, form: ErrataForm) -> None:
    """Take a form back that is not sealed yet; its cases are drafts without a form again, its number stays used."""
    if form.status != FormStatus.DRAFTED:
        raise refuse(
            "errata.form_sealed", "勘误表已盖章，不能撤销。", "The form is sealed and stays.",
            "请逐件撤回其中的勘误。", "Withdraw its cases one by one.",
        )  # fmt: skip
    audit.note(cases=[str(case) for case in form.cases.all()])
    form.cases.update(form=None)


@action("errata.seal_form", permission="errata.send", lifecycle=FORM)
def seal_form(actor: Actor, form: ErrataForm, *, seal: Seal, data: bytes, media_type: str) -> None:
    """The paper is sealed and signed; the scan is kept with who, in which office, when (R71)."""
    if not seal.of or not seal.signed_by or seal.on > timezone.localdate():
        raise invalid(
            "errata.seal_facts", "请填写印章名称、签字人和不晚于今天的日期。",
            "Name the seal, the signer and a date not after today.", "照盖好章的表填写。", "Copy them from the paper.",
        )  # fmt: skip
    form.seal_of, form.signed_by, form.signed_role, form.sealed_on = seal.of, seal.signed_by, seal.signed_role, seal.on
    form.scan = blobs.put(data, media_type)
    form.save(update_fields=["seal_of", "signed_by", "signed_role", "sealed_on", "scan"])
    cases = _cases_in(form, CaseStatus.DRAFTED)
    for case in cases:
        steps.seal_case(actor, case)
    audit.note(seal_of=form.seal_of, on=seal.on.isoformat(), scan=form.scan.evidence, cases=len(cases))


@action("errata.send_form", permission="errata.send", lifecycle=FORM)
def send_form(actor: Actor, form: ErrataForm, *, on: date, channel: Channel, to: str) -> None:
    """The form goes out, and with it every case on it."""
    cases = _cases_in(form, CaseStatus.DRAFTED, CaseStatus.SEALED)
    if not cases:
        raise refuse(
            "errata.form_empty", "表上没有待寄出的勘误。", "No case on the form awaits sending.",
            "可以撤销这张表。", "The form can be dissolved.",
        )  # fmt: skip
    for case in cases:
        steps.send_case(actor, case, on=on, channel=channel, to=to)
    form.sent_on, form.channel, form.sent_to = on, channel, to
    form.save(update_fields=["sent_on", "channel", "sent_to"])
    audit.note(on=on.isoformat(), channel=str(channel), cases=len(cases))


@action("errata.receive_form", permission="errata.receive", lifecycle=FORM)
def receive_form(actor: Actor, form: ErrataForm, *, on: date) -> None:
    """The corrector has the form: the clock of its cases starts together."""
    cases = _cases_in(form, CaseStatus.SENT)
    for case in cases:
        steps.receive_case(actor, case, on=on)
    audit.note(on=on.isoformat(), cases=len(cases))


@action("errata.print_form", permission="errata.read_forms")
def print_form(actor: Actor, form: ErrataForm) -> TableForm:
    """The form to be printed or mailed; it holds whole ID numbers, so every print is on record."""
    return form_layout(form)


def _cases_in(form: ErrataForm, *statuses: CaseStatus) -> list[ErrataCase]:
    return list(form.cases.filter(status__in=statuses).order_by("number"))


@action("errata.print_summary", permission="errata.read_forms", within=())
def print_summary(actor: Actor, campaign: Campaign, *, organisation: Organisation) -> TableForm:
    """Annex 6 of a college (R60); it holds whole ID numbers, so every print is on record."""
    lines = lists.summary_lines(actor, campaign, organisation)
    audit.note(organisation=organisation.pk, rows={season: len(found) for season, found in lines.items()})
    return summary_layout(campaign, organisation, {season: tuple(found) for season, found in lines.items()})
