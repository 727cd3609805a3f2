"""Every page of the product, opened in both languages over a world with every state in it (``walk_world``).

Every named address is walked, or stands below with its reason. A page that names a record is opened for a record of
each state (by day of a few). Of each page: no error, strict HTML, the language asked for, and on an English page no Chinese but data.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.storage import storages
from django.db import connection, models, transaction
from django.test import Client, override_settings
from django.urls import Resolver404, get_resolver, resolve, reverse

from budget import examples
from gradphoto.apps.api.description import described, endpoints
from gradphoto.apps.core.models import Job
from gradphoto.apps.help.manuals import TITLES, manual_of
from gradphoto.apps.orgs.models import ImportKind
from gradphoto.apps.roster.models import Document
from gradphoto.apps.schedule import papers
from gradphoto.apps.schedule.models import Slot
from pages.strict_html import StrictPage
from pages.walk_world import LEFT_OUT, Walk, build_walk, graduates, missing_states, place_what_is_lacking, sitters

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SOURCE = Path(__file__, "../../../src/gradphoto").resolve()
NOBODYS = 987_654_321
LANGUAGES = ("en", "zh-hans")
OF_ONE, ASKED = 3, 6
"""Pages of one address that are looked at by day, the first in both languages, and how often a file is asked for; at night
there is one of each state."""
CHINESE = re.compile("[\u4e00-\u9fff]+")
PORTALS = ("/verify/", "/sign/", "/make-up-form/", "/my-photo/")
MESSAGES = (
    "campaigns:rules",
    "schedule:notices",
    "schedule:group_photo",
    "verification:notices",
    "help:index",
    "help:manual",
)
"""Pages that show a message as its readers get it, or a manual: in Chinese."""
NUMBER = "11010519991231002X"
SEARCH_FORM = re.compile(r'<form[^>]*action="/search/".*?</form>', re.DOTALL)
_LEADS_ON = "answers by leading on"
_KEY = "asks for a key of the person's own: tests/access shows it"
_OWN = "shows its owner what a job made: tests/pages/test_pages_exports.py, tests/roster"
_FILE = "a file that no stage keeps: the tests of its room open it"
_BY_QUERY = "asks for a class or a day in its query: the tests of its room open it"
_PROGRAM = "a program's, in JSON: tests/api"
_ENDPOINTS = [f"interface:{one.name}" for _, group in endpoints(described()) for one in group]
_SITTER = "asks for a try of one's own: tests/selfphoto and tests/browser open it"
_LINK = "a link with a secret: the tests of its room follow it"
NO_PAGE: dict[str, str] = {
    **dict.fromkeys(
        [
            "account_continue", "desk:todo", "review:decide", "review:frame", "roster:find_by_number",
            "roster:find_document", "schedule:readiness_papers", "set_language", "sign:done", "verification:final",
            "verification:not_yet", "verification:reminder",
        ],
        _LEADS_ON,
    ),
    **dict.fromkeys(
        [
            "mfa_authenticate", "mfa_deactivate_totp", "mfa_download_recovery_codes", "mfa_edit_webauthn",
            "mfa_login_webauthn", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn",
            "mfa_view_recovery_codes",
        ],
        _KEY,
    ),
    **dict.fromkeys(
        [
            "core:job", "core:job_progress", "pages:export", "pages:export_file", "roster:bulk", "roster:bulk_export",
            "roster:bulk_progress", "roster:bundle", "roster:bundle_progress",
        ],
        _OWN,
    ),
    **dict.fromkeys(
        [
            "delivery:download", "errata:attachment", "makeup:closing_sheet", "pairing:face_on_file", "registration:entry_photo",
            "roster:approval_scan", "roster:marked_up", "roster:proof", "roster:table_scan", "roster:template",
            "selfphoto:reference", "stations:conflict_photo",
        ],
        _FILE,
    ),
    **dict.fromkeys(
        [
            "delivery:college_class", "delivery:hand_out", "schedule:department_leaflets",
        ],
        _BY_QUERY,
    ),
    **dict.fromkeys(
        ["account_invitation_link", "makeupform:link", "myphoto:link", "sign:link", "verification:read_notice", "openid_connect_callback"], _LINK
    ),
    **dict.fromkeys(
        [
            "myphoto:finish_upload", "myphoto:judgement", "myphoto:picture", "myphoto:portrait", "myphoto:submit",
            "myphoto:try", "myphoto:upload",
        ],
        _SITTER,
    ),
    "fees:notify": "a gateway's",
    **dict.fromkeys(["interface:api-root", *_ENDPOINTS], _PROGRAM),
    "fonts:detail": "a font whose file is there: tests/pages/test_pages_fonts.py",
}  # fmt: skip
"""An address of which no page was seen, and why."""


@dataclass
class Book:
    """What the walk saw: pages by address and language, what failed, and which answers were no page."""

    pages: dict[tuple[str, str, str], StrictPage] = field(default_factory=dict)
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    answers: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    asked: Counter[str] = field(default_factory=Counter)
    missing: list[tuple[str, str]] = field(default_factory=list)
    data: str = ""
    searched: dict[str, list[str]] = field(default_factory=dict)
    """The addresses with a search form -> what was wrong when an ID number was typed into it."""


@pytest.fixture(scope="module")
def book(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Book]:
    """The walk, gone once; the world is rolled back."""
    blobs = {**settings.STORAGES["blobs"], "OPTIONS": {"location": tmp_path_factory.mktemp("walk")}}
    with django_db_blocker.unblock(), override_settings(STORAGES={**settings.STORAGES, "blobs": blobs}):
        storages._storages.clear()
        with transaction.atomic():
            yield _walked(build_walk())
            transaction.set_rollback(True)
    storages._storages.clear()


def _walked(walk: Walk) -> Book:
    book = Book(missing=[(model.__name__, state) for model, state in missing_states()])
    for name, url, browser in visits(walk):
        _see(book, name, url, browser)
    place_what_is_lacking(walk)
    for name, needed, converters in addresses():
        if name not in {seen for seen, *_ in book.pages}:
            for url, browser in urls_of(walk, name, needed, converters):
                _see(book, name, url, browser)
    book.data = _data()
    return book


def visits(walk: Walk) -> Iterator[tuple[str, str, Client]]:
    every = list(addresses())
    for name, needed, converters in every:
        for url, browser in urls_of(walk, name, needed, converters):
            yield name, url, browser
    inside = {start: [Client(raise_request_exception=False)] for start in PORTALS}
    inside[PORTALS[0]] += [phone for _, phone in graduates(walk)]
    inside["/my-photo/"] += sitters(walk)
    for stage in walk.stages:
        for start in PORTALS[1:]:
            if stage.url.startswith(start):
                inside[start].append(stage.client)
    for name, needed, _ in every:
        for start, phones in inside.items():
            if not needed and (url := reverse(name)).startswith(start) and "out" not in name and "leave" not in name:
                yield from ((name, url, phone) for phone in phones)
    for stage in walk.stages:
        yield _name_of(stage.url), stage.url, stage.client
    for name in ("account_login", "account_logout"):
        yield name, reverse(name), Client()


def _name_of(url: str) -> str:
    """The address's name; a laptop's site has some of its own."""
    try:
        return resolve(url.partition("?")[0]).view_name
    except Resolver404:
        return "laptop"


def _see(book: Book, name: str, url: str, browser: Client) -> None:
    whole = examples(1) > 1
    known = sum(name == one for one, *_ in book.pages)
    book.asked[name] += 1
    if not whole and (known >= OF_ONE or (book.asked[name] > ASKED and 200 in book.answers[name])):
        return
    for language in LANGUAGES if not known or whole else LANGUAGES[:1]:
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        browser.cookies.pop("messages", None)
        answer = browser.get(url)
        book.answers[name].add(answer.status_code)
        if answer.status_code >= 500:
            book.failed.append((name, url, language))
        if answer.status_code != 200:
            return
        if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
            return  # a file
        html = answer.content.decode()
        if name not in book.searched and (found := SEARCH_FORM.findall(html)):
            book.searched[name] = [trouble for form in found for trouble in _typed_numbers(form, browser)]
        page = StrictPage(html)
        if (name, url, language) in book.pages:
            page.faults += book.pages[name, url, language].faults
            page.words += book.pages[name, url, language].words
        book.pages[name, url, language] = page


def _typed_numbers(form: str, browser: Client) -> Iterator[str]:
    """Type an ID number into every field of a search form: where it then stands but in such a field."""
    data = {}
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        typed = said.get("type", "text") in ("text", "search")
        data[said["name"]] = NUMBER if typed else said.get("value", "")
    if NUMBER not in data.values():
        return
    led = browser.post("/search/", data)
    address = led.headers.get("Location", "")
    if led.status_code != 302 or NUMBER in address or "~" not in address:
        yield f"{led.status_code} {address}"
        return
    shown = browser.get(address)
    if shown.status_code >= 500:
        yield f"{shown.status_code}"
    html = "" if shown.streaming else shown.content.decode()
    for at in re.finditer(NUMBER, html + shown.headers.get("Location", "")):
        tag = html[: at.start()].rpartition("<")[2]
        if re.search(r'\b(href|src|action|hx-get)="[^"]*$', tag) or not html:
            yield tag


def addresses() -> Iterator[tuple[str, tuple[str, ...], dict[str, Any]]]:
    """Every named address with its arguments and their kinds."""

    def within(resolver, space):
        for one in resolver.url_patterns:
            if hasattr(one, "url_patterns"):
                yield from within(one, f"{space}{one.namespace}:" if one.namespace else space)
            elif one.name:
                yield f"{space}{one.name}"

    for name in sorted(set(within(get_resolver(), ""))):
        space, _, short = name.rpartition(":")
        resolver = get_resolver().namespace_dict[space][1] if space else get_resolver()
        possibilities, _, _, converters = resolver.reverse_dict.getlist(short)[0]
        yield name, tuple(possibilities[0][1]), converters


def urls_of(walk: Walk, name: str, needed, converters) -> Iterator[tuple[str, Client]]:
    """The addresses of a view with every record it is about, each with its browser."""
    if name.startswith("schedule:class"):
        slot = Slot.objects.order_by("-pk").first()
        yield reverse(name, args=[papers.token_of(slot)]), walk.staff
        return
    for values in _arguments(walk, name, needed, converters):
        url = reverse(name, kwargs=dict(zip(needed, values, strict=True)))
        yield url, walk.office if name == "people:person" else browser_for(walk, url)


def _arguments(walk: Walk, name: str, needed, converters) -> Iterator[tuple[Any, ...]]:
    kinds = [type(converters[one]).__name__ for one in needed]
    match name, kinds:
        case _, []:
            yield ()
        case "capture:session_confirm", _:
            steps = ("open_session", "close_session", "reopen_session")
            yield from ((walk.world.campaign.sessions.latest("pk").pk, step) for step in steps)
        case _, ["UUIDConverter"]:
            yield from ((pk,) for pk in records_of(Job))
        case "people:imports" | "people:template" | "people:tables_export", _:
            yield from ((kind.value,) for kind in ImportKind)
        case "help:manual", _:
            yield from ((one,) for one in TITLES)
        case "roster:document", _:
            yield from ((one.number,) for one in Document.objects.all()[:3])
        case _, ["IntConverter"]:
            yield (NOBODYS,)
            url, found = reverse(name, kwargs={needed[0]: NOBODYS}), set()
            with asked_models(found):
                browser_for(walk, url).get(url)
            yield from ((pk,) for model in sorted(found, key=lambda one: one._meta.label) for pk in records_of(model))


@contextmanager
def asked_models(found: set[type[models.Model]]) -> Iterator[None]:
    """The models of whose records a statement asked by ``NOBODYS``."""
    by_table = {one._meta.db_table: one for one in apps.get_models()}

    def keep(execute, sql, params, many, context):
        for n, value in enumerate(params or () if not many else ()):
            if str(value) == str(NOBODYS):
                before = "%s".join(sql.split("%s")[: n + 1])
                found.update(by_table[t] for t in re.findall(r'"(\w+)"\."(?:id|\w+_id)" = $', before) if t in by_table)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield


def records_of(model: type[models.Model]) -> list[Any]:
    """The newest record of each state."""
    names = [one.name for one in model._meta.fields if one.name in ("status", "state") and one.choices]
    found: dict[tuple[Any, ...], Any] = {}
    for values in model._base_manager.order_by("-pk").values_list("pk", *names)[:600]:
        found.setdefault(values[1:], values[0])
    return list(found.values())


def browser_for(walk: Walk, url: str) -> Client:
    allowed = getattr(get_resolver().resolve(url).func, "allowed_roles", None)
    return walk.office if allowed is not None and allowed <= {"administrator", "auditor"} else walk.staff


def _data() -> str:
    """Everything that is said in Chinese because it is data: the database, code tables, notices, and lists in modules."""
    said = set()
    for model in apps.get_models():
        names = [
            one.attname
            for one in model._meta.concrete_fields
            if isinstance(one, models.CharField | models.TextField | models.JSONField)
        ]
        for row in model._base_manager.values_list(*names) if names else ():
            said.update(
                v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)
                for v in row
                if isinstance(v, str | dict | list)
            )
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in (".toml", ".csv") or path.relative_to(SOURCE).as_posix() in DATA_MODULES:
            said.add(path.read_text(encoding="utf-8"))
    return "\n".join(said)


ALLOWED = ("中文", "湖南省平江县", "学院党政办公室", "毕业生须知", "测试改", "测试新")
"""The other language's name, an example in a field, an office as its door says it, a document's title, typed values."""
MONEY = re.compile("[零壹贰叁肆伍陆柒捌玖拾佰仟万元整]+")
"""Money in words, as a receipt has it."""
DATA_MODULES = ("engine/roster/mapping.py", "engine/standards/amounts.py")


def test_every_address_shows_a_page_or_its_file(book):
    """An address that only takes a form answers 405 to a look."""
    unseen = {
        name: answers
        for name, answers in book.answers.items()
        if 200 not in answers and 405 not in answers and name not in NO_PAGE
    }
    assert unseen == {}, unseen
    assert {name for name, *_ in addresses()} - set(book.answers) - set(NO_PAGE) == set()
    seen_now = {name for name in NO_PAGE if 200 in book.answers.get(name, ())}
    assert seen_now <= {"fonts:detail"}, "a font that an earlier test of this process brought may still be there"
    assert len({name for name, *_ in book.pages}) > 150


def test_every_state_is_in_the_world(book):
    assert set(book.missing) == set(LEFT_OUT)


def test_no_page_breaks_in_either_language(book):
    assert book.failed == []
    assert {key for key, page in book.pages.items() if page.language.lower() not in ("", key[2])} == set()


def test_an_id_number_that_is_searched_for_stands_in_no_address(book):
    """Every search form of the product: the number travels in the body, the page's address and its links hold a token."""
    assert {name: said for name, said in book.searched.items() if said} == {}
    assert len(book.searched) > 40


def test_every_page_is_strict_html(book):
    faults = {(name, fault.partition(" ")[2]) for (name, *_), page in book.pages.items() for fault in page.faults}
    assert faults == set(), faults


def test_every_page_leads_to_its_paragraph_of_a_manual(book):
    """One mechanism (``help.links``): the link in the page's head, and the paragraph behind it."""
    lost = {}
    for (name, *_), page in book.pages.items():
        if name.startswith("help:") or not page.language:  # a fragment has none
            continue
        url, _, anchor = page.help.partition("#")
        match = resolve(url) if url else None
        if match is None or not match.kwargs or anchor not in manual_of(match.kwargs["name"]).anchors:
            lost[name] = page.help
    assert lost == {}, lost


def test_an_english_page_holds_no_chinese_but_data(book):
    left = defaultdict(set)
    for (name, _, language), page in book.pages.items():
        if language == "en" and name not in MESSAGES:
            for run in CHINESE.findall(" ".join(page.words)):
                if run not in book.data and run not in ALLOWED and not MONEY.fullmatch(run):
                    left[run].add(name)
    assert dict(left) == {}, dict(left)
