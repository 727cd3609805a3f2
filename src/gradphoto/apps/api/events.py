"""What a program can be told of, and the outbox: an event is a row of the transaction in which it happened.

The rooms know nothing of it: their lifecycles tell who follows them (``core.lifecycle``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models.signals import post_save
from django.dispatch import receiver

from gradphoto.apps.api.models import Event, EventDelivery, Webhook
from gradphoto.apps.api.sending import ask_to_send
from gradphoto.apps.capture.lifecycle import CHECK_IN
from gradphoto.apps.capture.models import CheckIn, CheckInStatus
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.delivery.lifecycle import PACKAGE
from gradphoto.apps.delivery.models import Package, PackageItem, PackageStatus
from gradphoto.apps.errata.lifecycle import CASE as ERRATA
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.registration.models import REGISTERING, LedgerEntry
from gradphoto.apps.roster.lifecycle import IMPORT
from gradphoto.apps.roster.models import Candidate, DifferenceState, ImportStatus, RosterImport
from gradphoto.apps.verification.lifecycle import CASE as VERIFICATION
from gradphoto.apps.verification.models import CaseStatus
from gradphoto.engine.wording import Wording

KINDS: dict[str, Wording] = {
    "roster.applied": Wording("名册已办结", "A roster was taken over"),
    "candidate.photographed": Wording("已拍摄", "Photographed"),
    "portrait.delivered": Wording("照片已交付", "Portraits were delivered"),
    "verification.confirmed": Wording("本人已确认", "Confirmed by the graduate"),
    "errata": Wording("勘误有进展", "An erratum moved"),
    "registration.registered": Wording("已注册", "A graduate was registered"),
}
"""What is subscribed to; an event of errata bears the state, too: ``errata.corrected``."""
TEST = "webhook.test"
_MOST_KEYS = 500


class Told(NamedTuple):
    """An event to be: ``about`` is the record, by which it is told once where it may happen twice."""

    kind: str
    unit: Organisation
    data: dict[str, Any]
    about: str


def emit(events: Iterable[Told], *, once: bool = False) -> None:
    """Write the events that some program listens to, each with a delivery for every one that does."""
    listening = list(Webhook.objects.filter(ended_at=None).select_related("organisation"))
    if not listening:
        return
    deliveries = []
    for told in events:
        wanted = [one for one in listening if _listens(one, told)]
        if not wanted or (once and Event.objects.filter(kind=told.kind, about=told.about).exists()):
            continue
        event = Event.objects.create(kind=told.kind, unit=told.unit, data=told.data, about=told.about)
        deliveries += [EventDelivery(event=event, webhook=one) for one in wanted]
    if deliveries:
        EventDelivery.objects.bulk_create(deliveries)
        ask_to_send()


def _listens(webhook: Webhook, told: Told) -> bool:
    kind = "errata" if told.kind.startswith("errata.") else told.kind
    return kind in webhook.events and told.unit.path.startswith(webhook.organisation.path)


_LISTENING: Prepared[Webhook] = Prepared(lambda: Webhook.objects.filter(ended_at=None).only("pk").order_by()[:1])


def _someone_listens() -> bool:
    return _LISTENING.first() is not None


def _of_candidates(kind: str, found: Iterable[tuple[int, str, dict[str, Any]]]) -> Iterator[Told]:
    """Events about candidates: key of the candidate, the record, and what else is told."""
    listed = list(found)
    people = Candidate.objects.select_related("department").in_bulk([key for key, _, _ in listed])
    for key, about, more in listed:
        person = people[key]
        yield Told(kind, person.department, {"candidate": key, "campaign": person.campaign_id, **more}, about)


@IMPORT.follow
def _roster_applied(imports: Sequence[RosterImport]) -> None:
    done = [one for one in imports if one.status == ImportStatus.DONE]
    if done and _someone_listens():
        emit(
            Told(
                "roster.applied", one.organisation,
                {"import": one.pk, "campaign": one.campaign_id,
                 "taken": one.differences.filter(state=DifferenceState.TAKEN).count()},
                f"import:{one.pk}",
            )
            for one in done
        )  # fmt: skip


@CHECK_IN.follow
def _photographed(check_ins: Sequence[CheckIn]) -> None:
    shot = [one for one in check_ins if one.status in (CheckInStatus.SHOT, CheckInStatus.CONFIRMED)]
    if shot and _someone_listens():
        found = ((one.candidate_id, f"check_in:{one.pk}", {"shooting_number": one.shooting_number}) for one in shot)
        emit(_of_candidates("candidate.photographed", found), once=True)


@PACKAGE.follow
def _delivered(packages: Sequence[Package]) -> None:
    done = [one for one in packages if one.status == PackageStatus.DELIVERED]
    if done and _someone_listens():
        emit(told for one in done for told in _parts(one))


def _parts(package: Package) -> Iterator[Told]:
    """One event for every 500 people, and none larger; each unit below hears of its own people."""
    by_unit: dict[int, list[int]] = {}
    items = PackageItem.objects.filter(package=package).order_by("pk")
    for unit, key in items.values_list("portrait__candidate__department", "portrait__candidate"):
        by_unit.setdefault(unit, []).append(key)
    units = Organisation.objects.in_bulk(by_unit)
    for unit, keys in by_unit.items():
        for start in range(0, len(keys), _MOST_KEYS):
            data = {
                "package": package.pk, "campaign": package.campaign_id, "candidates": keys[start : start + _MOST_KEYS],
            }  # fmt: skip
            yield Told("portrait.delivered", units[unit], data, f"package:{package.pk}")


@VERIFICATION.follow
def _confirmed(cases: Sequence[Any]) -> None:
    done = [one for one in cases if one.status == CaseStatus.CONFIRMED]
    if done and _someone_listens():
        emit(_of_candidates("verification.confirmed", ((one.candidate_id, f"case:{one.pk}", {}) for one in done)))


@ERRATA.follow
def _errata(cases: Sequence[Any]) -> None:
    if cases and _someone_listens():
        for one in cases:
            found = [(one.candidate_id, f"errata:{one.pk}", {"case": one.pk})]
            emit(_of_candidates(f"errata.{one.status}", found))


@receiver(post_save, sender=LedgerEntry)
def _registered(sender: Any, instance: LedgerEntry, created: bool, **kwargs: Any) -> None:
    if created and instance.kind in REGISTERING and _someone_listens():
        more = {"line": instance.number, "with_photograph": instance.portrait_id is not None}
        emit(_of_candidates("registration.registered", [(instance.candidate_id, f"line:{instance.pk}", more)]))
