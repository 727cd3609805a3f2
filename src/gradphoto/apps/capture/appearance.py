"""The college's appearance check: noted before the day, shown beside the person at the station (R120, R122, R123)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.models import Appearance, AppearanceLine
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, invalid, within
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.roster.models import Candidate


@action("capture.note_appearance", permission="capture.check_appearance", within=("candidates",))
def note_appearance(
    actor: Actor, campaign: Campaign, *, candidates: Iterable[Candidate], day: date, findings: Sequence[str], note: str = ""
) -> int:  # fmt: skip
    """Put down what was found of these people on a day; returns how many lines are new.

    ``fine`` settles what was found before and stands alone. A line that is there already takes the new note. Raises
    ``capture.appearance_ahead``, ``capture.appearance_nothing``, ``capture.appearance_both`` and ``capture.appearance_other``.
    """
    people, found = list(candidates), [Appearance(one) for one in dict.fromkeys(findings)]
    told = within(note, 200, field="note")
    if any(person.campaign_id != campaign.pk for person in people):
        raise PermissionRefusal("capture.note_appearance")
    if day > timezone.localdate():
        raise invalid("capture.appearance_ahead", "检查日期在未来。", "The day of the check lies ahead.",
                      "请填写实际检查的日期。", "Give the day on which you looked.", field="day")  # fmt: skip
    if not people or not found:
        raise invalid("capture.appearance_nothing", "请勾选人员和检查结果。", "Tick the people and what was found.",
                      "合格的请勾选“仪容合格”。", "Who is as it should be gets that finding.", field="findings")  # fmt: skip
    if Appearance.FINE in found and len(found) > 1:
        raise invalid("capture.appearance_both", "“仪容合格”不能与问题同时勾选。", "As it should be excludes every other finding.",
                      "请分两次登记。", "Put them down in two steps.", field="findings")  # fmt: skip
    if Appearance.OTHER in found and not told:
        raise invalid("capture.appearance_other", "选了“其他”，请写明是什么。", "Say what it is.",
                      "用一句话写明，现场会看到。", "One sentence: the crew reads it.", field="note")  # fmt: skip
    made = 0
    if Appearance.FINE in found:
        # Both records of somebody in two programmes: it is one face.
        firsts = {person.same_person_id or person.pk for person in people}
        lines = AppearanceLine.objects.filter(Q(candidate__in=firsts) | Q(candidate__same_person__in=firsts))
        lines.filter(settled_on=None, day__lte=day).update(settled_on=day)
    later = _found_fine_after(people, day)
    for person in people:
        for finding in found:
            _, new = AppearanceLine.objects.update_or_create(
                candidate=person, day=day, finding=finding,
                defaults={
                    "note": told, "noted_by": actor.label[:150], "noted_at": timezone.now(),
                    "settled_on": day if finding == Appearance.FINE else later.get(person.pk),
                },
            )  # fmt: skip
            made += new
    audit.note(people=len(people), findings=[str(one) for one in found], day=day.isoformat())
    return made


def _found_fine_after(people: Sequence[Candidate], day: date) -> dict[int, date]:
    """The first later day on which each was found fine: a list that is put down late is settled by it already."""
    fine = AppearanceLine.objects.filter(candidate__in=people, finding=Appearance.FINE, day__gt=day)
    return dict(fine.order_by("-day").values_list("candidate", "day"))


def lines_of(candidate: Candidate) -> list[AppearanceLine]:
    """What was found of one person and not settled: ``open_lines`` for a page that asks at each change."""
    return _LINES.all(person=candidate.same_person_id or candidate.pk)


_LINES: Prepared[AppearanceLine] = Prepared(
    lambda person: AppearanceLine.objects.filter(
        Q(candidate=person) | Q(candidate__same_person=person), settled_on=None
    )
)


def open_lines(people: Iterable[int]) -> dict[int, list[AppearanceLine]]:
    """What was found and not settled, by the candidate's primary key; somebody in two programmes by either record."""
    firsts = dict(Candidate.objects.filter(pk__in=set(people)).order_by().values_list("pk", "same_person"))
    wanted = {first or pk for pk, first in firsts.items()}
    lines = AppearanceLine.objects.filter(
        Q(candidate__in=wanted) | Q(candidate__same_person__in=wanted), settled_on=None
    ).select_related("candidate")
    found: dict[int, list[AppearanceLine]] = {}
    for line in lines:
        found.setdefault(line.candidate.same_person_id or line.candidate_id, []).append(line)
    return {pk: found[first or pk] for pk, first in firsts.items() if (first or pk) in found}
