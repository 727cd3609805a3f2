"""Pages of rooms, check lists, teams, wishes and the staff of the day."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.schedule import place_actions
from gradphoto.apps.schedule.catalogue import ITEMS, POSTS, Item, Post
from gradphoto.apps.schedule.forms import WishForm
from gradphoto.apps.schedule.leaflets.duty import early_words
from gradphoto.apps.schedule.models import (
    CollectionRoom,
    Duty,
    GroupWish,
    ReadinessCheck,
    Team,
    WishKind,
)
from gradphoto.apps.schedule.problem import departments_of, groups_of
from gradphoto.apps.schedule.views import campaign_of
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class CheckLine:
    """An item of the list and what was found."""

    item: Item
    check: ReadinessCheck | None


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room with how far its check list is."""

    room: CollectionRoom
    passed: int
    failed: int
    total: int

    @property
    def state(self) -> str:
        """One word for the colour: bad, good, warn."""
        return "bad" if self.room.refused else "good" if self.passed + self.failed == self.total else "warn"


@page("schedule.check_rooms")
def rooms(request: SignedInRequest) -> HttpResponse:
    """Rooms with their readiness; teams and wishes for those who plan."""
    campaign = campaign_of(request)
    if campaign is None:
        return redirect("schedule:list")
    states = []
    for room in campaign.rooms.prefetch_related("checks", "periods"):
        results = [check.passed for check in room.checks.all()]
        states.append(RoomState(room, sum(results), len(results) - sum(results), len(ITEMS)))
    context = {
        "campaign": campaign,
        "states": states,
        "teams": campaign.teams.all(),
        "wishes": campaign.wishes.select_related("department"),
        "wish_form": _wish_form(campaign),
        "can_plan": holds(request.user, "schedule.plan"),
    }
    return render(request, "schedule/rooms.html", context)


@page("schedule.check_rooms")
def room(request: SignedInRequest, pk: int) -> HttpResponse:
    """The check list of a room: each item passed or failed, by whom and when (R93)."""
    found = get_scoped(request.actor, CollectionRoom.objects.select_related("campaign"), pk=pk)
    if request.method == "POST":
        results = {
            item.code: answer == "pass"
            for item in ITEMS
            if (answer := request.POST.get(f"item_{item.code}")) in ("pass", "fail")
        }
        count = place_actions.check_room(request.actor, found, results=results)
        messages.success(request, say(Wording(f"已记录 {count} 项。", f"{count} items recorded.")))
        return redirect("schedule:room", pk=pk)
    checks = {check.item: check for check in found.checks.all()}
    lines = [CheckLine(item, checks.get(item.code)) for item in ITEMS]
    return render(request, "schedule/room.html", {"room": found, "lines": lines})


@page("schedule.plan")
@require_POST
def add_team(request: SignedInRequest, pk: int) -> HttpResponse:
    """A team of the campaign ``pk``."""
    campaign = get_scoped(request.actor, Campaign, pk=pk)
    stations = request.POST.get("stations", "")
    place_actions.set_team(
        request.actor, campaign, name=request.POST.get("name", ""), stations=int(stations) if stations.isdigit() else 0
    )
    return redirect("schedule:rooms")


@page("schedule.plan")
@require_POST
def drop_team(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove a team."""
    place_actions.drop_team(request.actor, get_scoped(request.actor, Team.objects.select_related("campaign"), pk=pk))
    return redirect("schedule:rooms")


@page("schedule.plan")
@require_POST
def add_wish(request: SignedInRequest, pk: int) -> HttpResponse:
    """A wish of a class of the campaign ``pk``."""
    campaign = get_scoped(request.actor, Campaign, pk=pk)
    form = _wish_form(campaign, request.POST)
    if form.is_valid():
        start, end = form.span()
        kind = WishKind(form.cleaned_data["kind"])
        place_actions.add_wish(
            request.actor, campaign, group=form.cleaned_data["group"], kind=kind, starts_at=start, ends_at=end
        )
    else:
        messages.error(request, say(Wording("请选择班级、日期和时间。", "Choose a class, a day and times.")))
    return redirect("schedule:rooms")


@page("schedule.plan")
@require_POST
def drop_wish(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove a wish."""
    wish = get_scoped(request.actor, GroupWish.objects.select_related("campaign"), pk=pk)
    place_actions.drop_wish(request.actor, wish)
    return redirect("schedule:rooms")


def _wish_form(campaign: Campaign, data: object = None) -> WishForm:
    form = WishForm(data)
    form.fields["group"].choices = [(group.key, group.title) for group in groups_of(campaign)]  # type: ignore[attr-defined]
    form.fields["kind"].choices = WishKind.choices  # type: ignore[attr-defined]
    return form


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post with who holds it and whether that is enough."""

    post: Post
    duties: tuple[Duty, ...]

    @property
    def enough(self) -> bool:
        return len(self.duties) >= self.post.count


@dataclass(frozen=True, slots=True)
class DutyTable:
    """A college's posts, or those of the whole point."""

    organisation: Organisation
    lines: tuple[PostLine, ...]


@page("schedule.staff")
def staff(request: SignedInRequest) -> HttpResponse:
    """Who stands where on the day (R91, R92): six and a counsellor per college, assistants and checkers per point."""
    campaign = campaign_of(request)
    if campaign is None:
        return redirect("schedule:list")
    if request.method == "POST":
        department = get_scoped(request.actor, Organisation, pk=_number(request.POST.get("department")))
        place_actions.assign_duty(
            request.actor,
            department,
            campaign=campaign,
            post=request.POST.get("post", ""),
            name=request.POST.get("name", ""),
            phone=request.POST.get("phone", ""),
        )
        return redirect("schedule:staff")
    duties = list(scoped(request.actor, Duty).filter(campaign=campaign))
    departments = list(scoped(request.actor, departments_of(campaign)))
    tables = [_table(one, duties, of_college=True) for one in departments]
    if scoped(request.actor, Organisation).filter(pk=campaign.school_id).exists() and holds(
        request.user, "schedule.follow_booking"
    ):
        tables.insert(0, _table(campaign.school, duties, of_college=False))
    return render(
        request, "schedule/staff.html", {"campaign": campaign, "tables": tables, "early": early_words(campaign)}
    )


@page("schedule.staff")
@require_POST
def release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a person from a post."""
    place_actions.release_duty(request.actor, get_scoped(request.actor, Duty, pk=pk))
    return redirect("schedule:staff")


def _table(organisation: Organisation, duties: list[Duty], *, of_college: bool) -> DutyTable:
    own = [duty for duty in duties if duty.department_id == organisation.pk]
    return DutyTable(
        organisation,
        tuple(
            PostLine(post, tuple(duty for duty in own if duty.post == post.code))
            for post in POSTS
            if post.of_college is of_college
        ),
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
