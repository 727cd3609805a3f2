"""The pages of the rules: all of them by theme, and one with its history, its trial and who may change it (R6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns import actions, agenda, rule_form
from gradphoto.apps.campaigns.forms import WithdrawRule
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


@dataclass(frozen=True, slots=True)
class _Trial:
    """A value that was filled in and not saved yet, or what is wrong with it."""

    rule: Rule | None = None
    value_error: Wording | None = None
    date_error: Wording | None = None
    source_error: Wording | None = None


@page("campaigns.read")
def rule_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """One rule with its history; a new value is tried first and shows which open days it moves, then saved."""
    campaign = get_scoped(request.actor, _CAMPAIGNS, pk=pk)
    key = KEYS.get(request.GET.get("key", ""))
    if key is None:
        return redirect("campaigns:rules", pk=pk)
    asked = request.POST if request.method == "POST" else request.GET
    trial = _tried(campaign, key, asked) if "effective_from" in asked else _Trial()
    if request.method == "POST" and trial.rule is not None:
        new = trial.rule
        actions.set_rule(
            request.actor, campaign.rule_set, key=key, value=new.value, source=new.source,
            effective_from=new.effective_from, issuer=Issuer(new.issuer),
        )  # fmt: skip
        messages.success(request, say(Wording("规则已保存，计划已按新值计算。", "Saved; the plan is counted by it.")))
        return redirect("campaigns:plan", pk=pk)
    status = 422 if trial != _Trial() and trial.rule is None else 200
    return render(request, "campaigns/rule.html", _context(request, campaign, key, asked, trial), status=status)


def _context(
    request: SignedInRequest, campaign: Campaign, key: Key[Any], asked: QueryDict, trial: _Trial
) -> dict[str, Any]:
    line, tried = line_of(campaign.rule_set, key), trial.rule
    typed = dict(asked.lists()) if "effective_from" in asked else None
    return {
        "campaign": campaign,
        "key": key,
        "line": line,
        "trial": trial,
        "tried": tried,
        "tried_words": listed(in_words(key, tried.value)) if tried else "",
        "gives_way": tried is not None and _gives_way(tried, line),
        "later": tried is not None and tried.effective_from > timezone.localdate(),
        "filled": rule_form.filled(asked) if tried else (),
        "field": rule_form.field_from(key, typed)
        if typed is not None
        else rule_form.field_of(key, line.rule.value if line.rule else None, campaign.cohort_year - 1),
        "typed": asked,
        "moved": _moved(request, campaign, tried) if tried else (),
        "history": _history(campaign, key, line),
        "issuers": Issuer.choices,
        "issuer": asked.get("issuer", Issuer.SCHOOL),
        "shared": Campaign.objects.filter(rule_set=campaign.rule_set).count(),
        "today": timezone.localdate(),
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


def _tried(campaign: Campaign, key: Key[Any], asked: QueryDict) -> _Trial:
    """What was filled in, or which of its fields is wrong; everything typed stays on the page."""
    value_error = date_error = source_error = None
    value, since, source = None, date.min, " ".join(asked.get("source", "").split())
    try:
        value = rule_form.value_in(key, asked)
    except (ValueError, TypeError):
        value_error = rule_form.wrong(key)
    try:
        since = date.fromisoformat(asked.get("effective_from", ""))
    except ValueError:
        date_error = rule_form.WRONG["date"]
    if not 0 < len(source) <= 200:
        source_error = Wording("请填写文件名称或文号，最多 200 字。", "Name the document, in at most 200 characters.")
    issuer = asked.get("issuer", Issuer.SCHOOL)
    if value_error or date_error or source_error or issuer not in Issuer.values:
        return _Trial(None, value_error, date_error, source_error)
    return _Trial(
        Rule(rule_set=campaign.rule_set, key=key.name, value=value, source=source, issuer=issuer, effective_from=since)
    )


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
    context = _context(request, campaign, key, QueryDict(), _Trial()) | {"withdrawing": form}
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
