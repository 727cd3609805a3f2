"""Every component, rendered with every attribute it declares; an attribute that none declares is a fault."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.pages.fields import TextField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.engine.wording import Wording

SRC = Path(__file__, "../../../src/gradphoto").resolve()
COMPONENTS = {path.stem: path for path in SRC.rglob("cotton/*.html")}
_DECLARED = re.compile(r"<c-vars\s([^>]*?)/?>", re.S)
_USED = re.compile(r"<c-([a-z]+)\s((?:[^<>\"]|\"[^\"]*\")*?)/?>", re.S)
_NAME = re.compile(r"(?:^|\s):?([a-z_]+)=")


class Try(ActionForm):
    action = "errata.file_case"
    button = Wording("归档", "File")
    place = TextField(label="place", max_length=10)


def declared(name: str) -> set[str]:
    return set(_NAME.findall(_DECLARED.search(COMPONENTS[name].read_text(encoding="utf-8")).group(1)))


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_a_component_renders_with_all_it_declares_and_with_nothing(name):
    form = Try(Actor.system("test"), None, {"place": "x" * 11})
    given = " ".join(f':{one}="form"' if one == "form" else f'{one}="given-{one}"' for one in sorted(declared(name)))

    def render(html):
        return engines["django"].from_string(CottonCompiler().process(html))

    request = RequestFactory().get("/")
    whole = render(f"<c-{name} {given}>inside</c-{name}>").render({"form": form}, request)
    assert "{{" not in whole
    assert "<c-" not in whole
    for one in declared(name) - {"form", "set", "button", "none", "look"}:
        assert f"given-{one}" in whole, one
    render(f"<c-{name} />").render({}, request)


def test_no_page_gives_a_component_what_it_does_not_declare():
    wrong = []
    for path in SRC.rglob("*.html"):
        for name, attributes in _USED.findall(path.read_text(encoding="utf-8")):
            if name != "vars":
                wrong += [(path.name, name, one) for one in set(_NAME.findall(attributes)) - declared(name)]
    assert not wrong
