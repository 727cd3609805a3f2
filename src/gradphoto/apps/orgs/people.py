"""The administrator's pages: organisations, people, their roles and first passwords."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gradphoto.apps.access.views import has_second_factor
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs import actions, second_factors
from gradphoto.apps.orgs.models import Membership, Organisation, OrganisationKind, Role, User
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped
from gradphoto.apps.orgs.unit_views import in_tree_order
from gradphoto.engine.wording import Wording

_A_PAGE = 50


@page("orgs.manage")
def people_list(request: SignedInRequest) -> HttpResponse:
    """Everybody with a role in the viewer's part of the tree; searched, filtered by role and organisation."""
    wanted, role, place = (request.GET.get(name, "").strip() for name in ("q", "role", "organisation"))
    held = _memberships(request)
    if role in Role.values:
        held = held.filter(role=role)
    if place.isdigit():
        held = held.filter(organisation__path__contains=f"/{place}/")
    people = User.objects.filter(pk__in=held.values("user")).prefetch_related("memberships__organisation")
    if wanted:
        people = people.filter(Q(display_name__icontains=wanted) | Q(username__icontains=wanted))
    if request.GET.get("off"):
        people = people.filter(is_active=False)
    shown = Paginator(people.order_by("display_name", "pk"), _A_PAGE).get_page(request.GET.get("page"))
    context = {"people": shown, "organisations": _organisations(request), "roles": Role.choices, "wanted": wanted}
    return render(request, "orgs/people.html", context | {"role": role, "place": place})


@page("orgs.manage")
def organisations(request: SignedInRequest) -> HttpResponse:
    """The viewer's part of the tree, and a form that adds to it."""
    if request.method == "POST":
        parent = get_scoped(request.actor, actions.managed_organisations(request.actor), pk=_number(request, "parent"))
        kind, name = request.POST.get("kind", ""), _text(request, "name", 120)
        if kind not in OrganisationKind.values or not name:
            raise invalid(
                "orgs.organisation_incomplete", "请选择类别并填写名称。", "Choose a kind and give a name.",
                "两项都必填。", "Both are needed.",
            )  # fmt: skip
        if parent.children.filter(kind=kind, name=name).exists():
            raise invalid(
                "orgs.organisation_known", "该单位下已有同名单位。", "It is there already.",
                "请核对名称。", "Check the name.",
            )  # fmt: skip
        made = actions.add_organisation(
            request.actor, parent, kind=OrganisationKind(kind), name=name, code=_text(request, "code", 20),
            name_en=_text(request, "name_en", 160),
        )  # fmt: skip
        messages.success(request, say(Wording(f"已添加 {made.name}。", f"{made.name} added.")))
        return redirect("people:organisations")
    everything = in_tree_order(list(actions.managed_organisations(request.actor)))
    context = {"organisations": everything, "kinds": OrganisationKind.choices, "open_ones": _organisations(request)}
    return render(request, "orgs/organisations.html", context)


@never_cache
@page("orgs.manage")
@require_POST
def add_person(request: SignedInRequest) -> HttpResponse:
    """A new sign-in with one role; its invitation is printed or mailed from the person's own page."""
    home = get_scoped(request.actor, actions.managed_organisations(request.actor), pk=_number(request, "organisation"))
    username, name, role = _text(request, "username", 150), _text(request, "display_name", 60), _role(request)
    if not username or not name:
        raise invalid(
            "orgs.person_incomplete", "请填写用户名和姓名。", "User name and name are needed.",
            "两项都必填。", "Both are needed.",
        )  # fmt: skip
    if User.objects.filter(username__iexact=username).exists():
        raise invalid(
            "orgs.username_taken", "用户名已被使用。", "This user name is taken.",
            "请换一个，例如加上工号。", "Choose another one, for example with the staff number.",
        )  # fmt: skip
    made = actions.add_user(
        request.actor, home, username=username, display_name=name, role=role, email=_text(request, "email", 254),
        telephone=_text(request, "telephone", 40), office=_text(request, "office", 120),
    )  # fmt: skip
    messages.success(request, say(Wording("已添加，请发出邀请。", "Added: now invite this person.")))
    return redirect("people:person", pk=made.pk)


@page("orgs.manage")
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person: roles, last sign-in, and what an administrator may do."""
    found = _person(request, pk)
    context = {
        "person": found,
        "memberships": found.memberships.select_related("organisation"),
        "organisations": _organisations(request),
        "roles": Role.choices,
        "invitation": found.invitations.first(),
        "factors": has_second_factor(found),
    }
    return render(request, "orgs/person.html", context)


@page("orgs.manage")
@require_POST
def switch(request: SignedInRequest, pk: int) -> HttpResponse:
    """Close or open a sign-in, with a reason."""
    found = _person(request, pk)
    actions.set_user_active(
        request.actor, _home(request, found), user=found, active=not found.is_active,
        reason=request.POST.get("reason", ""),
    )  # fmt: skip
    return redirect("people:person", pk=pk)


@page("orgs.manage")
@require_POST
def remove_second_factor(request: SignedInRequest, pk: int) -> HttpResponse:
    """For who lost every factor, seen in person; with a reason."""
    found = _person(request, pk)
    second_factors.remove_second_factor(
        request.actor, _home(request, found), user=found, reason=request.POST.get("reason", "")
    )
    messages.success(
        request, say(Wording("第二因素已取消，所有登录已结束。", "Second factor removed; every session has ended."))
    )
    return redirect("people:person", pk=pk)


@page("orgs.manage")
@require_POST
def grant(request: SignedInRequest, pk: int) -> HttpResponse:
    """Another role for a person."""
    home = get_scoped(request.actor, actions.managed_organisations(request.actor), pk=_number(request, "organisation"))
    actions.grant_role(request.actor, home, user=_person(request, pk), role=_role(request))
    return redirect("people:person", pk=pk)


@page("orgs.manage")
@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a role back."""
    found = _person(request, pk)
    membership = get_scoped(request.actor, Membership, pk=_number(request, "membership"), user=found)
    actions.withdraw_role(request.actor, membership)
    return redirect("people:person", pk=pk)


def _memberships(request: SignedInRequest) -> QuerySet[Membership]:
    return changeable(request.actor, Membership, "orgs.manage")


def _organisations(request: SignedInRequest) -> list[Organisation]:
    """In the order of the tree, siblings by code, each with ``depth`` from the viewer's own root; no archived ones."""
    return in_tree_order(list(actions.managed_organisations(request.actor).filter(archived_at=None)))


def _person(request: SignedInRequest, pk: int) -> User:
    return get_scoped(request.actor, _memberships(request), user=pk).user


def _home(request: SignedInRequest, found: User) -> Organisation:
    return get_scoped(request.actor, _memberships(request), user=found).organisation


def _role(request: SignedInRequest) -> Role:
    role = request.POST.get("role", "")
    if role not in Role.values:
        raise invalid("orgs.role_missing", "请选择角色。", "Choose a role.", "从列表中选择。", "Choose from the list.")
    return Role(role)


def _number(request: SignedInRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdigit() else 0


def _text(request: SignedInRequest, name: str, longest: int) -> str:
    return request.POST.get(name, "").strip()[:longest]
