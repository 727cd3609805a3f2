"""One page for everything of one's own: how to be reached, password, second factor, sessions, language, notices."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from gradphoto.apps.access import staff_sessions
from gradphoto.apps.access.school import account_of, is_offered
from gradphoto.apps.access.staff_sessions import by_self, person_of
from gradphoto.apps.access.views import has_second_factor
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.sent_forms import sent_form
from gradphoto.apps.core.wording import bi, say
from gradphoto.engine.wording import Wording

_REACHED_BY = ("telephone", "office", "email", "notices_by_mail")


class ReachedForm(forms.ModelForm):
    """How a person is reached; papers and contact lists print it (annex 1, R202)."""

    class Meta:
        model = get_user_model()
        fields = _REACHED_BY

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["invalid"] = bi("格式不正确。", "This does not look right.")
            field.error_messages["max_length"] = bi(
                "最多 %(limit_value)d 个字，现有 %(show_value)d 个，请删减。",
                "At most %(limit_value)d characters, %(show_value)d now: shorten it.",
            )

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if typed.get("notices_by_mail") and not typed.get("email") and "email" not in self.errors:
            told = bi("接收邮件通知需要邮箱。", "Notices by mail need an address.")
            self.add_error("email", told)
        return typed


@action("access.change_own_details", permission=by_self)
def change_own_details(actor: Actor, user: Any, *, details: dict[str, Any]) -> None:
    """The person says how to be reached; which fields changed is on record, not what they hold."""
    changed = [name for name in _REACHED_BY if getattr(user, name) != details[name]]
    for name in changed:
        setattr(user, name, details[name])
    if changed:
        user.save(update_fields=changed)
    audit.note(changed=changed)


@never_cache
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """My account."""
    user = person_of(request)
    form = sent_form(request, ReachedForm, instance=person_of(request))
    if request.method == "POST" and form.is_valid():
        details = {name: form.cleaned_data[name] for name in _REACHED_BY}
        change_own_details(Actor.of(user), user, details=details)
        messages.success(request, say(Wording("已保存。", "Saved.")))
        return redirect("account_mine")
    context = {
        "person": user,
        "form": form,
        "sessions": staff_sessions.listed(user, request.session),
        "factors": has_second_factor(user),
        "school": settings.SCHOOL_SIGN_IN.get("name", ""),
        "school_account": account_of(user) if is_offered() else None,
    }
    return render(request, "access/my_account.html", context, status=422 if form.is_bound else 200)
