"""The invited person's pages (no sign-in), and the administrator's: invitations in one go, rules for second factors."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gradphoto.apps.access.devices import staff_client
from gradphoto.apps.access.models import EntryPoint
from gradphoto.apps.access.passwords import WeakPassword
from gradphoto.apps.access.throttling import mark_succeeded, record_attempt
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal, invalid
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs import invitations, second_factors
from gradphoto.apps.orgs.models import Invitation, InvitationWay, Membership, Organisation, Role, User
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped
from gradphoto.engine.wording import Wording

_KEY = "invitation_key"
_MOST = 500


class NewPasswordForm(forms.Form):
    """The new password twice; nobody else sees it."""

    new = forms.CharField(widget=forms.PasswordInput, strip=False)
    again = forms.CharField(widget=forms.PasswordInput, strip=False)

    def clean(self) -> dict[str, str]:
        typed: dict[str, str] = super().clean() or self.cleaned_data
        if typed.get("new") and typed.get("again") and typed["new"] != typed["again"]:
            self.add_error("again", bi("两次输入不一致。", "The two are not the same."))
        return typed


@never_cache
def link(request: HttpRequest, key: str) -> HttpResponse:
    """The link of a slip or mail: the key leaves the address bar at once; nothing is used up by opening it."""
    request.session[_KEY] = key[:60]
    return redirect("account_invitation")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Type the code of a slip, or come by its link; then set the password."""
    if request.method == "POST" and "key" in request.POST:
        request.session[_KEY] = request.POST["key"][:60]
        return redirect("account_invitation")
    key = request.session.get(_KEY, "")
    if not key:
        return render(request, "orgs/invitation_code.html")
    try:
        invitation = _found(request, key)
    except Refusal as error:
        request.session.pop(_KEY, None)
        return render(request, "orgs/invitation_code.html", {"error": error}, status=error.status)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitations.accept_invitation(Actor.of(invitation.user), invitation, password=form.cleaned_data["new"])
        except WeakPassword as error:
            form.add_error("new", f"{say(error.message)} {say(error.remedy)}")
        else:
            request.session.pop(_KEY, None)
            messages.success(request, say(Wording("密码已设置，请登录。", "Your password is set: sign in.")))
            return redirect(f"{reverse('account_login')}?{urlencode({'name': invitation.user.username})}")
    context = {"form": form, "person": invitation.user, "until": invitation.expires_at}
    return render(request, "orgs/invitation.html", context, status=422 if form.is_bound else 200)


def _found(request: HttpRequest, key: str) -> Invitation:
    attempt = record_attempt(EntryPoint.STAFF, subject=f"invitation|{key[:5]}", client=staff_client(request))
    found = invitations.live_invitation(key)
    if found is None:
        raise invitations.over()
    mark_succeeded(attempt)
    return found


@never_cache
@page("orgs.manage")
@require_POST
def invite_people(request: SignedInRequest) -> HttpResponse:
    """Invitations for the chosen people, or for all who never signed in: slips as one PDF, or mails."""
    people = _chosen(request)
    way = InvitationWay.MAIL if request.POST.get("way") == InvitationWay.MAIL else InvitationWay.SLIP
    if way == InvitationWay.MAIL and (without := [user for user in people if not user.email]):
        names = "、".join(str(user) for user in without[:5])
        raise invalid(
            "orgs.no_mail_address", f"{len(without)} 人没有邮箱：{names}。", f"No mail address: {names} ({len(without)}).",
            "请填写邮箱，或为他们打印邀请单。", "Fill it in, or print slips for them.",
        )  # fmt: skip
    invited = invitations.invite_many(request.actor, people, way=way)
    if way == InvitationWay.MAIL:
        sent = invitations.send_by_mail(invited)
        messages.success(request, say(Wording("已发出 {n} 封邀请邮件。", "{n} {n:mail|mails} sent.").format(n=sent)))
        return redirect("people:list")
    answer = HttpResponse(invitations.slips(invited), content_type="application/pdf")
    answer.headers["Content-Disposition"] = 'attachment; filename="invitations.pdf"'
    return answer


def _chosen(request: SignedInRequest) -> list[User]:
    mine = changeable(request.actor, Membership, "orgs.manage").values("user")
    people = User.objects.filter(pk__in=mine, is_active=True).order_by("display_name", "pk")
    if request.POST.get("all_new"):
        people = invitations.not_yet_signed_in(people).filter(password_set_at=None)
    else:
        people = people.filter(pk__in=[int(pk) for pk in request.POST.getlist("person") if pk.isdigit()])
    found = list(people[: _MOST + 1])
    if not found:
        raise invalid(
            "orgs.nobody_chosen", "没有选择人员。", "Nobody is chosen.",
            "请勾选要邀请的人员。", "Tick the people to invite.",
        )  # fmt: skip
    if len(found) > _MOST:
        raise invalid(
            "orgs.too_many_chosen", f"一次最多 {_MOST} 人。", f"At most {_MOST} people at once.",
            "请分批办理。", "Do it in parts.",
        )  # fmt: skip
    return found


@page("orgs.manage")
def second_factor_rules(request: SignedInRequest) -> HttpResponse:
    """Which roles sign in with a second factor, organisation by organisation."""
    mine = changeable(request.actor, Organisation, "orgs.manage").order_by("path")
    if request.method == "POST":
        organisation = get_scoped(request.actor, mine, pk=int(request.POST.get("organisation", "0") or 0))
        chosen = {Role(role) for role in request.POST.getlist("role") if role in Role.values}
        second_factors.set_compulsory_roles(request.actor, organisation, roles=chosen)
        messages.success(request, say(Wording("已保存，下次登录起生效。", "Saved; it counts from the next sign-in.")))
        return redirect(f"{reverse('people:second_factor')}?organisation={organisation.pk}")
    wanted = request.GET.get("organisation", "")
    here = mine.filter(pk=int(wanted)).first() if wanted.isdigit() else mine.first()
    held = second_factors.roles_of(here) if here else {}
    rows = [(role, label, held.get(role)) for role, label in Role.choices]
    context = {"organisations": mine, "here": here, "rows": rows}
    return render(request, "orgs/second_factor.html", context)
