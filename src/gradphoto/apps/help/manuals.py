"""The manuals: Markdown files of this folder, rendered once a process, cut into their paragraphs and searched.

The same files are built into a static site by ``make docs``: what a link or a picture is called is therefore what
mkdocs expects (``college.md#check``, ``pictures/x.webp``) and is turned into this site's addresses here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path

import markdown
import nh3
from django.templatetags.static import static
from django.urls import reverse

from gradphoto.apps.orgs.kinds import Role
from gradphoto.engine.wording import Wording

FOLDER = Path(__file__).parent / "manuals"
PICTURES = FOLDER / "pictures"
_R = Role
TITLES: dict[str, Wording] = {
    "basics": Wording("通用操作", "What everybody needs"),
    "registrar": Wording("教务处", "Registrar"),
    "college": Wording("学院与辅导员", "College officer and counsellor"),
    "learning-centre": Wording("校外学习中心", "Learning centre"),
    "photographer": Wording("摄影师与现场检验员", "Photographer and on-site checker"),
    "centre": Wording("采集中心", "Collection centre"),
    "head-office": Wording("学院党政办公室", "Head office"),
    "national": Wording("国家中心审核员", "National reviewer"),
    "administrator": Wording("系统管理员与安全审计员", "Administrator and auditor"),
    "operator": Wording("运维人员", "Operator"),
    "graduate": Wording("毕业生", "Graduate"),
}
"""The manuals in the order of the index; the name is the file's and the address's."""
MANUALS_OF: dict[Role, str] = {
    _R.REGISTRAR: "registrar",
    _R.COLLEGE_OFFICER: "college",
    _R.COUNSELLOR: "college",
    _R.COLLEGE_LEADER: "college",
    _R.TEACHING_SECRETARY: "college",
    _R.STUDENT_AFFAIRS: "college",
    _R.LEARNING_CENTRE: "learning-centre",
    _R.PHOTOGRAPHER: "photographer",
    _R.SITE_STAFF: "photographer",
    _R.COLLECTION_CENTRE: "centre",
    _R.HEAD_OFFICE: "head-office",
    _R.NATIONAL_REVIEWER: "national",
    _R.ADMINISTRATOR: "administrator",
    _R.AUDITOR: "administrator",
}
_TAGS = {
    "h2", "h3", "p", "ul", "ol", "li", "strong", "em", "code", "pre", "a", "img", "br", "hr", "blockquote",
    "table", "thead", "tbody", "tr", "th", "td", "div", "kbd",
}  # fmt: skip
_ATTRIBUTES = {
    "h2": {"id"}, "h3": {"id"}, "a": {"href"}, "img": {"src", "alt", "loading"}, "div": {"class"}, "p": {"class"},
    "th": {"align"}, "td": {"align"}, "pre": {"tabindex"},
}  # fmt: skip
_HEADING = re.compile(r'(?=<h2 id=")')
_ID_AND_TITLE = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What stands under one heading of the second level: where it is, its HTML and its plain words."""

    anchor: str
    title: str
    html: str
    words: str


@dataclass(frozen=True, slots=True)
class Manual:
    """One manual as a reader sees it."""

    name: str
    title: Wording
    lead: str
    paragraphs: tuple[Paragraph, ...]
    anchors: frozenset[str]

    @property
    def url(self) -> str:
        return reverse("help:manual", args=[self.name])


@dataclass(frozen=True, slots=True)
class Hit:
    """A paragraph that holds every word looked for, and the words around the first of them."""

    manual: Manual
    paragraph: Paragraph
    before: str
    found: str
    after: str


@cache
def manual_of(name: str) -> Manual:
    """The rendered manual. Raises ``KeyError`` for a name that is none."""
    title = TITLES[name]
    html = _rendered((FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    lead, *parts = _HEADING.split(html)
    paragraphs = []
    for part in parts:
        found = _ID_AND_TITLE.match(part)
        assert found is not None, part[:80]
        paragraphs.append(Paragraph(found[1], _plain(found[2]), part, _plain(part)))
    return Manual(name, title, lead, tuple(paragraphs), frozenset(re.findall(r'<h[23] id="([^"]+)"', html)))


def manuals_for(roles: frozenset[str]) -> tuple[str, ...]:
    """The manuals of somebody's roles, in the order of the index."""
    mine = {MANUALS_OF[role] for role in Role if role in roles}
    return tuple(name for name in TITLES if name in mine)


def search(words: str, first: tuple[str, ...] = ()) -> list[Hit]:
    """Every paragraph with all of the words: in the title before in the text, one's own manuals before the others."""
    wanted = words.casefold().split()
    if not wanted:
        return []
    hits = []
    for order, name in enumerate(sorted(TITLES, key=lambda one: one not in first)):
        manual = manual_of(name)
        for place, paragraph in enumerate(manual.paragraphs):
            text = paragraph.words.casefold()
            if all(word in text for word in wanted):
                in_title = all(word in paragraph.title.casefold() for word in wanted)
                hits.append(((not in_title, order, place), _hit(manual, paragraph, wanted[0])))
    return [hit for _, hit in sorted(hits, key=lambda one: one[0])]


def _hit(manual: Manual, paragraph: Paragraph, word: str) -> Hit:
    body = paragraph.words.removeprefix(paragraph.title).strip()
    at = body.casefold().find(word)
    if at < 0:  # in the title alone
        return Hit(manual, paragraph, body[:80], "", "")
    return Hit(manual, paragraph, body[max(0, at - 30) : at], body[at : at + len(word)], body[at + len(word) :][:60])


def _plain(html: str) -> str:
    return " ".join(unescape(nh3.clean(html, tags=set())).split())


def _rendered(source: str) -> str:
    """HTML of the source without its first heading, which the page's own head shows."""
    body = re.sub(r"\A# .*\n", "", source)
    made = markdown.markdown(body, extensions=["attr_list", "tables", "sane_lists", "admonition", "fenced_code"])
    clean = nh3.clean(made, tags=_TAGS, attributes=_ATTRIBUTES, attribute_filter=_address, link_rel=None)
    clean = clean.replace("<img ", '<img loading="lazy" ').replace("<pre>", '<pre tabindex="0">')
    return clean.replace("<table>", '<div class="table-responsive" tabindex="0"><table class="table">').replace(
        "</table>", "</table></div>"
    )


def _address(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        return static(f"help/{value}")
    if tag == "a" and attribute == "href" and (found := re.fullmatch(r"([a-z-]+)\.md(#[\w-]+)?", value)):
        return reverse("help:manual", args=[found[1]]) + (found[2] or "")
    return value
