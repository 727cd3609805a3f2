"""The manuals: every term stands on a page, every link and picture is there, a page's help leads to its paragraph."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from PIL import Image

from gradphoto.apps.help import links, manuals
from gradphoto.apps.orgs.kinds import Role
from gradphoto.cli import main as cli
from pages.test_pages_walk import addresses

SOURCE = Path(manuals.__file__).parents[2]
NO_PAGE_SAYS = {
    # What a person sees outside of the product, or a title of this system's own manuals.
    "好",
}
_TERM = re.compile("“([^”]+)”")


def _sources() -> str:
    """Everything that pages are made of: templates, and the sentences in modules."""
    said = [one.read_text(encoding="utf-8") for kind in ("*.html", "*.py", "*.toml") for one in SOURCE.rglob(kind)]
    return re.sub(r"\{[\w|:]+\}", "N", "\n".join(said))


def test_terms_stand_as_the_pages_say_them():
    """“名册 → 导入与模板”: each step of a path, too."""
    pages, unknown = _sources(), []
    for name in manuals.TITLES:
        for term in _TERM.findall((manuals.FOLDER / f"{name}.md").read_text(encoding="utf-8")):
            unknown += [
                f"{name}: {step}"
                for step in re.split(" → |……", term)
                if step.strip("：。") and step.strip("：。") not in pages and step not in NO_PAGE_SAYS
            ]
    assert unknown == []


@pytest.mark.parametrize("name", manuals.TITLES)
def test_a_manual_holds_no_markup_of_others_and_its_links_lead_somewhere(name):
    manual = manuals.manual_of(name)
    html = manual.lead + "".join(one.html for one in manual.paragraphs)
    assert len(manual.paragraphs) > 3
    assert len({one.anchor for one in manual.paragraphs}) == len(manual.paragraphs)
    assert not re.search(r"<script|<style|style=|onclick|javascript:", html)
    for href in re.findall(r'href="([^"]+)"', html):
        target, _, anchor = href.partition("#")
        assert anchor in manuals.manual_of(resolve(target).kwargs["name"]).anchors, href


def test_pictures_are_there_small_and_used():
    used = {
        one
        for name in manuals.TITLES
        for one in re.findall(r"\(pictures/([^)]+)\)", (manuals.FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    }
    there = {one.name for one in manuals.PICTURES.iterdir()}
    assert used == there
    assert sum(one.stat().st_size for one in manuals.PICTURES.iterdir()) < 2_500_000
    for name in there:
        with Image.open(manuals.PICTURES / name) as picture:
            assert picture.width == int(re.search(r"-(\d+)\.webp$", name)[1])


def test_a_script_in_a_source_does_not_reach_the_page():
    html = manuals._rendered(
        '# 标题\n## 一 {#one}\n<script>alert(1)</script><b onclick="x()">粗</b> [去](javascript:x)\n'
    )
    assert "script" not in html
    assert "onclick" not in html


def test_the_table_names_manuals_and_paragraphs_that_exist():
    for manual, pages in links.table().items():
        assert set(pages.values()) <= manuals.manual_of(manual).anchors, manual


@pytest.mark.parametrize(
    ("page", "role", "paragraph"),
    [
        ("roster:list", Role.REGISTRAR, ("registrar", "roster")),
        ("roster:list", Role.COUNSELLOR, ("college", "check")),
        ("roster:imports", Role.COLLEGE_OFFICER, ("college", "check")),
        ("schedule:make", Role.COLLECTION_CENTRE, ("centre", "timetable")),
        ("core:operations", Role.ADMINISTRATOR, ("administrator", "operations")),
        ("core:jobs", Role.PHOTOGRAPHER, ("basics", "jobs")),
        ("mfa_index", Role.NATIONAL_REVIEWER, ("basics", "account")),
        ("roster:a_page_of_tomorrow", Role.HEAD_OFFICE, ("head-office", "sign")),
    ],
)
def test_a_reader_is_led_into_a_manual_of_their_own(page, role, paragraph):
    assert links.paragraph_of(page, frozenset({role})) == paragraph


def test_no_room_is_without_a_paragraph():
    """Of every named address, whoever asks; the interface for programs describes itself."""
    lost = {name for name, *_ in addresses() if links.paragraph_of(name, frozenset()) is None}
    assert {one for one in lost if not one.startswith(("help:", "ninja:", "interface:"))} == set()


def test_a_graduate_is_led_into_theirs():
    assert links.paragraph_of("verification:compare", frozenset()) == ("graduate", "compare")
    assert links.paragraph_of("sign:row", frozenset()) == ("graduate", "sign")


def test_search_finds_all_words_titles_before_text_and_ones_own_before_others():
    hits = manuals.search("校时", first=("photographer",))
    assert hits[0].manual.name == "photographer"
    assert hits[0].paragraph.anchor == "open"
    assert all("校时" in one.paragraph.words for one in hits)
    assert len(manuals.search("校时 名单外")) < len(hits)
    assert manuals.search("没有这样的词语") == manuals.search("  ") == []


@pytest.mark.django_db
def test_manuals_open_without_an_account_and_are_searched_on_the_page():
    browser = Client()
    page = browser.post("/help/", {"q": "<b>校对码"}).content.decode()
    assert "&lt;b&gt;" in page
    page = browser.post("/help/", {"q": "校对码"}).content.decode()
    assert 'href="/help/graduate/#card"' in page
    assert "<mark>校对码</mark>" in page
    page = browser.get("/help/graduate/").content.decode()
    assert 'id="compare"' in page
    assert browser.get("/help/nobody/").status_code == 404
    with pytest.raises(Resolver404):
        resolve("/help/../settings/")


def commands() -> list[tuple[str, str]]:
    """(where, command) of every ``gradphoto …`` that the manuals and the pages of docs print."""
    root = SOURCE.parents[1]
    pages = [*manuals.FOLDER.glob("*.md"), *root.glob("README*.md"), *sorted((root / "docs").glob("*.md"))]
    printed = re.compile(
        r"`(?:[A-Z_]+=\S+ )*gradphoto ([a-z][^`\n]*)`|^    (?:[A-Z_]+=\S+ )*gradphoto ([a-z][^\n]*)$", re.M
    )
    found = [(page.name, match) for page in pages for match in printed.finditer(page.read_text(encoding="utf-8"))]
    return [(name, match[1] or match[2]) for name, match in found]


def test_every_command_that_is_printed_is_one_with_its_options():
    """``gradphoto retention`` alone shows its help only: a manual names the command below it."""
    assert len(commands()) > 60
    unknown = []
    for page, printed in commands():
        words = re.split(r"\s{2,}|\s#", printed)[0].split()
        command: click.Command = cli
        while isinstance(command, click.Group) and words and (below := command.commands.get(words[0])):
            command, words = below, words[1:]
        known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
        options = [word.partition("=")[0] for word in words if word.startswith("--")]
        if isinstance(command, click.Group) and "--help" not in options:
            unknown.append((page, printed))
        unknown += [(page, printed, option) for option in options if option not in known]
    assert unknown == []
