"""The pages of the rules: all of them by theme, and one with its history, its trial and who may change it (R6)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns import actions, agenda, rule_form
from gradphoto.apps.campaigns.forms import SetRule, WithdrawRule
from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Issuer, Rule
from gradphoto.apps.campaigns.options import in_words
from gradphoto.apps.campaigns.rules import RuleLine, line_of, rule_lines
from gradphoto.apps.campaigns.settings_keys import KEYS, Key
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.wording import listed, say
from gradphoto.apps.orgs.models import User
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.forms import ActionForm, form_action, posted_form
from gradphoto.engine.wording import Wording

_CAMPAIGNS = Campaign.objects.select_related("school", "centre", "rule_set")


@page("campaigns.read")
def rules_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every setting by theme, set or not, with what it means, where it comes from and what gives way to it."""
    return rules_of_campaign(request, get_scoped(request.actor, _CAMPAIGNS, pk=pk))


def rules_of_campaign(request: SignedInRequest, campaign: Campaign, posted: ActionForm | None = None) -> HttpResponse:
    """The same, with a form that was refused and has no place of its own here."""
    themes = list(rule_lines(campaign.rule_set))
    lines = [line for _, of_theme in themes for line in of_theme]
    context = {
        "campaign": campaign,
        "withdrawing": posted,
        "themes": [
            (theme, [one for one in of_theme if _stands_out(one)], [one for one in of_theme if not _stands_out(one)])
            for theme, of_theme in themes
        ],
        "unfolded": "all" in request.GET,
        "total": len(lines),
        "set_count": sum(line.is_set for line in lines),
        "needed": [line for line in lines if line.rule is None and line.key.needed],
        **_who_may(request, campaign),
    }
    return render(request, "campaigns/rules.html", context)


def _stands_out(line: RuleLine) -> bool:
    """What somebody set, and what must be set: shown at once; the others by default stand folded below."""
    return line.is_set or bool(line.overruled_words) or (line.rule is None and line.key.needed)


def _who_may(request: SignedInRequest, campaign: Campaign) -> dict[str, Any]:
    """Whether the viewer may change this campaign's rules, and who may."""
    return {
        "can_set": may(request.actor, "campaigns.set_rule", campaign.rule_set),
        "keepers": keepers(campaign),
        "of_others": actions.used_elsewhere(request.actor, campaign.rule_set),
    }


def keepers(campaign: Campaign) -> list[User]:
    """Who may change the campaign's rules: the registrars of its school and above."""
    held = {
        "memberships__role__in": roles_of("campaigns.manage"),
        "memberships__organisation__path__in": campaign.school.ancestor_paths(),
    }
    return list(User.objects.filter(is_active=True, **held).distinct().order_by("display_name", "pk"))


@page("campaigns.read")
def rule_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """One rule with its history; a new value is tried first and shows which open days it moves, then saved."""
    campaign = get_scoped(request.actor, _CAMPAIGNS, pk=pk)
    key = KEYS.get(request.GET.get("key", ""))
    if key is None:
        return redirect("campaigns:rules", pk=pk)
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (SetRule,), campaign.rule_set, rule=key),
            again=lambda form: render(request, "campaigns/rule.html", _context(request, campaign, form)),
            done=lambda made: redirect("campaigns:plan", pk=pk),
        )
    form = _form(request, campaign, key, request.GET if "effective_from" in request.GET else None)
    status = 422 if form.errors else 200
    return render(request, "campaigns/rule.html", _context(request, campaign, form), status=status)


def _form(request: SignedInRequest, campaign: Campaign, key: Key[Any], asked: QueryDict | None = None) -> SetRule:
    """The form of a rule: with what stands there now, or with what somebody tries before it is saved."""
    return SetRule(request.actor, campaign.rule_set, asked, rule=key, initial=_initial(campaign, key))


def _initial(campaign: Campaign, key: Key[Any]) -> dict[str, Any]:
    rule = line_of(campaign.rule_set, key).rule
    stored = rule_form.typed_for(key, rule.value if rule else None, campaign.cohort_year - 1)
    return {"value": MultiValueDict(stored), "issuer": Issuer.SCHOOL}


def _context(request: SignedInRequest, campaign: Campaign, form: SetRule) -> dict[str, Any]:
    key, tried = form.rule, form.tried
    line = line_of(campaign.rule_set, key)
    return {
        "campaign": campaign,
        "key": key,
        "line": line,
        "form": form,
        "tried": tried,
        "tried_words": listed(in_words(key, tried.value)) if tried else "",
        "gives_way": tried is not None and _gives_way(tried, line),
        "later": tried is not None and tried.effective_from > timezone.localdate(),
        "moved": _moved(request, campaign, tried) if tried else (),
        "history": _history(campaign, key, line),
        "shared": Campaign.objects.filter(rule_set=campaign.rule_set).count(),
        **_who_may(request, campaign),
    }


def _history(campaign: Campaign, key: Key[Any], line: RuleLine) -> list[tuple[Rule, list[str], str]]:
    """Every value that was ever set, its words, and how it stands: in force, overruled, withdrawn, later or past."""
    overruled = {rule.pk for rule in line.overruled}
    today = timezone.localdate()

    def state(rule: Rule) -> str:
        if rule.withdrawn_reason:
            return "withdrawn"
        if line.rule is not None and rule.pk == line.rule.pk:
            return "in_force"
        if rule.effective_from > today:
            return "later"
        return "overruled" if rule.pk in overruled else "past"

    return [(one, in_words(key, one.value), state(one)) for one in campaign.rule_set.rules.filter(key=key.name)]


def _gives_way(tried: Rule, line: RuleLine) -> bool:
    """Whether a value would not count because a document of higher rank is in force (R6)."""
    if line.rule is None or line.rule.is_default:
        return False
    return Issuer.rank(tried.issuer) > Issuer.rank(line.rule.issuer)


def _moved(request: SignedInRequest, campaign: Campaign, tried: Rule) -> list[agenda.Moved]:
    """Which open days the value would move in the viewer's campaigns; one of a later day moves nothing yet."""
    mine = scoped(request.actor, _CAMPAIGNS).filter(rule_set=campaign.rule_set).exclude(status=CampaignStatus.CLOSED)
    at_once = tried if tried.effective_from <= timezone.localdate() else None
    return agenda.moved(request.actor, list(mine.distinct()), agenda.Change(rule=at_once))


@page("campaigns.manage")
@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back a value that was entered by mistake."""
    campaign = get_scoped(request.actor, _CAMPAIGNS, pk=pk)
    form = posted_form(request, (WithdrawRule,), campaign.rule_set)
    return form_action(
        request, form, again=lambda form: _withdrawn(request, campaign, form),
        done=lambda made: redirect(_rule_address(pk, form.cleaned_data["rule"].key)),
    )  # fmt: skip


def _rule_address(pk: int, key: str) -> str:
    return f"{reverse('campaigns:rule', args=[pk])}?key={key}"


def _withdrawn(request: SignedInRequest, campaign: Campaign, form: ActionForm) -> HttpResponse:
    """The rule's own page with what was refused; without a rule that is known, all rules."""
    rule = form.cleaned_data.get("rule")
    key = KEYS.get(rule.key) if rule is not None else None
    if key is None:
        return rules_of_campaign(request, campaign, form)
    context = _context(request, campaign, _form(request, campaign, key)) | {"withdrawing": form}
    return render(request, "campaigns/rule.html", context)


@page("campaigns.manage")
@require_POST
def separate(request: SignedInRequest, pk: int) -> HttpResponse:
    """A rule set of the campaign's own, copied from the one it shares."""
    campaign = get_scoped(request.actor, _CAMPAIGNS, pk=pk)
    made = actions.separate_rules(request.actor, campaign)
    said = Wording("已另立规则集“{name}”，现在只影响本批次。", "The campaign has its own rule set now: {name}.")
    messages.success(request, say(said.format(name=made.name)))
    return redirect("campaigns:rules", pk=pk)
