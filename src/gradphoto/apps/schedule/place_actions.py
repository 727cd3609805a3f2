"""Rooms, teams, wishes and staff: what the plan rests on, each with its own small change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, invalid, within
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.schedule.catalogue import ITEM, POST
from gradphoto.apps.schedule.models import CollectionRoom, Duty, GroupWish, ReadinessCheck, Team, WishKind
from gradphoto.apps.schedule.problem import groups_of


@action("schedule.add_places", permission="schedule.plan")
def add_places(actor: Actor, campaign: Campaign, *, places: Sequence[tuple[str, int]]) -> int:
    """Rooms by name and number of stations, without times yet; one that is there stays. Returns how many are new.

    Raises ``schedule.place`` for a name that is empty or a number of stations outside 1 to 20.
    """
    made = 0
    for name, stations in places:
        if not name.strip() or not 1 <= stations <= 20:
            raise invalid("schedule.place", f"地点“{name}”须有名称和 1 至 20 台。",
                          f"The place “{name}” needs a name and 1 to 20 stations.",
                          "请检查填写内容。", "Check what you entered.")  # fmt: skip
        _, is_new = CollectionRoom.objects.get_or_create(
            campaign=campaign, name=within(" ".join(name.split()), 120, field="name"), defaults={"stations": stations}
        )
        made += is_new
    audit.note(places=[name for name, _ in places], made=made)
    return made


@action("schedule.check_room", permission="schedule.check_rooms")
def check_room(actor: Actor, room: CollectionRoom, *, results: Mapping[str, bool]) -> int:
    """Put the looked-at items of the check list on record: passed or not, by whom, now (R93). Returns how many changed."""
    changed = []
    before = {check.item: check.passed for check in room.checks.all()}
    for code, passed in results.items():
        if code in ITEM and before.get(code) is not passed:
            ReadinessCheck.objects.update_or_create(
                room=room,
                item=code,
                defaults={
                    "passed": passed,
                    "required": ITEM[code].required,
                    "checked_by": actor.label,
                    "checked_at": timezone.now(),
                },
            )
            changed.append(f"{code}:{'pass' if passed else 'fail'}")
    audit.note(room=room.name, items=changed)
    return len(changed)


@action("schedule.set_team", permission="schedule.plan")
def set_team(actor: Actor, campaign: Campaign, *, name: str, stations: int) -> Team:
    """A shooting team and how many stations it can man."""
    if not name.strip() or not 1 <= stations <= 20:
        raise invalid("schedule.team", "请填写组名和1至20台。", "A team needs a name and 1 to 20 stations.",
                      "请检查填写内容。", "Check what you entered.")  # fmt: skip
    team, _ = Team.objects.update_or_create(campaign=campaign, name=name.strip(), defaults={"stations": stations})
    audit.note(team=team.name, stations=stations)
    return team


@action("schedule.drop_team", permission="schedule.plan")
def drop_team(actor: Actor, team: Team) -> None:
    """A team that does not come."""
    audit.note(team=team.name)
    Team.objects.filter(pk=team.pk).delete()


@action("schedule.add_wish", permission="schedule.plan")
def add_wish(
    actor: Actor, campaign: Campaign, *, group: str, kind: WishKind, starts_at: datetime, ends_at: datetime
) -> GroupWish:
    """What a class asked for: a fixed begin, a time when it cannot come, or a period it would rather have (R78)."""
    known = {one.key for one in groups_of(campaign)}
    if group not in known or ends_at <= starts_at:
        raise invalid("schedule.wish", "班级不存在或起止时间有误。", "No such class, or the times are wrong.",
                      "请选择班级并检查起止时间。", "Choose a class and check the times.")  # fmt: skip
    season, department, class_name = group.split("/", 2)
    audit.note(group=group, kind=str(kind))
    return GroupWish.objects.create(
        campaign=campaign,
        season=season,
        department_id=int(department),
        class_name=class_name,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
    )


@action("schedule.drop_wish", permission="schedule.plan")
def drop_wish(actor: Actor, wish: GroupWish) -> None:
    """It no longer matters."""
    audit.note(wish=str(wish.kind))
    GroupWish.objects.filter(pk=wish.pk).delete()


@action("schedule.assign_duty", permission="schedule.staff")
def assign_duty(
    actor: Actor, department: Organisation, *, campaign: Campaign, post: str, name: str, phone: str = ""
) -> Duty:
    """Put a person at a post of a college, or of the school for the whole point (R91, R92)."""
    if not department.path.startswith(campaign.school.path):
        raise PermissionRefusal("schedule.assign_duty")
    if post not in POST or not name.strip():
        raise invalid("schedule.duty", "请选择岗位并填写姓名。", "Choose a post and give a name.",
                      "请检查填写内容。", "Check what you entered.")  # fmt: skip
    audit.note(post=post)
    duty, _ = Duty.objects.update_or_create(
        campaign=campaign, department=department, post=post, name=name.strip(), defaults={"phone": phone.strip()}
    )
    return duty


@action("schedule.release_duty", permission="schedule.staff")
def release_duty(actor: Actor, duty: Duty) -> None:
    """Somebody else will do it."""
    audit.note(post=duty.post)
    Duty.objects.filter(pk=duty.pk).delete()
