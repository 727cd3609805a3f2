"""The rules of a campaign: every key by theme, its documented default, whose document goes first, and who may change it."""

from datetime import date

import pytest
from django.test import Client
from django.utils import translation

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.actions import set_rule
from gradphoto.apps.campaigns.models import Campaign, Issuer, Rule
from gradphoto.apps.campaigns.rules import RuleMissing, default_of, in_force, value_of
from gradphoto.apps.campaigns.settings_keys import KEYS
from gradphoto.apps.capture.verdicts import assess, rules_of, standard_of
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.signed_tables import require_check_table
from gradphoto.demo.sitters import picture
from gradphoto.engine.portrait.thresholds import threshold
from verification.graduate_world import staff

pytestmark = pytest.mark.django_db


def put(world, key, value, issuer, since, source="文件"):
    return set_rule(
        world.actor(Role.REGISTRAR), world.campaign.rule_set, key=key, value=value, source=source, issuer=issuer,
        effective_from=since,
    )  # fmt: skip


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_an_unset_key_means_its_documented_default_or_says_what_it_means(world, key):
    world.campaign.rule_set.rules.all().delete()
    if key.default is None:
        assert key.unset.zh.startswith("未规定")
        with pytest.raises(RuleMissing) as refused:
            value_of(world.campaign, key)
        assert refused.value.link[0] == f"/campaigns/{world.campaign.pk}/rule/?key={key.name}"
    else:
        assert key.default.source
        assert value_of(world.campaign, key) == key.read(key.default.value)
        assert in_force(world.campaign.rule_set, key).is_default


def test_all_keys_stand_on_the_page_by_theme_set_or_not(world):
    page = staff(world, Role.REGISTRAR).get(f"/campaigns/{world.campaign.pk}/rules/").content.decode()
    for key in KEYS.values():
        assert f'?key={key.name}"' in page
        assert key.title.zh in page
        assert key.meaning.zh in page
    assert "未设定，按默认值：本系统默认" in page


def test_what_is_set_stands_open_and_the_defaults_stand_folded(world):
    """On a phone the page was ten thousand pixels long; what somebody has to look at is at the top."""
    browser, address = staff(world, Role.REGISTRAR), f"/campaigns/{world.campaign.pk}/rules/"
    page = browser.get(address).content.decode()
    folded = "".join(part.split("</details>")[0] for part in page.split("<details")[1:])
    assert folded.count("<li") + sum(f"?key={one.key}" in page for one in world.campaign.rule_set.rules.all()) >= len(
        KEYS
    )
    assert "已设定" not in folded
    assert '<details class="rule-default" open' not in page
    assert '<details class="rule-default" open' in browser.get(f"{address}?all").content.decode()


@pytest.mark.parametrize(
    ("first", "second", "wins"),
    [
        ((Issuer.MINISTRY, date(2012, 1, 1)), (Issuer.SCHOOL, date(2025, 1, 1)), 1500),
        ((Issuer.PROVINCE, date(2008, 1, 1)), (Issuer.SCHOOL, date(2025, 1, 1)), 1500),
        ((Issuer.PROVINCE, date(2025, 1, 1)), (Issuer.MINISTRY, date(2012, 1, 1)), 2000),
        ((Issuer.SCHOOL, date(2024, 1, 1)), (Issuer.SCHOOL, date(2025, 1, 1)), 2000),
        ((Issuer.SCHOOL, date(2024, 1, 1)), (Issuer.MINISTRY, date(2999, 1, 1)), 1500),
    ],
    ids=["ministry", "province", "ministry over province", "of one issuer the newer", "not in force yet"],
)
def test_r6_ministry_beats_province_beats_school_whatever_the_dates(world, first, second, wins):
    world.campaign.rule_set.rules.filter(key=keys.FEE_FEN.name).delete()
    put(world, keys.FEE_FEN, 1500, *first)
    put(world, keys.FEE_FEN, 2000, *second)
    assert value_of(world.campaign, keys.FEE_FEN) == wins


def test_r6_the_page_shows_both_and_says_which_counts_and_why(world):
    put(world, keys.FEE_FEN, 1500, Issuer.PROVINCE, date(2008, 11, 1), "湘教通[2008]351号")
    client = staff(world, Role.REGISTRAR)
    page = client.get(f"/campaigns/{world.campaign.pk}/rule/?key=fee.per_person_fen").content.decode()
    now = page.split("现在执行")[1].split("</section>")[0]
    assert "15 元" in now
    assert "<s>20 元</s>" in now
    assert "部、省文件优先于学校文件，与日期先后无关" in now
    asked = {"value": "18", "source": "校内通知", "effective_from": "2026-01-01", "issuer": "school"}
    tried = client.get(f"/campaigns/{world.campaign.pk}/rule/", {"key": "fee.per_person_fen", **asked})
    assert "可以保存，但不会执行" in tried.content.decode()
    client.post(f"/campaigns/{world.campaign.pk}/rule/?key=fee.per_person_fen", asked)
    assert value_of(world.campaign, keys.FEE_FEN) == 1500


@pytest.mark.parametrize(
    ("typed", "stored"), [("15", 1500), ("15.5", 1550), ("15元", 1500), ("0", 0), ("15.555", None), ("many", None),
                          ("-1", None), ("", None), ("NaN", None), ("1e9", None)]
)  # fmt: skip
def test_money_is_typed_in_yuan_and_kept_in_fen(world, typed, stored):
    asked = {"value": typed, "source": "通知", "effective_from": "2026-01-01"}
    answer = staff(world, Role.REGISTRAR).post(f"/campaigns/{world.campaign.pk}/rule/?key=fee.per_person_fen", asked)
    made = Rule.objects.filter(source="通知").first()
    assert (made and made.value) == stored
    assert answer.status_code == (302 if stored is not None else 422)
    if stored is None:
        assert "以元填写金额" in answer.content.decode()


def test_a_backdrop_is_chosen_by_its_colour(world):
    address = f"/campaigns/{world.campaign.pk}/rule/?key=photo.backdrop"
    page = staff(world, Role.REGISTRAR).get(address).content.decode()
    assert 'fill="#64c5ff"' in page
    assert 'value="dark_blue"' in page


def test_a_value_entered_by_mistake_is_taken_back_and_stays_in_the_history(world):
    put(world, keys.EARLY_MINUTES, 99, Issuer.MINISTRY, date(2020, 1, 1), "误填")
    client, address = staff(world, Role.REGISTRAR), f"/campaigns/{world.campaign.pk}/rule/"
    rule = Rule.objects.get(source="误填")
    assert client.post(f"{address}withdraw/", {"rule": rule.pk, "reason": " "}).status_code == 422
    client.post(f"{address}withdraw/", {"rule": rule.pk, "reason": "抄错了"})
    assert value_of(world.campaign, keys.EARLY_MINUTES) == 10
    assert "抄错了" in client.get(f"{address}?key={keys.EARLY_MINUTES.name}").content.decode()
    put(world, keys.EARLY_MINUTES, 15, Issuer.MINISTRY, date(2020, 1, 1))
    assert value_of(world.campaign, keys.EARLY_MINUTES) == 15


def test_a_campaign_leaves_rules_that_it_shares(world):
    shared = world.campaign.rule_set
    Campaign.objects.create(
        cohort_year=2026, title="他校", school=world.strange_school, centre=world.centre, rule_set=shared
    )
    client = staff(world, Role.REGISTRAR)
    assert "本校另立规则集" in client.get(f"/campaigns/{world.campaign.pk}/rules/").content.decode()
    client.post(f"/campaigns/{world.campaign.pk}/rules/separate/")
    world.campaign.refresh_from_db()
    assert world.campaign.rule_set != shared
    assert world.campaign.rule_set.rules.count() == shared.rules.count()
    put(world, keys.EARLY_MINUTES, 30, Issuer.SCHOOL, date(2026, 1, 1))
    assert in_force(shared, keys.EARLY_MINUTES).value == 10


def test_nobody_else_changes_the_rules(world):
    rule = world.campaign.rule_set.rules.first()
    for role in (Role.COLLEGE_OFFICER, Role.COLLECTION_CENTRE, Role.ADMINISTRATOR):
        client = staff(world, role)
        assert client.get(f"/campaigns/{world.campaign.pk}/rules/").status_code == 200
        posted = client.post(f"/campaigns/{world.campaign.pk}/rule/withdraw/", {"rule": rule.pk, "reason": "x"})
        assert posted.status_code == 403
    stranger = staff(world, Role.REGISTRAR, stranger=True)
    assert stranger.get(f"/campaigns/{world.campaign.pk}/rules/").status_code == 404
    assert Client().get(f"/campaigns/{world.campaign.pk}/rules/").status_code == 302


def test_a_backdrop_rule_judges_what_it_names(world):
    """R115: with dark blue prescribed the light blue pictures are for a person to look at; without a rule they pass."""
    data = picture("person_01")
    world.campaign.rule_set.rules.filter(key=keys.BACKDROP.name).delete()
    plain = assess(data, standard_of(world.campaign))
    put(world, keys.BACKDROP, "dark_blue", Issuer.SCHOOL, date(2020, 1, 1), "处发[2008]71号 二.3")
    judged = assess(data, standard_of(world.campaign))
    assert "portrait.backdrop_colour" not in {finding.code for finding in plain.verdict.findings}
    assert "portrait.backdrop_colour" in {finding.code for finding in judged.verdict.findings}


def test_b5_the_jewellery_rule_is_strict_unless_a_document_says_otherwise_and_judges(world):
    strict, version = standard_of(world.campaign), rules_of(world.campaign, "mb2017_99")
    put(world, keys.JEWELLERY_RULE, "lenient", Issuer.PROVINCE, date(2020, 1, 1), "江西2020届注意事项 三.4")
    lenient = standard_of(world.campaign)
    assert [threshold(one, "jewellery_area_review") for one in (strict, lenient)] == [0.003, 0.034]
    assert rules_of(world.campaign, "mb2017_99") != version, "another rule is another version"
    with pytest.raises(ValueError, match="neither"):
        keys.JEWELLERY_RULE.read("sometimes")
    page = staff(world, Role.REGISTRAR).get(f"/campaigns/{world.campaign.pk}/rule/?key=photo.jewellery")
    assert "可戴，但不得遮挡" in page.content.decode()


def test_a_school_without_a_check_table_prints_and_files_none(world):
    put(world, keys.CHECK_TABLE, False, Issuer.SCHOOL, date(2020, 1, 1))
    with pytest.raises(Refusal, match=r"roster\.no_check_table"):
        require_check_table(world.campaign)
    answer = staff(world, Role.REGISTRAR).get(f"/campaigns/{world.campaign.pk}/rule/?key=verification.site")
    assert "不改变系统的行为" in answer.content.decode(), "a key that only says a text says so"


def test_a_default_of_our_own_is_said_in_the_readers_language():
    with translation.override("en"):
        assert default_of(keys.SIGNING_DAYS).source.endswith("this system's own default")
    with translation.override("zh-hans"):
        assert default_of(keys.SIGNING_DAYS).source.endswith("本系统默认")
