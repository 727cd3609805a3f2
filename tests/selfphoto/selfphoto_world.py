"""What the tests of the own photograph stand on: a campaign that lets everybody, a person with a link, who agreed."""

import hashlib
import json
from datetime import date, timedelta
from functools import cache

from django.test import Client
from django.utils import timezone

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Rule
from gradphoto.apps.core.lifecycle import writes_allowed
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.selfphoto import links
from gradphoto.demo.sitters import picture
from world import add_candidate, build_world

UNTIL = date(2099, 6, 30)


def rule(world, key, value, source="测试文件〔2026〕1号"):
    """Set a rule, whatever it was."""
    Rule.objects.update_or_create(
        rule_set=world.campaign.rule_set, key=key.name,
        defaults={"value": value, "source": source, "effective_from": date(2020, 1, 1)},
    )  # fmt: skip


def let_everybody(world, groups=("everybody",)):
    """The campaign collects, and its rules let these photograph themselves."""
    with writes_allowed():
        Campaign.objects.filter(pk=world.campaign.pk).update(status=CampaignStatus.COLLECTING)
    world.campaign.refresh_from_db()
    rule(world, keys.SELF_PHOTO_FOR, list(groups))
    rule(world, keys.SELF_PHOTO_UNTIL, str(timezone.localdate() + timedelta(days=20)))


def self_photo_world(groups=("everybody",), **rules):
    world = build_world()
    let_everybody(world, groups)
    for name, value in rules.items():
        rule(world, getattr(keys, name), value)
    return world


def linked(world, person, **more):
    """A link, as the college hands it out."""
    return links.issue_link(world.actor(Role.COLLEGE_OFFICER), person, **more)


def let_in(world, person, code=None):
    """A browser in which the person has entered by the link."""
    code = code or linked(world, person).code
    browser = Client()
    answer = browser.post(
        "/my-photo/", {"way": "link", "code": code, "student_no": person.student_no, "name": person.name}
    )
    assert answer.status_code == 302, answer.content.decode()
    return browser


def agreed(world, person, **more):
    browser = let_in(world, person)
    assert browser.post("/my-photo/consent/", {"photograph": "on", **more}).status_code == 302
    return browser


def begin(browser, data, **more):
    said = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "source": "camera", **more}
    return browser.post("/my-photo/uploads/", json.dumps(said), content_type="application/json")


def part(browser, url, offset, data):
    return browser.post(url, data, content_type="application/octet-stream", headers={"Upload-Offset": str(offset)})


def send(browser, data, **more):
    """The whole way of a file as the page's script goes it; the last answer."""
    began = begin(browser, data, **more)
    if began.status_code not in (200, 201):
        return began
    place = began.json()
    offset, size = place["offset"], place["chunk_bytes"]
    while offset < len(data):
        answer = part(browser, place["url"], offset, data[offset : offset + size])
        assert answer.status_code == 200, answer.content
        offset = answer.json()["offset"]
    return browser.post(place["finish_url"], "{}", content_type="application/json")


@cache
def good():
    """A photograph that passes or is only reviewed."""
    return picture("person_01")


def somebody(world, n=1, **more):
    return add_candidate(world, n, **more)
