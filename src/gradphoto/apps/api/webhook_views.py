"""Pages about programs that are told of events: the list, one with its deliveries."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from gradphoto.apps.api.events import KINDS
from gradphoto.apps.api.lists import DELIVERIES, WEBHOOKS
from gradphoto.apps.api.models import EventDelivery, Webhook
from gradphoto.apps.api.webhook_forms import WEBHOOK_FORMS, AddWebhook, DrawWebhookSecret, RetryDelivery
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, posted_of, row_forms


@never_cache
@page("api.manage")
def webhooks(request: SignedInRequest) -> HttpResponse:
    """Programs that are told of events; a form adds one and shows its secret once."""
    if request.method == "POST":
        form = posted_form(request, (AddWebhook,), None)
        return form_action(
            request, form, again=lambda form: _list(request, form),
            done=lambda made: _detail(request, made.pk, secret=made.secret.decrypt()),
        )  # fmt: skip
    return _list(request)


def _list(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    context = {"listing": WEBHOOKS.page(request), "add": posted or AddWebhook(request.actor)}
    return render(request, "api/webhooks.html", context)


@never_cache
@page("api.manage")
def webhook(request: SignedInRequest, pk: int) -> HttpResponse:
    """One program: its events, and what became of each."""
    if request.method == "POST":
        mine = _webhook(request, pk)
        kinds: dict[type[ActionForm], Any] = {
            **dict.fromkeys(WEBHOOK_FORMS, mine),
            RetryDelivery: _deliveries(request, mine),
        }
        form = posted_of(request, kinds)
        return form_action(
            request, form, again=lambda form: _detail(request, pk, form),
            done=lambda made: (
                _detail(request, pk, secret=str(made)) if isinstance(form, DrawWebhookSecret) else redirect("api:webhook", pk=pk)
            ),
        )  # fmt: skip
    return _detail(request, pk)


def _webhook(request: SignedInRequest, pk: int) -> Webhook:
    return get_scoped(request.actor, changeable(request.actor, Webhook, "api.manage"), pk=pk)


def _deliveries(request: SignedInRequest, mine: Webhook) -> QuerySet[EventDelivery]:
    return changeable(request.actor, EventDelivery, "api.manage").filter(webhook=mine).select_related("webhook")


def _detail(request: SignedInRequest, pk: int, posted: ActionForm | None = None, *, secret: str = "") -> HttpResponse:
    mine = _webhook(request, pk)
    listing = DELIVERIES.page(request, webhook=pk)
    for row, forms in row_forms(request.actor, listing.shown, (RetryDelivery,), posted):
        row.page_forms = forms
    context = {
        "webhook": mine,
        "events": [say(KINDS[one]) for one in mine.events if one in KINDS],
        "listing": listing,
        "tabs": listing.tabs("state"),
        "page_forms": PageForms(request.actor, mine, WEBHOOK_FORMS, posted),
        "secret": secret,
    }
    return render(request, "api/webhook.html", context)
