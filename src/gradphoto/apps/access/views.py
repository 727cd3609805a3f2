"""Signing in, proving again, going on with what was typed, and the pages of one's own sessions."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.views import LoginView
from allauth.mfa.adapter import get_adapter as second_factor_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import LoginWebAuthnView, RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gradphoto.apps.access import devices, held_requests, staff_sessions
from gradphoto.apps.access.forms import ChangePasswordForm
from gradphoto.apps.access.passwords import WeakPassword, change_password
from gradphoto.apps.access.staff_sessions import person_of
from gradphoto.apps.access.throttling import TooManyAttempts, tell_to_wait
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.sent_forms import sent_form
from gradphoto.apps.core.wording import say
from gradphoto.engine.wording import Wording


class SignIn(LoginView):
    """Name and password, a passkey, or the school's own sign-in; whoever has to wait sees the form with the reason, and
    the name stays typed."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "school": settings.SCHOOL_SIGN_IN.get("name", "")}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().post(request, *args, **kwargs)
        except TooManyAttempts as error:
            form = self.get_form_class()(initial={"login": self.get_form()["login"].value() or ""}, request=request)
            context = self.get_context_data(form=form, error=error)
            return tell_to_wait(self.render_to_response(context, status=error.status), error)
        if answer.status_code == 200:
            answer.status_code = 422
        return devices.hand_over(request, answer)


class SignInWithPasskey(LoginWebAuthnView):
    """A passkey alone: it proves possession and the person's own finger or PIN."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return devices.hand_over(request, super().post(request, *args, **kwargs))


class RemovePasskey(RemoveWebAuthnView):
    """The last factor stays where a rule demands one, for passkeys as for codes."""

    def form_valid(self, form: Any) -> HttpResponse:
        adapter = second_factor_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            messages.error(self.request, str(adapter.error_messages["cannot_delete_authenticator"]))
            return redirect("mfa_index")
        answer: HttpResponse = super().form_valid(form)
        return answer


sign_in = SignIn.as_view()
sign_in_with_passkey = SignInWithPasskey.as_view()
remove_passkey = RemovePasskey.as_view()


@never_cache
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """The own password: the present one, the new one twice. A first password that was printed must be changed here."""
    user = person_of(request)
    form = sent_form(request, ChangePasswordForm)
    is_first = user.must_change_password
    if request.method == "POST" and form.is_valid() and _changed(request, user, form):
        messages.success(
            request, say(Wording("密码已修改，其他登录已结束。", "Password changed; every other session has ended."))
        )
        return redirect("/" if is_first else "account_mine")
    status = 422 if form.is_bound else 200
    return render(request, "account/password_change.html", {"form": form}, status=status)


def _changed(request: HttpRequest, user: Any, form: ChangePasswordForm) -> bool:
    typed = form.cleaned_data
    if not account_adapter(request).reauthenticate(user, typed["present"]):
        form.add_error("present", say(Wording("当前密码不正确。", "The present password is wrong.")))
    elif typed["new"] != typed["again"]:
        form.add_error("again", say(Wording("两次输入不一致。", "The two are not the same.")))
    elif typed["new"] == typed["present"]:
        form.add_error("new", say(Wording("新密码与当前密码相同。", "The new password is the present one.")))
    else:
        try:
            change_password(Actor.of(user), user, password=typed["new"], kept=request.session)
        except WeakPassword as error:
            form.add_error("new", f"{say(error.message)} {say(error.remedy)}")
            return False
        update_session_auth_hash(request, user)
        staff_sessions.rekey(request.session)
        return True
    return False


@never_cache
@login_required
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """What was typed when the session ended or a proof was asked for: sent on, or thrown away."""
    held = held_requests.of_person(request.user, pk)
    if held is None:
        messages.info(request, say(Wording("没有可继续的内容。", "There is nothing to go on with.")))
        return redirect("/")
    if request.method == "POST":
        held_requests.let_go(request.user, str(held.pk))
        return redirect(held.page.decrypt() or "/")
    fields = held_requests.fields_of(held)
    at_once = request.session.pop("continue_at_once", None) == held.pk
    context = {
        "held": held,
        "fields": fields,
        "shown": held_requests.readable(fields),
        "at_once": at_once,
        "mark": held_requests.MARK,
    }
    return render(request, "access/go_on.html", context)


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End every other session of one's own."""
    user = person_of(request)
    ended = staff_sessions.end_other_sessions(Actor.of(user), user, kept=request.session)
    told = Wording("已结束其他 {n} 个登录。", "{n} other {n:session|sessions} ended.").format(n=ended)
    messages.success(request, say(told))
    return redirect("account_mine")


@login_required
@require_POST
def end_one(request: HttpRequest, pk: int) -> HttpResponse:
    """End one other session of one's own."""
    user = person_of(request)
    session = staff_sessions.going_on().filter(pk=pk, user_id=user.pk).first()
    if session is not None:
        staff_sessions.end_session(Actor.of(user), user, session=session)
    return redirect("account_mine")


def has_second_factor(user: Any) -> list[str]:
    """The kinds of second factor that the account has set up."""
    return list(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
