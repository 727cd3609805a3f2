"""How templates are written: counts in both languages, lines of a readable length, the formatter's shape."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import TemplateSyntaxError, engines
from django.utils.safestring import mark_safe
from django.utils.translation import override

from gradphoto.apps.errata.kinds import FACTS
from gradphoto.apps.schedule.catalogue import ITEMS

SOURCE = Path(__file__, "../../../src/gradphoto").resolve()
TEMPLATES = sorted(SOURCE.rglob("*.html"))
LINE_CHARS, LINE_BYTES = 120, 160
"""What an editor shows; Chinese is twice as wide as it is long, and three bytes a sign."""
TYPED_FIELD = re.compile(r"<(input|textarea)\b((?:\"[^\"]*\"|'[^']*'|\{%.*?%\}|[^>\"'])*)>(\s*</textarea)?", re.DOTALL)
NOT_TYPED = re.compile(r'type="(hidden|checkbox|radio|file|password)"')
NOT_FILLED = {
    "campaigns/rule_state.html": "a refused withdrawal stands at the page's head with what was typed",
    "capture/room/alarm.html": "htmx puts the refusal beside the question, which stays open as it is",
    "capture/room/ask.html": "the same",
    "capture/station.html": "the same: a code that is scanned",
    "roster/papers/list.html": "a number that is looked for; what finds nothing answers with its own page",
    "access/code_field.html": "a code that counts once",
}
"""Fields written by hand that are empty after a refusal, and why nothing typed is lost by it."""


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("days", "3 days late"),
        ("days|cut:'-'", "3 days late"),
        ("one", "1 day late"),
        ("one|stringformat:'d'", "1 day late"),
        ("safe", "2 days late"),
        ("many|stringformat:'05d'", "00040 days late"),
        ("odd", "&lt;b&gt; days late"),
    ],
)
def test_a_count_brings_its_noun_whether_it_is_a_number_or_text(given, shown):
    text = '{% t "逾期 {n} 天" "{n:day|days} late" n=' + given + " %}"
    values = {"days": -3 if "cut" in given else 3, "one": 1, "many": 40, "safe": mark_safe("2"), "odd": "<b>"}
    with override("en"):
        assert engines["django"].from_string(text).render(values) == shown
    with override("zh-hans"):
        assert engines["django"].from_string(text).render(values).startswith("逾期 ")


def test_no_template_line_is_longer_than_an_editor_shows():
    """A sentence that is longer stands on lines of its own: ``{% sentence %}``."""
    long = [
        f"{path.relative_to(SOURCE.parent)}:{number}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1)
        if len(line) > LINE_CHARS or len(line.encode()) > LINE_BYTES
    ]
    assert len(TEMPLATES) > 200
    assert long == []


LONG = """{% sentence n=count SAVED %}
  全部放进一个 zip，
  最多 {n} 个文件；先看 {% english %}
  All in one zip,
  {n:file|files} & no more
{% endsentence %}"""


def test_a_sentence_over_several_lines_is_read_as_one():
    plain = engines["django"].from_string(LONG.replace(" SAVED", ""))
    kept = engines["django"].from_string(LONG.replace("SAVED", "as words") + "[{{ words }}]")
    with override("en"):
        assert plain.render({"count": 1}) == "All in one zip, 1 file & no more"
        assert kept.render({"count": "<b>"}) == "[All in one zip, &lt;b&gt; files & no more]"
    with override("zh-hans"):
        assert plain.render({"count": 40}) == "全部放进一个 zip，最多 40 个文件；先看"


@pytest.mark.parametrize(
    "wrong",
    [
        "{% sentence %}中文{% english %}{% endsentence %}",
        "{% sentence %}{{ name }}{% english %}English{% endsentence %}",
        "{% sentence name %}中文{% english %}English{% endsentence %}",
    ],
)
def test_a_sentence_without_its_twin_or_with_a_variable_in_it_is_refused(wrong):
    with pytest.raises(TemplateSyntaxError, match="sentence"):
        engines["django"].from_string(wrong)


def test_what_one_button_needs_never_stops_another_button_of_the_same_form():
    """Where several actions share a <form>, the browser must not demand the fields of the others (one is often folded away)."""
    for path in TEMPLATES:
        for form in re.findall(r"<form\b.*?</form>", path.read_text(encoding="utf-8"), re.DOTALL):
            buttons = re.findall(r'<button\b[^>]*\bname="form"[^>]*>', form)
            if len(set(re.findall(r'name="form"\s+value="([^"]+)"', " ".join(buttons)))) > 1:
                assert all("formnovalidate" in button for button in buttons), (path.name, buttons)


def test_what_is_folded_away_opens_when_its_form_was_refused():
    """A closed ``<details>`` hides the refusal and what was typed: it says when it is open."""
    form, ends = re.compile(r"<c-actionform|as_field_group|entry_fields"), re.compile(r"<details\b|</details>")
    closed = []
    for path in TEMPLATES:
        opened: list[re.Match[str]] = []
        text = path.read_text(encoding="utf-8")
        for mark in ends.finditer(text):
            if mark[0] != "</details>":
                opened.append(mark)
                continue
            first = opened.pop()
            head, _, body = text[first.end() : mark.start()].partition("<summary")
            if form.search(body) and not re.search(r"\bopen\b", head):
                closed.append(path.name)
    assert closed == []


def test_a_column_of_buttons_has_no_empty_heading():
    """An empty <th> is read out as a heading that says nothing: the cell above buttons is a <td>."""
    assert [one.name for one in TEMPLATES if re.search(r"<th\b[^>]*>\s*</th>", one.read_text(encoding="utf-8"))] == []


def test_no_template_lets_the_browser_cut_what_is_typed():
    """A browser cuts what is pasted at ``maxlength`` and says nothing; the form says that it is too long."""
    assert [one.name for one in TEMPLATES if "maxlength" in one.read_text(encoding="utf-8")] == []


def test_a_printed_page_keeps_the_line_that_says_of_whom_and_when_it_is():
    """Below the heading stand session, campaign or person: a sheet without them is nobody's."""
    [style] = SOURCE.rglob("theme.css")
    hidden = [line for line in style.read_text(encoding="utf-8").splitlines() if ":not(#on-paper)" in line]
    assert len(hidden) == 1
    assert ".lead" not in hidden[0]


def test_where_htmx_runs_an_answer_that_does_not_come_is_told():
    """Without ``errors.js`` a refused token, a fault or a lost network leaves the page as it was, and says nothing."""
    assert [one.name for one in TEMPLATES if "htmx_script" in one.read_text(encoding="utf-8")] == ["htmx.html"]


def test_a_field_written_by_hand_is_filled_with_what_was_typed():
    """A new field is best a form's; whoever writes one by hand fills it again after a refusal."""
    empty = set()
    for path in TEMPLATES:
        for kind, attributes, ended in TYPED_FIELD.findall(path.read_text(encoding="utf-8")):
            filled = not ended if kind == "textarea" else re.search(r"\bvalue=", attributes)
            if not filled and not NOT_TYPED.search(attributes):
                empty.add("/".join(path.parts[path.parts.index("templates") + 1 :]))
    assert empty == set(NOT_FILLED)


ASKED_BY_OTHERS = re.compile(r"(account|mfa|socialaccount|registration)/|\d+\.html|roster/cells/")
"""Templates that Django or allauth ask for by name, and the cells that a column of the roster names by its own."""


def test_a_sign_between_two_words_is_of_the_readers_language():
    """What stands beside a tag or a value is read in English, too: ``{% t "：" ": " %}``."""
    beside = re.compile(r"(?:[%}]\}|</(?:span|del|a)>)[（）：；、，。]|[（）：；、，。] ?(?:\{\{|\{%)")
    found = {path.name: beside.findall(path.read_text(encoding="utf-8")) for path in TEMPLATES}
    assert {name: signs for name, signs in found.items() if signs} == {}


def test_no_template_and_no_look_is_without_a_use():
    """A template is named somewhere; a class of a stylesheet stands in a template or script, whole or with its end drawn."""
    apps = SOURCE / "apps"
    drawn, code = (
        "".join(path.read_text("utf-8") for kind in kinds for path in apps.rglob(kind))
        for kinds in (("*.html", "*.js"), ("*.py",))
    )
    product = drawn + code
    names = [path.as_posix().split("/templates/", 1)[1] for path in TEMPLATES if "/templates/" in path.as_posix()]
    tags = {f"c-{name[7:-5].replace('/', '.')}" for name in names if name.startswith("cotton/")}
    quoted = set(re.findall(r"\"([\w/]+\.html)\"", product))
    unused = [name for name in names if not name.startswith("cotton/") and name not in quoted]
    assert [name for name in unused if not ASKED_BY_OTHERS.match(name)] == []
    assert {tag for tag in tags if f"<{tag}" not in product and f"<{tag.replace('_', '-')}" not in product} == set()
    begun = tuple(set(re.findall(r"([a-z]\w*-)\{", product)))
    looks: set[str] = set()
    for path in SOURCE.rglob("*.css"):
        text = re.sub(r"/\*.*?\*/|\{[^{}]*\}", "{}", path.read_text("utf-8"), flags=re.DOTALL)
        looks |= set(re.findall(r"\.([a-zA-Z][\w-]+)", text))
    left = {one for one in looks if not one.startswith(begun) and not re.fullmatch(r"[hr]\d+", one)}  # heights and rows
    left -= {"admonition-title", "htmx-indicator", "htmx-request"}  # Markdown's and htmx's own
    left -= set(re.findall(r"[a-z][\w-]+", drawn))
    assert [one for one in sorted(left) if not re.search(rf"(?<![\w-]){one}(?![\w-])", code)] == []


def test_a_count_of_a_page_is_read_where_a_page_is_given():
    """A page's own view gives ``listing``; ``page`` stands only in the pieces that are drawn with ``page=``."""
    templates = {one.as_posix().split("/templates/")[-1]: one for one in TEMPLATES}
    read = {
        name
        for name, one in templates.items()
        if re.search(r"(?<![.\w])page\.paginator", one.read_text(encoding="utf-8"))
    }
    assert read == {"desk/pages.html", "pages/paging.html"}


def test_a_source_that_people_read_names_a_notice_and_no_number_of_ours():
    sources = [one.source for one in FACTS.values()] + [one.written_source for one in ITEMS]
    assert [one for one in sources if re.search(r"\b[RS]\d", one)] == []


def test_how_lines_are_broken_leaves_what_is_held_together():
    """``text-wrap`` resets ``white-space``, which badges and buttons set; ``text-wrap-style`` does not."""
    looks = [one.read_text(encoding="utf-8") for one in SOURCE.rglob("static/*/*.css")]
    assert "text-wrap-style: pretty" in "".join(looks)
    assert [one for one in looks if re.search(r"text-wrap:", one)] == []
