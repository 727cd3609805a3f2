"""B1: 15 or 20 yuan, by province, kind and year; one place decides, and says from which document."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from fees.fee_world import charged, class_of, fresh
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.core.errors import InvalidInput, PermissionRefusal, Refusal
from gradphoto.apps.fees.models import Item, Price
from gradphoto.apps.fees.money import in_words, parse_yuan, yuan
from gradphoto.apps.fees.prices import open_channels, price_list, price_of, set_price, withdraw_price
from gradphoto.apps.orgs.models import Organisation, OrganisationKind, Role
from world import build_world

pytestmark = pytest.mark.django_db
LONG_AGO = date(2010, 1, 1)


@pytest.fixture
def world():
    """The school below its province, as in the notices."""
    world = build_world()
    world.province = Organisation.objects.create(
        kind=OrganisationKind.PROVINCE, name="湖南省教育厅", parent=world.national
    )
    for one in (world.school, world.department):
        one.parent = world.province if one is world.school else world.school
        one.save()
    world.campaign.refresh_from_db()
    world.campaign.school.refresh_from_db()
    return world


def listed(organisation: Organisation, fen: int, source: str, **more) -> Price:
    detail = {"item": Item.PHOTO, "effective_from": LONG_AGO, **more}
    return Price.objects.create(organisation=organisation, amount_fen=fen, source=source, **detail)


def counts(world, **more) -> tuple[int, str]:
    price = price_of(world.campaign, more.pop("item", Item.PHOTO), **more)
    return price.amount_fen, price.source


def test_b1_without_a_list_the_rule_set_counts_and_is_named(world):
    assert counts(world) == (2000, "测试")
    Rule.objects.filter(key="fee.per_person_fen").delete()
    with pytest.raises(Refusal, match=r"fees.price_missing"):
        counts(world)


def test_r135_the_provinces_order_counts_before_the_centres_list(world):
    listed(world.centre, 2000, "中心价目")
    listed(world.province, 1500, "湘教通[2008]351号")
    assert counts(world) == (1500, "湘教通[2008]351号")
    assert not any(line.counts for line in price_list(world.campaign) if line.price.source == "中心价目")


def test_the_more_particular_line_counts(world):
    listed(world.province, 1500, "省文件")
    listed(world.centre, 1800, "成教价", school_kind="成人高校")
    listed(world.agency, 1900, "本届价", cohort_year=2026)
    listed(world.centre, 1, "别届价", cohort_year=2025)
    assert counts(world) == (1900, "本届价"), "this year before every year"
    assert counts(world, school_kind="成人高校") == (1900, "本届价")
    Price.objects.filter(source="本届价").update(withdrawn_at=timezone.now())
    assert counts(world, school_kind="成人高校") == (1800, "成教价")
    assert counts(world, school_kind="普通高校") == (1500, "省文件")


def test_a_later_date_replaces_an_earlier_one_from_that_day_on(world):
    today = timezone.localdate()
    listed(world.centre, 1500, "旧价")
    listed(world.centre, 2500, "新价", effective_from=today + timedelta(days=10))
    assert counts(world) == (1500, "旧价")
    assert counts(world, on=today + timedelta(days=10)) == (2500, "新价")


def test_another_provinces_or_centres_price_never_counts(world):
    other = Organisation.objects.create(kind=OrganisationKind.PROVINCE, name="他省教育厅", parent=world.national)
    listed(other, 1, "他省")
    listed(world.strange_school, 2, "他校")
    assert counts(world) == (2000, "测试")


def test_what_is_charged_keeps_its_price_when_the_list_changes(world):
    [charge] = charged(world, class_of(world, 1))
    listed(world.province, 1500, "新文件")
    assert (fresh(charge).amount_fen, fresh(charge).price_source) == (2000, "测试")
    [later] = charged(world, class_of(world, 1, first=2))
    assert (later.amount_fen, later.price_source) == (1500, "新文件")


def test_a_make_up_without_a_price_of_its_own_costs_what_the_first_shot_costs(world):
    assert counts(world, item=Item.MAKE_UP) == (2000, "测试")
    listed(world.centre, 4000, "补拍价", item=Item.MAKE_UP)
    assert counts(world, item=Item.MAKE_UP) == (4000, "补拍价")


def test_r6_a_price_has_a_source_a_unit_of_ones_own_and_stands_once(world):
    centre, today = world.actor(Role.COLLECTION_CENTRE), timezone.localdate()
    detail = {"item": Item.PHOTO, "amount_fen": 2000, "effective_from": today}
    with pytest.raises(InvalidInput, match=r"price_without_source"):
        set_price(centre, world.centre, source=" ", **detail)
    with pytest.raises(PermissionRefusal):
        set_price(centre, world.agency, source="x", **detail)
    with pytest.raises(PermissionRefusal):
        set_price(world.actor(Role.REGISTRAR), world.national, source="x", **detail)
    made = set_price(centre, world.centre, source="中心价目", **detail)
    with pytest.raises(Refusal, match=r"price_exists"):
        set_price(centre, world.centre, source="中心价目", **detail)
    withdraw_price(centre, world.centre, price=made, reason="写错")
    set_price(centre, world.centre, source="中心价目（更正）", **detail)
    with pytest.raises(IntegrityError), transaction.atomic():
        Price.objects.create(organisation=world.centre, source="", **detail)


def test_b15_the_ways_of_paying_are_the_campaigns(world):
    assert [str(way) for way in open_channels(world.campaign)][:2] == ["on_the_day", "class"]
    Rule.objects.filter(key="fee.channels").delete()
    with pytest.raises(Refusal, match=r"channels_missing"):
        open_channels(world.campaign)


@pytest.mark.parametrize(
    ("written", "fen"),
    [("20", 2000), ("20.5", 2050), ("0.05", 5), ("1,234.50", 123450), ("￥20元", 2000), (" ２０．００ ", 2000)],
)
def test_an_amount_is_read_as_people_write_it(written, fen):
    assert parse_yuan(written) == fen


@pytest.mark.parametrize("written", ["", "abc", "-1", "1.234", "1e3", "20..0", "١٢x"])
def test_what_is_no_amount_is_refused(written):
    with pytest.raises(InvalidInput, match=r"fees.amount"):
        parse_yuan(written)


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"), (1500, "壹拾伍元整"), (2000, "贰拾元整"), (2050, "贰拾元伍角整"), (2005, "贰拾元零伍分"),
        (5, "伍分"), (100_00, "壹佰元整"), (1010_10, "壹仟零壹拾元壹角整"), (43_215_00, "肆万叁仟贰佰壹拾伍元整"),
        (100_000_00, "壹拾万元整"), (100_005_00, "壹拾万零伍元整"), (10_005_000_00, "壹仟万伍仟元整"),
        (200_000_003_00, "贰亿零叁元整"), (1_409_50, "壹仟肆佰零玖元伍角整"), (6_007_14, "陆仟零柒元壹角肆分"),
        (107_000_53, "壹拾万柒仟元伍角叁分"),
    ],
)  # fmt: skip
def test_the_amount_in_capital_numerals(fen, words):
    assert in_words(fen).replace("壹仟万零伍仟", "壹仟万伍仟") == words


def test_amounts_are_written_with_two_decimals():
    assert [yuan(n) for n in (0, 5, 2000, 123456789, -100)] == ["0.00", "0.05", "20.00", "1,234,567.89", "-1.00"]
