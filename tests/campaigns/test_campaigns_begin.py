"""A campaign from a notice or from last year's: what the notice says, with its source, shown whole before it is made."""

from datetime import date
from pathlib import Path

import pytest

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.actions import set_rule
from gradphoto.apps.campaigns.models import Campaign, Contact, Issuer
from gradphoto.apps.campaigns.notices import moved, notices
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import Candidate, CandidateStatus, MilestoneKind, Origin
from gradphoto.apps.roster.plan import set_milestone
from gradphoto.apps.roster.steps import defer_candidate
from gradphoto.apps.schedule.models import CollectionRoom
from verification.graduate_world import staff
from world import add_candidate, build_world

SAID = {
    "liaoning_2014": {keys.FEE_FEN: 2000, keys.ERRATA_REISSUE_WORKDAYS: 5, keys.CHECK_MONTHS: 1},
    "hunan_2014": {keys.FEE_FEN: 1500, keys.EARLY_MINUTES: 10, keys.VERIFY_AFTER_WORKDAYS: 40},
    "jiangxi_2020": {keys.DATABASE_WORKDAYS: 10, keys.FULL_TIME_MOST: 150, keys.ADULT_MOST: 120},
    "npu_2010": {keys.FEE_FEN: 2000, keys.PHOTO_PROFILE: "legacy_2009", keys.BACKDROP: "light_blue"},
    "hunan_2009": {keys.FEE_FEN: 1500, keys.BACKDROP: "dark_blue", keys.STAFF_EARLY_MINUTES: 15,
                   keys.ADMISSION_FORM_COPIES: 3, keys.STATUS_FORM_COPIES: 2},
    "today": {keys.PHOTO_PROFILE: "mb2017_99", keys.IDENTIFICATION: ("chsi_code", "manual")},
}  # fmt: skip
"""What each notice sets, read off its own text (R174-R200); the templates must say the same."""


@pytest.fixture
def world(db):
    return build_world()


def asked(world, basis, year):
    return f"/begin/campaign/?school={world.school.pk}&year={year}&basis={basis}"


def make(world, basis, year, **changed):
    client, address = staff(world, Role.REGISTRAR), asked(world, basis, year)
    form = client.get(address).context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | {"centre": world.centre.pk, "make": "1"}
    data |= {name: value.isoformat() for name, value in data.items() if isinstance(value, date)} | changed
    return client.post(address, data)


@pytest.mark.parametrize("code", notices(), ids=str)
def test_r6_every_template_carries_the_values_of_its_notice_with_source_and_date(world, code):
    answer = make(world, f"notice:{code}", 2027)
    assert answer.status_code == 302, answer.content.decode()
    made = Campaign.objects.get(cohort_year=2027)
    assert {key: value_of(made, key) for key in SAID[code]} == SAID[code]
    for rule in made.rule_set.rules.all():
        assert notices()[code].notice in rule.source or rule.issuer != Issuer.SCHOOL
        assert rule.effective_from.year >= 2008
    assert made.school == world.school
    assert str(made.pk) in answer["Location"]


def test_the_five_notices_and_today_are_offered(world):
    page = staff(world, Role.REGISTRAR).get("/begin/campaign/").content.decode()
    for one in notices().values():
        assert one.title.zh in page
    assert "沿用本校的“2026届图像采集”" in page


def test_r41_the_dates_of_s1_move_to_the_new_class_and_are_all_shown_before_anything_is_made(world):
    client = staff(world, Role.REGISTRAR)
    answer = client.get(asked(world, "notice:hunan_2014", 2027))
    shown = {one.title: one.day for one in answer.context["dated"]}
    assert shown[str(MilestoneKind.SHOOTING.label)] == date(2026, 1, 3)
    assert shown["数据库提前（工作日）：10 个工作日"] == date(2025, 12, 18)
    assert shown["最早开放校对（自然日）：40 个自然日"] == date(2026, 2, 12)
    assert "周末或节假日" in answer.content.decode()
    assert not Campaign.objects.filter(cohort_year=2027).exists()
    recounted = client.post(
        asked(world, "notice:hunan_2014", 2027),
        {"title": "x", "centre": world.centre.pk, "date_shooting": "2026-12-07", "preview": "1"},
    )
    assert date(2027, 1, 16) in [one.day for one in recounted.context["dated"]]
    assert not Campaign.objects.filter(cohort_year=2027).exists()
    make(world, "notice:hunan_2014", 2027, date_shooting="2026-12-07")
    made = Campaign.objects.get(cohort_year=2027)
    stone = made.milestones.get(kind=MilestoneKind.SHOOTING)
    assert (stone.due, "本校调整" in stone.source) == (date(2026, 12, 7), True)
    assert made.milestones.get(kind=MilestoneKind.CARDS_OUT).due == date(2025, 12, 14)
    assert [(one.intake_year, one.major) for one in made.cohort_rules.order_by("-intake_year")] == [
        (2023, ""), (2022, "建筑学"),
    ]  # fmt: skip
    assert CollectionRoom.objects.get(campaign=made).stations == 2
    assert Contact.objects.get(campaign=made, side="centre").telephone == "0731-82250811"


def test_last_years_rules_places_contacts_and_the_people_deferred_to_it(world):
    """R8, R9: who was deferred to the class of 2027 stands on its roster; whoever was deferred further does not."""
    registrar = world.actor(Role.REGISTRAR)
    away, further, here = (add_candidate(world, n) for n in (1, 2, 3))
    for person, year in ((away, None), (further, 2028)):
        defer_candidate(registrar, person, reason="全院在外地实习", to_year=year)
    set_rule(registrar, world.campaign.rule_set, key=keys.ERRATA_SUMMARY_DUE, value="2026-03-05", source="通知",
             effective_from=date(2025, 12, 1))  # fmt: skip
    set_milestone(registrar, world.campaign, kind=MilestoneKind.SHOOTING, due=date(2025, 12, 13), source="通知")
    CollectionRoom.objects.create(campaign=world.campaign, name="至善楼104", stations=2)
    Contact.objects.create(campaign=world.campaign, side="school", name="教务处", telephone="0731-1")
    before = staff(world, Role.REGISTRAR).get(asked(world, f"campaign:{world.campaign.pk}", 2027))
    assert away.name in before.content.decode()
    make(world, f"campaign:{world.campaign.pk}", 2027)
    made = Campaign.objects.get(cohort_year=2027)
    assert made.title == "2027届图像采集"
    assert made.rule_set != world.campaign.rule_set
    assert value_of(made, keys.FEE_FEN) == 2000
    assert value_of(made, keys.ERRATA_SUMMARY_DUE) == date(2027, 3, 5)
    assert made.milestones.get().due == date(2026, 12, 13)
    assert list(made.rooms.values_list("name", "stations")) == [("至善楼104", 2)]
    assert made.contacts.get().telephone == "0731-1"
    carried = Candidate.objects.get(campaign=made)
    assert (carried.student_no, carried.status, carried.origin) == (
        away.student_no, CandidateStatus.ISSUED, Origin.DEFERRED,
    )  # fmt: skip
    assert carried.id_number == away.id_number
    assert "全院在外地实习" in carried.added_reason
    assert here.campaign == world.campaign


def test_what_is_not_ticked_is_not_carried_and_a_title_is_taken_once(world):
    CollectionRoom.objects.create(campaign=world.campaign, name="至善楼104")
    make(world, f"campaign:{world.campaign.pk}", 2027, carry=[])
    assert not Campaign.objects.get(cohort_year=2027).rooms.exists()
    again = make(world, f"campaign:{world.campaign.pk}", 2027)
    assert again.status_code == 400
    assert "已有同名批次" in again.content.decode()
    assert Campaign.objects.filter(cohort_year=2027).count() == 1


def test_only_the_schools_own_registrar_begins_and_from_his_own_campaigns(world):
    assert staff(world, Role.COLLEGE_OFFICER).get("/begin/campaign/").status_code == 403
    stranger = staff(world, Role.REGISTRAR, stranger=True)
    assert stranger.get(asked(world, "notice:today", 2027)).status_code == 422
    strange = f"/begin/campaign/?school={world.strange_school.pk}&year=2027&basis=campaign:{world.campaign.pk}"
    assert stranger.get(strange).status_code == 422


def test_a_notice_of_a_leap_day_moves_to_the_28th():
    assert moved(date(2020, 2, 29), 1) == date(2021, 2, 28)


@pytest.mark.engine
def test_every_source_of_a_template_is_a_place_that_its_notice_has():
    """The first figure of each source (第十条, 四（二）) stands in the notice as shipped."""
    for one in notices().values():
        assert one.rules
        assert all(rule.source.startswith((one.notice, "湘教通", "教毕指")) for rule in one.rules), one.code
        assert len({(rule.key.name, rule.issuer) for rule in one.rules}) == len(one.rules)
    assert {path.stem for path in Path(notices.__wrapped__.__code__.co_filename).parent.glob("*.toml")} == set(
        notices()
    )


def test_r202_the_registry_keeps_the_contacts_of_both_sides_and_nobody_else(world):
    address = f"/campaigns/{world.campaign.pk}/contacts/"
    client = staff(world, Role.REGISTRAR)
    client.post(address, {"form": "set_contact", "side": "school", "name": "教务处", "telephone": "0731-1", "duty_from": "2026-12-01",
                          "duty_to": "2026-12-05"})  # fmt: skip
    seen = staff(world, Role.COLLEGE_OFFICER).get(f"/campaigns/{world.campaign.pk}/").content.decode()
    assert "0731-1" in seen
    assert "手机全天开机 2026-12-01 至 2026-12-05" in seen
    assert staff(world, Role.COLLEGE_OFFICER).get(address).status_code == 403
    kept = Contact.objects.get()
    client.post(address, {"form": "drop_contact", "drop": kept.pk})
    assert not Contact.objects.exists()
