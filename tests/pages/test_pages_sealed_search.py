"""An ID number that is searched for stands in no address: forms post it, addresses hold a token, lists read it back."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django import forms
from django.conf import settings
from django.http import QueryDict
from django.test import Client

from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages import sealed_queries
from gradphoto.apps.pages.listing import LISTINGS
from gradphoto.apps.pages.sealed_queries import SealedQuery
from gradphoto.engine.standards.identity import may_be_id_number
from world import add_candidate, build_world

SOURCE = Path(__file__, "../../../src/gradphoto").resolve()
NUMBER = "11010519991231002X"
GET_FORM = re.compile(r'<form[^>]*method="get"[^>]*>(.*?)</form>', re.DOTALL)
TYPED_IN = re.compile(r"<input\b(?![^>]*\btype=\"(?:hidden|checkbox|radio|number|date|time)\")[^>]*>", re.DOTALL)


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER, NUMBER.lower(), "110105 19991231 002x", "110105-19991231-002X", "１１０１０５１９９９１２３１００２Ｘ",
        "张三110105199912310029", "110105991231002", "99010119990101001", "19991231002X", "1105199912310", "19991231",
        "002X", "1231002×", "H12345678", "M1234567801", "E12345678", "EA1234567", "USA123456789012", "q=110105199912310029",
    ],
)  # fmt: skip
def test_what_may_be_an_id_number_is_told(typed):
    assert may_be_id_number(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "", "张三", "2022010101", "20220101234", "20260630", "2026-11-30", "2026-11-30T10:00:00.123456", "软件1班", "计科2201",
        "A-102", "GP-2026-000123", "KW2026-0001", "13812345678", "open,1,22,333,4444,55555,666666,7777777", "page=2", "-drafted_at", "12",
    ],
)  # fmt: skip
def test_other_words_stay_as_they_are(typed):
    assert not may_be_id_number(typed)


def test_no_form_puts_typed_words_into_an_address():
    """A form by GET holds choices only; whatever a person types goes by POST (pages/asks.html)."""
    found = {
        (path.name, words)
        for path in SOURCE.rglob("*.html")
        for form in GET_FORM.findall(path.read_text(encoding="utf-8"))
        for words in TYPED_IN.findall(form)
    }
    assert found == set()


def test_the_token_is_read_by_who_typed_it_until_its_hour(monkeypatch):
    query = SealedQuery.of(QueryDict(f"q={NUMBER}&season=spring"), 7)
    address = query.urlencode()
    assert NUMBER not in address
    assert "season=spring" in address
    assert SealedQuery.of(QueryDict(address), 7)["q"] == NUMBER
    with pytest.raises(Refusal) as refused:
        SealedQuery.of(QueryDict(address), 8)
    assert refused.value.code == "pages.search_expired"
    altered = address.replace("q=~A", "q=~B")
    with pytest.raises(Refusal):
        SealedQuery.of(QueryDict(altered), 7)
    monkeypatch.setattr(sealed_queries.time, "time", lambda: 4e9)
    with pytest.raises(Refusal):
        SealedQuery.of(QueryDict(address), 7)


@pytest.fixture
def office(db):
    return build_world()


def _signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_every_list_keeps_a_number_out_of_its_addresses(office):
    """Pages, tabs and the file of each list that may be searched; the words themselves are read by its filter."""
    actor = office.actor(Role.REGISTRAR)
    searched = 0
    for listing in LISTINGS.values():
        words = [
            name
            for name, one in listing.filters.base_filters.items()
            if one.field_class is forms.CharField or issubclass(one.field_class, forms.CharField)
        ]
        for name in words:
            searched += 1
            token = SealedQuery.of(QueryDict(f"{name}={NUMBER}&page=2&sort=x"), actor.user.pk).urlencode()
            asked = listing.asked(actor, QueryDict(f"campaign={office.campaign.pk}&{token}"))
            assert asked.value(name) == NUMBER, listing.name
            assert NUMBER not in asked.filter_query, listing.name
            assert NUMBER in asked.query_to_seal, listing.name
    assert searched >= 25


def test_a_search_posts_and_its_page_holds_no_number_in_a_link(office, caplog):
    add_candidate(office, 1)
    client, path = _signed_in(office.actor(Role.REGISTRAR).user), "/roster/"
    page = client.get(path)
    assert 'action="/search/"' in page.content.decode()
    with caplog.at_level(logging.DEBUG):
        answer = client.post("/search/", {"_to": path, "q": NUMBER, "season": "spring", "sort": ""})
        assert answer.status_code == 302
        address = answer["Location"]
        assert address.startswith(path)
        shown = client.get(address)
        assert shown.status_code == 200
    assert NUMBER not in address + caplog.text
    html = shown.content.decode()
    held = [html[max(0, at.start() - 200) : at.end()] for at in re.finditer(NUMBER, html)]
    assert held, "what was typed stands in its field"
    assert all("<input" in one and "href" not in one.rpartition("<")[2] for one in held)
    links = re.findall(r'href="(\?[^"]*|/roster/\?[^"]*)"', html)
    assert links
    assert not any(NUMBER in link for link in links)
    for link in [link.replace("&amp;", "&") for link in links if "q=" in link]:
        token = parse_qs(urlsplit(link).query)["q"][0]
        assert sealed_queries.unsealed(token, office.actor(Role.REGISTRAR).user.pk) == NUMBER


def test_a_number_that_arrives_bare_is_led_on_to_its_token(office):
    client = _signed_in(office.actor(Role.REGISTRAR).user)
    answer = client.get(f"/roster/?q={NUMBER}&page=1")
    assert answer.status_code == 302
    assert NUMBER not in answer["Location"]
    assert client.get(answer["Location"]).status_code == 200
    assert client.get("/roster/?q=2022010101").status_code == 200, "a student number may be kept as a bookmark"
    other = _signed_in(office.actor(Role.COLLECTION_CENTRE).user)
    foreign = other.get(answer["Location"])
    assert foreign.status_code == 409
    assert "pages.search_expired" in foreign.content.decode()


def test_nobodys_number_is_not_carried_on_to_the_sign_in(client, db):
    answer = client.get(f"/roster/?q={NUMBER}&season=spring")
    assert answer["Location"] == "/roster/?season=spring"
    assert NUMBER not in client.get(f"/accounts/login/?next=/roster/%3Fq%3D{NUMBER}")["Location"]


@pytest.mark.parametrize(
    "where", ["https://elsewhere.example/", "//elsewhere.example/x", "roster", "", "/\\elsewhere.example"]
)
def test_a_search_leads_to_this_site_only(office, where):
    assert _signed_in(office.actor(Role.REGISTRAR).user).post("/search/", {"_to": where, "q": "x"}).status_code == 404


def test_the_web_server_writes_no_query_into_its_log():
    conf = (SOURCE.parents[1] / "deploy/nginx/gradphoto.conf").read_text(encoding="utf-8")
    logged = re.findall(r"log_format (\w+) ((?:'[^']*'\s*)+);", conf)
    assert len(logged) == 1
    assert not re.search(r"\$(request|request_uri|uri|args|query_string|http_referer)\b(?!_)", logged[0][1])
    assert set(re.findall(r"access_log \S+ (\w+);", conf)) == {logged[0][0]}
    assert settings.SECURE_REFERRER_POLICY == "same-origin"
