"""The client of docs/api.md, run as it stands there."""

import io
import re
from pathlib import Path

import pytest
import requests
from django.test import Client

from api.api_world import confirm, let_in, row
from gradphoto.apps.roster.models import Candidate
from queued_jobs import run_queued
from verification.graduate_world import add_graduate, jpeg
from world import build_world

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).parents[2] / "docs" / "api.md"


class InProcess(requests.adapters.BaseAdapter):
    """Carries a request to the site without a network, and lets a worker run after each."""

    def send(self, request, **options):
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
        answer = Client().generic(
            request.method, request.path_url, request.body or b"",
            content_type=request.headers.get("Content-Type", "application/octet-stream"), **headers,
        )  # fmt: skip
        run_queued()
        told = requests.Response()
        told.status_code, told.headers, told.raw = answer.status_code, answer.headers, io.BytesIO(answer.content)
        told.request, told.url = request, request.url
        return told

    def close(self):
        """Nothing is open."""


def test_the_client_of_the_documentation_runs(monkeypatch, capsys):
    world = build_world()
    confirm(world)
    add_graduate(world, 1)
    monkeypatch.setattr(requests.Session, "get_adapter", lambda self, url: InProcess())
    (text,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    rows = [row(n) for n in range(2, 5)] + [row(6, id_number="1")]
    room = {"ADDRESS": "http://testserver", "SECRET": let_in(world)[1], "ROWS": rows}
    exec(compile(text, "docs/api.md", "exec"), room)  # the documentation is ours
    assert Candidate.objects.count() == 4
    assert room["photographs"] == {"2022000001": jpeg(1)}
    assert "id_number" in capsys.readouterr().out
