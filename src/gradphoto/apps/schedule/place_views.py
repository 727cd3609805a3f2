"""Pages of rooms, check lists, teams, wishes and the staff of the day."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, posted_row
from gradphoto.apps.schedule import place_actions
from gradphoto.apps.schedule.catalogue import ITEMS, POSTS, Post
from gradphoto.apps.schedule.forms import AddWish, AssignDuty, CheckRoom, SetTeam
from gradphoto.apps.schedule.leaflets.duty import early_words
from gradphoto.apps.schedule.models import CollectionRoom, Duty, GroupWish, Team
from gradphoto.apps.schedule.problem import departments_of
from gradphoto.apps.schedule.views import campaign_of


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


_PLAN_FORMS = (SetTeam, AddWish)


@page("schedule.check_rooms")
def rooms(request: SignedInRequest) -> HttpResponse:
    """Rooms with their readiness; teams and wishes for those who plan."""
    campaign = campaign_of(request)
    if campaign is None:
        return redirect("schedule:list")
    if request.method == "POST":
        form = posted_form(request, _PLAN_FORMS, posted_row(request, Campaign.objects.all()))
        return form_action(
            request,
            form,
            again=lambda form: _rooms(request, campaign, form),
            done=lambda made: redirect("schedule:rooms"),
        )
    return _rooms(request, campaign)


def _rooms(request: SignedInRequest, campaign: Campaign, posted: ActionForm | None = None) -> HttpResponse:
    states = []
    for room in campaign.rooms.prefetch_related("checks", "periods"):
        results = [check.passed for check in room.checks.all()]
        states.append(RoomState(room, sum(results), len(results) - sum(results), len(ITEMS)))
    context = {
        "campaign": campaign,
        "states": states,
        "teams": campaign.teams.all(),
        "wishes": campaign.wishes.select_related("department"),
        "page_forms": PageForms(request.actor, campaign, _PLAN_FORMS, posted, key=str(campaign.pk)),
        "can_plan": holds(request.user, "schedule.plan"),
    }
    return render(request, "schedule/rooms.html", context)


@page("schedule.check_rooms")
def room(request: SignedInRequest, pk: int) -> HttpResponse:
    """The check list of a room: each item passed or failed, by whom and when (R93)."""
    if request.method == "POST":
        form = posted_form(request, (CheckRoom,), _room(request, pk))
        return form_action(
            request,
            form,
            again=lambda form: _check(request, pk, form),
            done=lambda made: redirect("schedule:room", pk=pk),
        )
    return _check(request, pk)


def _room(request: SignedInRequest, pk: int) -> CollectionRoom:
    return get_scoped(request.actor, CollectionRoom.objects.select_related("campaign"), pk=pk)


def _check(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = _room(request, pk)
    return render(request, "schedule/room.html", {"room": found, "form": posted or CheckRoom(request.actor, found)})


@page("schedule.plan")
@require_POST
def drop_team(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove a team."""
    place_actions.drop_team(request.actor, get_scoped(request.actor, Team.objects.select_related("campaign"), pk=pk))
    return redirect("schedule:rooms")


@page("schedule.plan")
@require_POST
def drop_wish(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove a wish."""
    wish = get_scoped(request.actor, GroupWish.objects.select_related("campaign"), pk=pk)
    place_actions.drop_wish(request.actor, wish)
    return redirect("schedule:rooms")


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
        department = posted_row(request, Organisation.objects.all())
        form = posted_form(request, (AssignDuty,), department, campaign=campaign)
        return form_action(
            request,
            form,
            again=lambda form: _staff(request, campaign, form),
            done=lambda made: redirect("schedule:staff"),
        )
    return _staff(request, campaign)


def _staff(request: SignedInRequest, campaign: Campaign, posted: ActionForm | None = None) -> HttpResponse:
    duties = list(scoped(request.actor, Duty).filter(campaign=campaign))
    departments = list(scoped(request.actor, departments_of(campaign)))
    tables = [_table(one, duties, of_college=True) for one in departments]
    if scoped(request.actor, Organisation).filter(pk=campaign.school_id).exists() and holds(
        request.user, "schedule.follow_booking"
    ):
        tables.insert(0, _table(campaign.school, duties, of_college=False))
    rows = [(table, _duty_form(request, campaign, table.organisation, posted)) for table in tables]
    context = {"campaign": campaign, "rows": rows, "form": posted, "early": early_words(campaign)}
    return render(request, "schedule/staff.html", context)


def _duty_form(
    request: SignedInRequest, campaign: Campaign, organisation: Organisation, posted: ActionForm | None
) -> ActionForm:
    if posted is not None and posted.target == organisation:
        return posted
    return AssignDuty(request.actor, organisation, campaign=campaign, key=str(organisation.pk))


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
