"""What a graduate was shown and confirmed, and whether the record still says so (R163, R164, R170).

The page carries a fingerprint of everything it shows; a confirmation counts for that state only. What was confirmed is
kept, encrypted, so that a later change is seen before anything is registered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from django.db.models import F, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from gradphoto.apps.campaigns import settings_keys
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.capture.models import CheckInStatus, FrameStatus
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.core.prepared import Prepared, add
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.roster.persons import is_of_person
from gradphoto.apps.verification.items import BY_FIELD, ITEMS, text_of
from gradphoto.apps.verification.models import CaseStatus, Confirmation, Correction, VerificationCase
from gradphoto.apps.verification.queries import WITH_THE_SCHOOL
from gradphoto.engine.wording import Wording

PHOTOGRAPH = "photograph"
"""Stands among the names of changed fields for the photograph itself."""
_BEFORE_CORRECTIONS = (CaseStatus.OPEN, CaseStatus.VIEWED)


def pending_corrections(case: VerificationCase) -> dict[str, str]:
    """What the graduate entered and nobody has decided yet, by field."""
    if case.status in _BEFORE_CORRECTIONS:
        return {}  # corrections make the case a corrected one
    waiting = case.corrections.filter(applied_at__isnull=True, withdrawn_at__isnull=True)
    return {one.field: text_of(one.entered) for one in waiting}


def values_of(case: VerificationCase) -> dict[str, str]:
    """The verified items as the record holds them now; the ID number is whole, so this goes into no log or address."""
    return {item.field: text_of(getattr(case.candidate, item.field)) for item in ITEMS}


def fingerprint(case: VerificationCase, pending: Mapping[str, str] | None = None) -> str:
    """64 hex digits of all that the comparing page shows: record, corrections, unit, season, photograph.

    ``pending``: the case's ``pending_corrections``, where the caller has them already.
    """
    person = case.candidate
    shown = {
        "record": values_of(case),
        "corrections": pending_corrections(case) if pending is None else pending,
        "where": [person.campaign_id, person.department_id, person.season],
        "photograph": case.portrait_id,
    }
    text = json.dumps([case.pk, shown], sort_keys=True, ensure_ascii=False)
    return salted_hmac("verification.shown", text, algorithm="sha256").hexdigest()


class ChangedMeanwhile(Refusal):
    """The graduate confirms what the record does not say any more; nothing has happened."""

    def __init__(self) -> None:
        super().__init__(
            "verification.changed_meanwhile",
            Wording(
                "您打开本页之后，信息或图像已有变动，刚才的确认没有生效。",
                "The record or the photograph changed after this page was opened; your confirmation has not counted.",
            ),
            Wording("请重新核对现在显示的内容，再点“信息无误”。", "Compare what is shown now, then press “No error”."),
        )


def require_shown(case: VerificationCase, shown: str, pending: Mapping[str, str]) -> Portrait:
    """The photograph that is confirmed; refuse anything but the present state. Raises ``ChangedMeanwhile``."""
    if not constant_time_compare(shown, fingerprint(case, pending)):
        raise ChangedMeanwhile
    photograph = _STANDS.first(portrait=case.portrait_id)
    if photograph is None:
        raise refuse(
            "verification.photo_withdrawn",
            "您的图像正在由学校更正，暂时不能确认。",
            "Your photograph is being mended by your school and cannot be confirmed at present.",
            "新照片交付后，请重新登录核对。",
            "Log in again once the new photograph is delivered.",
        )
    return photograph


def keep_confirmation(case: VerificationCase, pending: Mapping[str, str]) -> Confirmation:
    """Keep what was confirmed: the record with the graduate's own corrections, and the photograph."""
    assert case.confirmed_at is not None
    facts = json.dumps(values_of(case) | dict(pending), ensure_ascii=False)
    kept = Confirmation(case=case, portrait_id=case.portrait_id, facts=facts, at=case.confirmed_at)
    add(kept)
    return kept


def changed_since_confirmation(case: VerificationCase) -> tuple[str, ...]:
    """What the record of one case says differently from what the graduate confirmed; see ``changed_cases``."""
    return changed_cases([case]).get(case.pk, ())


def changed_cases(cases: Sequence[VerificationCase]) -> dict[int, tuple[str, ...]]:
    """Of confirmed cases those whose record is not what was confirmed: fields of ``ITEMS``, and ``photograph``.

    A correction that awaits its review, or was dropped by it, is the review's own business (R170): that field is left
    out, whatever the record says meanwhile. Four queries for a whole page.
    """
    confirmed = [case for case in cases if case.status == CaseStatus.CONFIRMED]
    kept = {one.case_id: one for one in Confirmation.objects.filter(case__in=confirmed).order_by("at", "pk")}
    reviewed = _under_review(confirmed)
    standing, delivered = _standing(confirmed), _delivered_later(confirmed)
    found: dict[int, tuple[str, ...]] = {}
    for case in confirmed:
        one = kept.get(case.pk)
        facts: dict[str, str] = json.loads(one.facts.decrypt()) if one else {}
        now = values_of(case)
        changed = [name for name in BY_FIELD if name not in reviewed[case.pk] and now[name] != facts.get(name)]
        same = one is not None and one.portrait_id == case.portrait_id and case.portrait_id in standing
        if not same or case.pk in delivered:
            changed.append(PHOTOGRAPH)
        if changed:
            found[case.pk] = tuple(changed)
    return found


def _under_review(cases: Sequence[VerificationCase]) -> dict[int, set[str]]:
    """The fields of each case whose correction waits, or was dropped after the confirmation."""
    confirmed_at = {case.pk: case.confirmed_at for case in cases}
    fields: dict[int, set[str]] = {case.pk: set() for case in cases}
    undecided = Correction.objects.filter(case__in=cases, applied_at__isnull=True)
    for case_id, field, dropped in undecided.values_list("case_id", "field", "withdrawn_at"):
        at = confirmed_at[case_id]
        if dropped is None or at is None or dropped > at:
            fields[case_id].add(field)
    return fields


def _standing(cases: Sequence[VerificationCase]) -> set[int]:
    """Of the cases' photographs those that are still the accepted frame of their person's valid check-in (R98)."""
    shown = _standing_portraits().filter(pk__in=[case.portrait_id for case in cases])
    return set(shown.values_list("pk", flat=True))


def _standing_portraits() -> QuerySet[Portrait]:
    accepted = Portrait.objects.filter(frame__status=FrameStatus.ACCEPTED, frame__check_in=F("check_in"))
    return accepted.filter(is_of_person()).exclude(check_in__status=CheckInStatus.CANCELLED).order_by()


_STANDS: Prepared[Portrait] = Prepared(lambda portrait: _standing_portraits().filter(pk=portrait).only("blob"))


def _delivered_later(cases: Sequence[VerificationCase]) -> set[int]:
    """The cases whose school got another photograph after the confirmation (R1: print and picture agree)."""
    by_person = {case.candidate_id: case for case in cases}
    portraits = Portrait.objects.filter(
        candidate__in=by_person,
        frame__status=FrameStatus.ACCEPTED,
        package_items__package__status__in=WITH_THE_SCHOOL,
        package_items__package__delivered_at__isnull=False,
    ).exclude(check_in__status=CheckInStatus.CANCELLED)
    profiles: dict[int, str] = {}
    found = set()
    rows = portraits.values_list("candidate_id", "pk", "profile", "package_items__package__delivered_at")
    for candidate_id, pk, profile, delivered_at in rows.order_by():
        case = by_person[candidate_id]
        if pk == case.portrait_id or not (case.confirmed_at and delivered_at and delivered_at > case.confirmed_at):
            continue
        campaign = case.candidate.campaign
        if campaign.pk not in profiles:
            profiles[campaign.pk] = value_of(campaign, settings_keys.PHOTO_PROFILE)
        if profile == profiles[campaign.pk]:
            found.add(case.pk)
    return found


def titles_of(fields: Sequence[str]) -> Wording:
    """The changed items in words."""
    titles = [BY_FIELD[name].title if name in BY_FIELD else Wording("图像", "Photograph") for name in fields]
    return Wording("、".join(title.zh for title in titles), ", ".join(title.en for title in titles))


def require_as_confirmed(case: VerificationCase) -> None:
    """Refuse a step of the review while the record is not what the graduate confirmed (R1, R170)."""
    if case.status != CaseStatus.CONFIRMED:
        raise refuse(
            "verification.to_confirm_again",
            "该毕业生须重新校对确认。",
            "This graduate has to verify and confirm again.",
            "请提醒本人登录校对系统完成确认。",
            "Remind the graduate to finish the verification.",
        )
    changed = changed_since_confirmation(case)
    if changed:
        words = titles_of(changed)
        raise refuse(
            "verification.changed_after_confirmation",
            f"本人确认之后，名册有变动：{words.zh}。",
            f"The record changed after the graduate's confirmation: {words.en}.",
            "请教务处在该生的校对页提出重新校对，经另一人批准后由本人再次确认。",
            "Have the registrar propose a second look on the graduate's verification page; another person approves it.",
        )
