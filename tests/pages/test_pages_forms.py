"""Every form of every room, tried alike: an empty, a wrong and a foreign value lose nothing and name their code."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django import forms
from django.urls import get_resolver

from budget import examples
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import User
from gradphoto.apps.pages.fields import RecordField, RecordsField, SearchField, TextField
from gradphoto.apps.pages.forms import ROW, WHICH, ActionForm, Form, PageForms
from gradphoto.apps.pages.messages import FORMS_OF, MESSAGES
from pages.form_cases import CASES, load_cases, typed
from world import build_world

load_cases()
pytestmark = pytest.mark.django_db


def _all(kind=ActionForm):
    for one in kind.__subclasses__():
        yield one
        yield from _all(one)


def test_every_form_is_tried():
    list(get_resolver().url_patterns)
    fields = {one for one in _all() if one.action and one.base_fields and one.__module__.startswith("gradphoto.")}
    assert fields - {case.form for case in CASES} == set()


def _codes(answer, form):
    """The codes beside each field of the form that was refused, wherever the page keeps it."""
    kept = (answer.context.get(name) for name in sorted(answer.context.keys()))
    sent = next(one for part in kept for one in _forms_in(part) if type(one) is form and one.is_bound)
    return sent.error_codes


def _forms_in(part, depth=3):
    """The forms in a value of a page's context: alone, among the page's forms, or on the rows of a list."""
    if isinstance(part, ActionForm):
        yield part
    elif isinstance(part, PageForms):
        yield from part
        yield from _forms_in(part.displaced)
    elif isinstance(part, dict | list | tuple) and depth:
        for one in part.values() if isinstance(part, dict) else part:
            yield from _forms_in(one, depth - 1)


def _assert_still_typed(answer, posted, files):
    shown = typed(answer)
    for name, value in posted.items():
        if name in files or name == WHICH:
            continue
        for one in value if isinstance(value, list) else [value]:
            assert str(one).strip() in shown.get(name, []), (name, one, shown.get(name))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_refused_form_shows_everything_typed_and_its_code(case):
    world = build_world()
    stage = case.stage(world)
    which = {WHICH: case.form.which()}
    files = {name for name, value in stage.good.items() if hasattr(value, "read")}
    before = AuditEntry.objects.count()

    required = {name for name, one in case.form.base_fields.items() if one.required}
    if required:
        row = {ROW: stage.good[ROW]} if ROW in stage.good else {}
        empty = stage.client.post(stage.url, {**which, **row})
        assert empty.status_code == 422
        codes = _codes(empty, case.form)
        assert {name for name in required if codes.get(name) != ["pages.required"]} == set()

    tries = {name: {**stage.good, name: value} for name, (value, _) in stage.wrong.items()}
    expected = {name: code for name, (_, code) in stage.wrong.items()}
    tries |= {name: {**stage.good, name: value} for name, value in stage.foreign.items()}
    expected |= dict.fromkeys(stage.foreign, "pages.not_offered")
    assert tries, "a form has at least one value that can be wrong"
    if examples(1) == 1:
        # By day the first wrong value, the first foreign one and one of the others; each of all at night.
        first = {*list(stage.wrong)[:1], *list(stage.foreign)[:1]}
        others = sorted(tries.keys() - first)
        first |= {others[len(case.form.__name__) % len(others)]} if others else set()
        tries = {name: posted for name, posted in tries.items() if name in first}
    for name, posted in tries.items():
        for one in posted.values():
            if hasattr(one, "seek"):
                one.seek(0)
        answer = stage.client.post(stage.url, {**posted, **which})
        assert answer.status_code == 422, (name, answer.status_code)
        assert expected[name] in _codes(answer, case.form).get(name, []) + _codes(answer, case.form).get("__all__", [])
        # What a list of choices does not hold cannot stand in it.
        kept = {key: value for key, value in posted.items() if key != name or expected[name] != "pages.not_offered"}
        _assert_still_typed(answer, kept, files)
        assert f'data-code="{expected[name]}"' in answer.content.decode()
    assert AuditEntry.objects.count() == before, "nothing was changed"


_FRESH = """
import django
django.setup()
import gradphoto.site.urls
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.pages.forms import ActionForm
def all_of(kind):
    for one in kind.__subclasses__():
        yield one
        yield from all_of(one)
own = ActionForm.perform, ActionForm.is_offered.__func__
for one in all_of(ActionForm):
    if one.action and one.action not in REGISTRY and (one.perform is own[0] or one.is_offered.__func__ is own[1]):
        print(one.__module__, one.action)
"""


def test_a_server_that_has_just_started_knows_the_action_of_every_form(tmp_path):
    """In a test run some other module has imported it already; a worker's first request must find it, too."""
    settings = {"DJANGO_SETTINGS_MODULE": "gradphoto.site.settings", "GRADPHOTO_DATA": str(tmp_path)}
    path = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    done = subprocess.run([sys.executable, "-c", _FRESH], env={**path, **settings}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_text_is_never_cut_by_the_browser():
    """By no field of any form, of which kind ever; ``test_pages_templates`` holds what templates write by hand."""

    class Written(Form):
        text = forms.CharField(max_length=3)
        lines = forms.CharField(max_length=3, widget=forms.Textarea)
        mail = forms.EmailField()

    form = Written({"text": "一二三四"})
    form.fields["later"] = forms.CharField(max_length=3)
    for page in (str(form), str(form["text"]), form["later"].as_field_group()):
        assert "maxlength" not in page
        assert "<input" in page
    assert form.error_codes["text"] == ["pages.too_long"]


def _fields():
    list(get_resolver().url_patterns)
    for form in _all(Form):
        if form.__module__.startswith("gradphoto."):
            yield from ((f"{form.__name__}.{name}", field) for name, field in form.base_fields.items())


def test_whatever_is_wrong_with_a_value_is_said_in_our_words():
    """Each error that Django's own fields and validators raise has a sentence and a code of ours."""
    left = {
        (name, code)
        for name, field in _fields()
        for code in (*field.error_messages, *(getattr(one, "code", "") for one in field.validators))
        if code and code not in MESSAGES
    }
    assert {code for _, code in left} <= {"contradiction"}, "a file that is sent and cleared at once: no page can"
    unsaid = {
        name
        for name, field in _fields()
        if "invalid" in field.error_messages
        and not field.widget.is_hidden
        and not isinstance(field, forms.UUIDField)  # a page makes it, nobody types it
        and not isinstance(field, tuple(kind for kind, _ in FORMS_OF))
    }
    assert unsaid == set(), "how is it written? messages.FORMS_OF"


def test_a_line_is_what_a_person_sees_of_it():
    """R27: what was pasted out of a chat or a table; a reason of signs that nobody sees is none."""

    class Written(Form):
        line = TextField(max_length=6)
        lines = TextField(max_length=60, rows=3, keeps_lines=True)

    for nothing in ("\u200b\u2060", "\u3000 \u3164", "\ufeff\r\n"):
        form = Written({"line": nothing, "lines": nothing})
        assert form.error_codes == {"line": ["pages.required"], "lines": ["pages.required"]}, ascii(nothing)
    form = Written({"line": " 张\u200b三\r\n\t四\u202e ", "lines": "一\r\n二"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"line": "张三 四", "lines": "一\r\n二"}
    assert Written({"line": "葛\U000e0100", "lines": "x"})["line"].value() == "葛\U000e0100", (
        "a writing of the character"
    )
    assert SearchField().clean("\ufeff２０２２０１\r\n王 ") == "202201 王"


def test_a_number_that_no_column_holds_is_told_beside_its_field():
    class Counted(Form):
        count = forms.IntegerField(min_value=0)
        hidden = forms.IntegerField(widget=forms.HiddenInput, required=False)

    assert Counted({"count": "9" * 30}).error_codes == {"count": ["pages.too_large"]}
    assert Counted({"count": "3", "hidden": str(2**63)}).error_codes == {"hidden": ["pages.too_large"]}
    assert Counted({"count": "3", "hidden": str(2**63 - 1)}).is_valid()


@pytest.mark.parametrize("kind", [RecordField, RecordsField])
@pytest.mark.parametrize("key", ["9" * 30, "-1", "٣", "x", str(2**63)])
def test_a_key_that_nobody_has_is_not_offered(kind, key):
    class Chosen(Form):
        who = kind(lambda actor, target: User.objects.all())

    form = Chosen({"who": [key] if kind is RecordsField else key})
    form.fields["who"].queryset = User.objects.all()
    assert form.error_codes == {"who": ["pages.not_offered"]}


def test_every_form_is_one_of_ours():
    """Only what stands below the room of pages (sign-in, the own account) takes Django's own form."""
    list(get_resolver().url_patterns)
    others = {f"{one.__module__}.{one.__name__}" for one in _all(forms.Form) if not issubclass(one, Form)}
    ours = {one for one in others if one.startswith("gradphoto.") and not one.startswith("gradphoto.apps.access.")}
    assert ours == set()


def test_a_group_of_boxes_or_circles_is_drawn_by_our_own_template():
    """Django's gives the group itself the classes of a box: a square of one rem, all its choices on top of each other."""
    list(get_resolver().url_patterns)
    drawn = {
        (form.__name__, name)
        for form in _all(Form)
        if form.__module__.startswith("gradphoto.")
        for name, field in form.base_fields.items()
        if type(field.widget) is forms.CheckboxSelectMultiple
    }
    assert drawn == set()
