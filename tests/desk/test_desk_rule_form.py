"""The page of one rule: codes are chosen by their words, nothing is typed as JSON, and what the trial shows is what happens."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from errata.errata_world import at_the_agency, missing_case
from gradphoto.apps.campaigns import rule_form
from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.campaigns.options import in_words
from gradphoto.apps.orgs.models import Role
from gradphoto.engine.wording import Wording
from verification.graduate_world import staff
from world import RULES, build_world

TODAY = timezone.localdate


def rule_page(world, key, **asked):
    data = {"key": key.name, "source": "新通知", "effective_from": "2026-01-01", **asked}
    return staff(world, Role.REGISTRAR), f"/campaigns/{world.campaign.pk}/rule/?key={key.name}", data


@pytest.mark.engine
def test_a_number_brings_its_noun():
    days = Wording("{n} 天", "{n:day|days} left of {n}")
    assert [days.format(n=n).en for n in (0, 1, 2)] == ["0 days left of 0", "1 day left of 1", "2 days left of 2"]
    assert days.format(n=1).zh == "1 天"


@pytest.mark.django_db
def test_every_rule_has_a_field_that_reads_back_what_is_stored():
    """What the page shows, sent unchanged, is the value again: for boxes, lists, tables and single values."""
    world = build_world()
    for rule in world.campaign.rule_set.rules.all():
        key = keys.KEYS[rule.key]
        field = rule_form.field_of(key, rule.value)
        sent = QueryDict(mutable=True)
        if field.kind == "checks":
            sent.setlist("value", [one.code for one in field.choices if one.chosen])
        elif field.kind == "table":
            sent.update({f"value.{line.code}": line.value for line in field.table})
        elif field.kind in ("choice", "yes_no", "colour"):
            sent["value"] = next(one.code for one in field.choices if one.chosen)
        elif field.kind in ("days", "span"):
            sent.update({"value.first": field.text, "value.last": field.second})
        else:
            sent["value"] = field.text
        got = rule_form.value_in(key, sent)
        assert (sorted(got) if field.kind == "checks" else got) == (
            sorted(rule.value) if field.kind == "checks" else rule.value
        ), rule.key
    assert {rule_form.kind_of(key) for key in RULES} >= {
        "checks", "table", "choice", "number", "lines", "money", "colour"
    }  # fmt: skip


@pytest.mark.django_db
def test_lists_are_ticked_and_shown_in_words_never_as_codes():
    world = build_world()
    browser, address, asked = rule_page(world, keys.FEE_CHANNELS, value=["college", "remittance"])
    page = browser.get(address).content.decode()
    assert page.count('type="checkbox"') == 6
    assert "院系预收" in page
    assert "[" not in page.split("历次取值")[1].split("</section>")[0]
    browser.post(address, asked)
    assert Rule.objects.get(key="fee.channels", source="新通知").value == ["college", "remittance"]
    rules = browser.get(f"/campaigns/{world.campaign.pk}/rules/").content.decode()
    assert "院系预收" in rules
    assert "on_the_day" not in rules
    for wrong in ([], ["college", "barter"]):
        assert browser.post(address, {**asked, "value": wrong}).status_code == 422


@pytest.mark.django_db
def test_who_corrects_what_is_chosen_line_by_line():
    world = build_world()
    browser, address, asked = rule_page(world, keys.ERRATA_ROUTES)
    assert 'name="value.data_shifted"' in browser.get(address).content.decode()
    browser.post(address, {**asked, "value.missing": "centre", "value.data_wrong.name": "chsi"})
    kept = Rule.objects.get(key="errata.routes", source="新通知").value
    assert kept == {"missing": "centre", "data_wrong.name": "chsi"}
    assert in_words(keys.ERRATA_ROUTES, kept)[0] == "缺照片 → 采集中心"


@pytest.mark.django_db
@pytest.mark.parametrize(("first", "last"), [("2013-10-09", ""), ("2013-10-09", "2014-13-40"), ("10月9日", "2月28日")])
def test_a_season_has_two_days_of_the_year(first, last):
    browser, address, asked = rule_page(build_world(), keys.SEASON_WINDOW, **{"value.first": first, "value.last": last})
    answer = browser.get(address, asked)
    assert answer.status_code == 422
    assert f'value="{first}"' in answer.content.decode(), "what was typed is still there"


@pytest.mark.django_db
def test_a_season_is_chosen_in_the_calendar_and_kept_by_month_and_day():
    days = {"value.first": "2013-10-09", "value.last": "2014-02-28"}
    browser, address, asked = rule_page(build_world(), keys.SEASON_WINDOW, **days)
    browser.post(address, asked)
    assert Rule.objects.get(key="schedule.season_window").value == ["10-09", "02-28"]


@pytest.mark.django_db
@pytest.mark.parametrize(("since", "moves"), [(-10, True), (-1, False), (5, False)])
def test_r174_a_changed_rule_moves_the_clocks_of_errata_as_its_preview_said(since, moves):
    """Received three days ago: a rule in force by then counts, a later one is for what is received from then on."""
    world = build_world()
    case = missing_case(world)
    at_the_agency(world, case, days_ago=3)
    before, day = case.due_on, (TODAY() + timedelta(days=since)).isoformat()
    browser, address, asked = rule_page(world, keys.ERRATA_REISSUE_WORKDAYS, value="12", effective_from=day)
    told = [pair for pair in browser.get(address, asked).context["moved"] if pair.before.key == "7.00"]
    assert bool(told) is moves
    browser.post(address, asked)
    case.refresh_from_db()
    assert case.due_on == (told[0].after.day if told else before)
    assert (case.due_on > before) is moves
