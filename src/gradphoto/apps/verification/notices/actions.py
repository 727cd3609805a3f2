"""Telling graduates, and keeping the proof (R172, R203)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Contact
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal, invalid, refuse
from gradphoto.apps.core.jobs import enqueue
from gradphoto.apps.orgs.permissions import seats
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.apps.verification.notices.audience import told_of
from gradphoto.apps.verification.notices.models import (
    UNSENT,
    Channel,
    ContactPoint,
    Notice,
    NoticeKind,
    NoticeRound,
    NoticeState,
)
from gradphoto.apps.verification.notices.texts import check_text
from gradphoto.engine.wording import Wording

_BATCH = 1000


@action("verification.keep_contacts", permission="verification.notify", within=())
def keep_contacts(actor: Actor, campaign: Campaign, *, found: Mapping[str, Sequence[tuple[str, str]]]) -> int:
    """Keep addresses by student number, in place of earlier ones; only of the sender's own people. Returns how many."""
    people = dict(
        changeable(actor, Candidate, "verification.notify")
        .filter(campaign=campaign, student_no__in=list(found))
        .values_list("student_no", "pk")
    )
    points = [
        ContactPoint(candidate_id=people[student_no], channel=channel, address=address)
        for student_no, addresses in found.items()
        if student_no in people
        for channel, address in addresses
    ]
    known = {(one.candidate_id, one.channel): one for one in ContactPoint.objects.filter(candidate__in=people.values())}
    changed, fresh = [], []
    for point in points:
        kept = known.get((point.candidate_id, point.channel))
        if kept is None:
            fresh.append(point)
        else:
            kept.address = point.address
            changed.append(kept)
    ContactPoint.objects.bulk_update(changed, ["address"], batch_size=_BATCH)
    ContactPoint.objects.bulk_create(fresh, batch_size=_BATCH)
    audit.note(kept=len(points), unknown=len(found) - len(people))
    return len(points)


def unknown_numbers(actor: Actor, campaign: Campaign, found: Mapping[str, Sequence[tuple[str, str]]]) -> list[str]:
    """The student numbers of a table that are none of the sender's own people: told, not dropped."""
    mine = changeable(actor, Candidate, "verification.notify").filter(campaign=campaign)
    known = set(mine.filter(student_no__in=list(found)).values_list("student_no", flat=True))
    return [number for number in found if number not in known]


@action("verification.send_notices", permission="verification.notify", within=("cases", "people", "contacts"))
def send_notices(
    actor: Actor,
    campaign: Campaign,
    *,
    kind: NoticeKind,
    channel: Channel,
    text: str,
    cases: Sequence[VerificationCase] = (),
    people: Sequence[Candidate] = (),
    contacts: Sequence[Contact] = (),
    nonce: uuid.UUID | None = None,
) -> NoticeRound:
    """Send one text to many in the background; whoever cannot be reached that way is listed by name.

    They are told by their verification cases, as ``people``, or as ``contacts`` of the campaign. ``nonce`` is the form's own: sent twice by a double click it is one round.
    With other contents it raises ``verification.sent_before``.
    """
    wanted = [*(case.candidate_id for case in cases), *(person.pk for person in people)]
    known = NoticeRound.objects.filter(nonce=nonce).first() if nonce else None
    if known is not None:
        same = (known.created_by_id, known.kind, known.channel, known.text) == (
            actor.user.pk, kind, channel, check_text(text),
        )  # fmt: skip
        if not same or not _told_in(known, wanted, contacts):
            raise _sent_before()
        audit.note(round=known.pk, repeated=True)
        return known
    if channel == Channel.IN_PERSON or not (wanted or contacts):
        raise invalid(
            "verification.notice_nobody",
            "没有可发送的对象或方式。",
            "There is nobody, or no way, to send this to.",
            "请放宽筛选，或选择电子邮件、短信或校内消息平台。",
            "Loosen the filter, or choose e-mail, text message or the school's message service.",
        )
    made = NoticeRound.objects.create(
        campaign=campaign,
        organisation=seats(actor, "verification.notify")[0],
        kind=kind,
        channel=channel,
        text=check_text(text),
        created_by=actor.user,
        nonce=nonce,
    )
    # The school's own service knows its students by their number and needs no address.
    reachable = set(wanted) if channel == Channel.WEBHOOK else _with_address(wanted, channel)
    answering = [one for one in contacts if address_of(one, channel)]
    rows = [*_to_people(made, wanted, reachable), *_to_contacts(made, contacts, answering)]
    Notice.objects.bulk_create(rows, batch_size=_BATCH)
    _hand_to_job(actor, made, len(reachable) + len(answering))
    audit.note(round=made.pk, channel=str(channel), kind=str(kind), persons=len(rows), reachable=len(reachable))
    return made


def _to_people(made: NoticeRound, wanted: Sequence[int], reachable: set[int]) -> list[Notice]:
    facts = told_of(made.campaign, NoticeKind(made.kind), wanted)
    return [
        Notice(
            round=made,
            candidate_id=person,
            channel=made.channel,
            facts=dict(facts[person].facts) if person in facts else {},
            state=NoticeState.WAITING if person in reachable else NoticeState.NO_ADDRESS,
        )
        for person in wanted
    ]


def _to_contacts(made: NoticeRound, contacts: Sequence[Contact], answering: Sequence[Contact]) -> list[Notice]:
    return [
        Notice(
            round=made, contact=one, channel=made.channel,
            state=NoticeState.WAITING if one in answering else NoticeState.NO_ADDRESS,
        )
        for one in contacts
    ]  # fmt: skip


def _told_in(known: NoticeRound, people: Sequence[int], contacts: Sequence[Contact]) -> bool:
    told = known.notices.values_list("candidate", "contact")
    return {*people} <= {person for person, _ in told} and {one.pk for one in contacts} <= {one for _, one in told}


def _sent_before() -> Refusal:
    """An old form with another text or other people is no double click."""
    return refuse(
        "verification.sent_before",
        "这张表单已经发送过，这次没有发送。",
        "This form was sent before; nothing was sent now.",
        "请刷新页面后重新填写。",
        "Reload the page and fill it in again.",
    )


def address_of(contact: Contact, channel: str) -> str:
    """Where a contact of the campaign is reached by a channel; empty where nowhere."""
    if channel == Channel.EMAIL:
        return contact.email
    return contact.telephone if channel == Channel.SMS else ""


@action("verification.send_again", permission="verification.notify")
def send_again(actor: Actor, made: NoticeRound) -> int:
    """Try again, in the same words, whom a round did not reach: the failed, and who has an address by now.

    Whoever was reached is not told twice. Returns how many are tried.
    """
    if made.job is not None and not made.job.is_over:
        raise refuse(
            "verification.notices_under_way",
            "这次通知还在发送中。",
            "This round is still being sent.",
            "请等发送结束后再补发。",
            "Wait until it has ended.",
        )
    missing = made.notices.filter(state=NoticeState.NO_ADDRESS)
    found = _with_address(list(missing.filter(contact=None).values_list("candidate_id", flat=True)), made.channel)
    again = [
        *made.notices.filter(state__in=UNSENT).values_list("pk", flat=True),
        *(pk for pk, person in missing.values_list("pk", "candidate_id") if person in found),
    ]
    if not again:
        raise refuse(
            "verification.nobody_to_try_again",
            "没有可以补发的对象。",
            "There is nobody to try again.",
            "请先导入缺少的联系方式，或当面告知并登记。",
            "Take in the missing addresses first, or tell them in person and record it.",
        )
    for start in range(0, len(again), _BATCH):
        made.notices.filter(pk__in=again[start : start + _BATCH]).update(state=NoticeState.WAITING, error=None)
    _hand_to_job(actor, made, len(again))
    audit.note(persons=len(again))
    return len(again)


def _hand_to_job(actor: Actor, made: NoticeRound, people: int) -> None:
    made.job = enqueue(
        "verification.send_notices",
        actor,
        Wording("发送通知：{n} 人", "Send notices: {n:person|persons}").format(n=people),
        {"round": made.pk},
        organisation_id=made.organisation_id,
        result_url=reverse("verification:notice_round", args=[made.pk]),
    )
    made.save(update_fields=["job"])


def _with_address(people: Sequence[int], channel: str) -> set[int]:
    """Asked for in bites: a database takes only so many parameters."""
    found: set[int] = set()
    for start in range(0, len(people), _BATCH):
        points = ContactPoint.objects.filter(channel=channel, candidate__in=people[start : start + _BATCH])
        found.update(points.values_list("candidate_id", flat=True))
    return found


@action("verification.note_told", permission="verification.notify")
def note_told(actor: Actor, case: VerificationCase) -> Notice:
    """Put on record that this graduate was told face to face (R203)."""
    notice = Notice.objects.create(
        candidate_id=case.candidate_id,
        channel=Channel.IN_PERSON,
        state=NoticeState.TOLD,
        at=timezone.now(),
        by=actor.user,
    )
    audit.note(notice=notice.pk)
    return notice
