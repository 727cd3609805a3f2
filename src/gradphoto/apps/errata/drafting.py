"""Drafting a case: from a person, a delivery check or a disputed verification; changing and withdrawing it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import TEST_REGIONS
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Frame, FrameStatus
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, invalid, refuse
from gradphoto.apps.delivery.models import Package
from gradphoto.apps.errata.effects import newest_sources
from gradphoto.apps.errata.kinds import ErrataKind
from gradphoto.apps.errata.models import CaseStatus, ErrataCase, ErrataItem, Origin
from gradphoto.apps.errata.routing import corrector_of
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.persons import first_of
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.verification.corrections import check_entered
from gradphoto.apps.verification.items import mask_of, text_of
from gradphoto.apps.verification.models import CaseStatus as VerificationStatus
from gradphoto.apps.verification.models import VerificationCase

_DIGITS = re.compile(r"\d")
_TELEPHONE = re.compile(r"[0-9+()（）\-—转 ext.]+", re.IGNORECASE)
_FEWEST_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the corrector may ask; all three must be there (R160)."""

    name: str
    telephone: str
    address: str

    def checked(self) -> Contact:
        """The same, tidied. Raises ``errata.contact_incomplete`` or ``errata.telephone``."""
        tidy = Contact(*(" ".join(text.split()) for text in (self.name, self.telephone, self.address)))
        if not (tidy.name and tidy.telephone and tidy.address):
            raise invalid(
                "errata.contact_incomplete", "联系人、电话、地址须填写完整。",
                "Contact, telephone and address must be complete.", "请补全后再提交（R160）。", "Complete them (R160).",
                field="contact",
            )  # fmt: skip
        if len(_DIGITS.findall(tidy.telephone)) < _FEWEST_DIGITS or not _TELEPHONE.fullmatch(tidy.telephone):
            raise invalid(
                "errata.telephone", "联系电话不完整。", "The telephone number is not complete.",
                "请填写区号和号码或手机号，例如 0731-12345678。", "Give it with its area code, e.g. 0731-12345678.",
                field="telephone",
            )  # fmt: skip
        return tidy


@dataclass(frozen=True, slots=True)
class Wrong:
    """A person of a case; ``right`` tells for wrong data the right value of each wrong field."""

    candidate: Candidate
    right: dict[str, str] = field(default_factory=dict)


@action("errata.draft_case", permission="errata.draft", within=())
def draft_case(
    actor: Actor,
    campaign: Campaign,
    *,
    kind: ErrataKind,
    people: Sequence[Wrong],
    contact: Contact,
    description: str = "",
    origin: Origin = Origin.PERSON,
    session: CaptureSession | None = None,
    package: Package | None = None,
) -> ErrataCase:
    """Put an error on record; its number and its corrector follow from the campaign (the campaign is locked).

    Raises ``errata.people``, ``errata.seasons``, ``errata.contact_incomplete``, ``errata.routes_differ``,
    ``errata.already_open`` or, for wrong values, ``verification.corrections_invalid``.
    """
    contact = contact.checked()
    _require_people(actor, campaign, kind, people, session)
    if any(one is not None and one.campaign_id != campaign.pk for one in (session, package)):
        raise PermissionRefusal("errata.draft_case")
    entered = [(one, _entered(campaign, kind, one)) for one in people]
    correctors = {corrector_of(campaign, kind, name) for _, right in entered for name in right or [""]}
    if len(correctors) != 1:
        raise refuse(
            "errata.routes_differ", "这些项目由不同单位更正。", "These fields are corrected by different parties.",
            "请按更正单位分别提交。", "Make one case for each party.",
        )  # fmt: skip
    case = ErrataCase.objects.create(
        campaign=campaign,
        number=_next_number(campaign),
        kind=kind,
        corrector=correctors.pop(),
        department=_home([one.candidate for one in people], campaign),
        season=people[0].candidate.season,
        origin=origin,
        description=" ".join(description.split()),
        contact=contact.name,
        telephone=contact.telephone,
        address=contact.address,
        session=session,
        package=package,
        drafted_by=actor.user,
    )
    _add_items(case, entered)
    audit.note(case=case.pk, number=str(case), kind=str(kind), corrector=str(case.corrector), people=len(people))
    return case


def _require_people(
    actor: Actor, campaign: Campaign, kind: ErrataKind, people: Sequence[Wrong], session: CaptureSession | None
) -> None:
    pks = {one.candidate.pk for one in people}
    fewest = 2 if kind is ErrataKind.DATA_SHIFTED else 1
    if len(pks) < fewest or len(pks) != len(people) or {one.candidate.campaign_id for one in people} != {campaign.pk}:
        raise invalid(
            "errata.people", "请选择本批次的毕业生；数据错位至少两人。",
            "Choose graduates of this campaign; shifted data concern two or more.",
            "按拍摄序号起止选择，或逐人查找。", "Choose by shooting numbers, or look them up.",
        )  # fmt: skip
    if changeable(actor, Candidate, "errata.draft").filter(pk__in=pks).distinct().count() != len(pks):
        raise PermissionRefusal("errata.draft_case")
    if len({one.candidate.season for one in people}) > 1:
        raise refuse(
            "errata.seasons", "春季和秋季毕业生须分开办理。", "Spring and autumn graduates are kept apart.",
            "请按毕业季分别提交。", "Make one case for each season.",
        )  # fmt: skip
    if kind is ErrataKind.DATA_SHIFTED and (session is None or session.campaign_id != campaign.pk):
        raise invalid(
            "errata.session_missing", "数据错位须注明采集场次。", "Shifted data need their session.",
            "请选择场次和起止拍摄序号。", "Choose the session and the shooting numbers.",
        )  # fmt: skip


def _entered(campaign: Campaign, kind: ErrataKind, one: Wrong) -> dict[str, str]:
    """The right values of wrong data, checked as the graduate's own corrections are; nothing for other kinds."""
    if kind is not ErrataKind.DATA_WRONG:
        return {}
    good = check_entered(one.candidate, one.right, value_of(campaign, TEST_REGIONS))
    return {name: text_of(value) for name, value in good.items()}


def _next_number(campaign: Campaign) -> int:
    return (ErrataCase.objects.filter(campaign=campaign).aggregate(last=Max("number"))["last"] or 0) + 1


def _home(people: Sequence[Candidate], campaign: Campaign) -> Organisation:
    """The people's department, or the school when they are of several."""
    departments = {person.department_id: person.department for person in people}
    return campaign.school if len(departments) > 1 else next(iter(departments.values()))


def _add_items(case: ErrataCase, entered: Sequence[tuple[Wrong, dict[str, str]]]) -> None:
    first = {one.candidate.pk: first_of(one.candidate) for one, _ in entered}
    shots = CheckIn.objects.filter(candidate__in=first.values()).exclude(status=CheckInStatus.CANCELLED)
    by_first = dict(shots.values_list("candidate_id", "shooting_number"))
    numbers = {pk: by_first[its] for pk, its in first.items() if its in by_first}
    shifted = [one.candidate for one, _ in entered] if case.kind == ErrataKind.DATA_SHIFTED else []
    frames = Frame.objects.filter(check_in__candidate__in=shifted, status=FrameStatus.ACCEPTED)
    files = dict(frames.values_list("check_in__candidate", "file_name"))
    before = newest_sources([one.candidate.pk for one, _ in entered])
    rows = [(one.candidate, name, right.get(name)) for one, right in entered for name in right or [""]]
    items = [
        ErrataItem(
            case=case,
            position=position,
            candidate=person,
            kind=case.kind,
            field=name,
            shown=mask_of(name, text_of(getattr(person, name)))[:120] if name else files.get(person.pk, ""),
            right=value,  # type: ignore[misc]
            shooting_number=numbers.get(person.pk),
            frame_before_id=before.get(person.pk),
        )
        for position, (person, name, value) in enumerate(rows, start=1)
    ]
    try:
        with transaction.atomic():
            ErrataItem.objects.bulk_create(items)
    except IntegrityError:
        raise refuse(
            "errata.already_open", "其中有人的同一错误已在办理。",
            "The same error of one of them is being dealt with already.",
            "请在勘误列表中查找此人，继续办理原来的一件。", "Look the person up in the list and go on with that case.",
        ) from None  # fmt: skip


_REASONS = (
    ("不是本人", ErrataKind.OTHER_PERSON),
    ("模糊", ErrataKind.BLURRED),
    ("闭眼", ErrataKind.BAD_PHOTO),
    ("院校", ErrataKind.SCHOOL_WRONG),
)


def kind_of_dispute(reason: str) -> ErrataKind:
    """The kind that a graduate's words in the portal mean; what cannot be told is treated as another's image."""
    return next((kind for words, kind in _REASONS if words in reason), ErrataKind.OTHER_PERSON)


@action("errata.draft_from_dispute", permission="errata.draft")
def draft_from_dispute(
    actor: Actor, disputed: VerificationCase, *, contact: Contact, kind: ErrataKind | None = None
) -> ErrataCase:
    """Turn a disputed photograph into an errata case (R166, R169); the graduate's own words go with it."""
    if disputed.status != VerificationStatus.DISPUTED:
        raise refuse(
            "errata.not_disputed", "该生没有待处理的图像异议。", "This graduate disputes nothing now.",
            "请刷新页面。", "Reload the page.",
        )  # fmt: skip
    return draft_case(
        actor,
        disputed.candidate.campaign,
        kind=kind or kind_of_dispute(disputed.dispute_reason),
        people=[Wrong(disputed.candidate)],
        contact=contact,
        description=disputed.dispute_reason,
        origin=Origin.VERIFICATION,
    )


@action("errata.edit_case", permission="errata.draft")
def edit_case(actor: Actor, case: ErrataCase, *, contact: Contact, description: str) -> None:
    """Mend the facts of a case that is still a draft and on no form."""
    if case.status != CaseStatus.DRAFTED or case.form_id is not None:
        raise refuse(
            "errata.not_a_draft", "已列入勘误表，不能再改。", "It stands on a form and is not changed any more.",
            "请先撤销勘误表。", "Dissolve the form first.",
        )  # fmt: skip
    contact = contact.checked()
    case.contact, case.telephone, case.address = contact.name, contact.telephone, contact.address
    case.description = " ".join(description.split())
    case.save(update_fields=["contact", "telephone", "address", "description"])


def last_contact(actor: Actor) -> Contact | None:
    """The contact facts that the actor gave last, or somebody of their organisation did: to fill in a new case."""
    cases = scoped(actor, ErrataCase).order_by("-drafted_at", "-pk")
    last = cases.filter(drafted_by=actor.user).first() or cases.first()
    return Contact(last.contact, last.telephone, last.address) if last else None


def close_items(case: ErrataCase) -> None:
    """The error is dealt with: the same may be reported again should it come back."""
    case.items.filter(closed_at=None).update(closed_at=timezone.now())
