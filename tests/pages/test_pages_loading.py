"""While something takes long: what it is, how far it is, and how to stop it; told in both languages, asked anew by the page."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap

import pytest
from django.conf import settings

from gradphoto.apps.core import jobs
from gradphoto.apps.core.models import Job, JobState
from gradphoto.apps.orgs.models import Role
from gradphoto.engine.wording import Wording
from verification.graduate_world import staff
from world import build_world

CHINESE = re.compile("[\u4e00-\u9fff]+")


@pytest.mark.django_db
def test_a_long_action_is_seen_and_can_be_stopped():
    world = build_world()
    browser, colleague = staff(world, Role.REGISTRAR), staff(world, Role.COUNSELLOR)
    asked = jobs.enqueue(
        "delivery.make_portraits", world.actor(Role.REGISTRAR), Wording("制作照片", "Making portraits"), {},
        organisation_id=world.school.pk,
    )  # fmt: skip
    Job.objects.update(state=JobState.RUNNING, total=40, done=10, failed=1)
    url = f"/jobs/{asked.pk}/"
    for language, title, stop in (("zh-hans", "制作照片", "取消"), ("en", "Making portraits", "Cancel")):
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        for page in (browser.get(url), browser.get(f"{url}progress/", headers={"HX-Request": "true"})):
            text = page.content.decode()
            assert re.search(r'<progress max="100" value="2\d"', text)
            assert title in text
            assert re.search(rf"<button[^>]*>{stop}</button>", text)
            assert re.search(r'hx-trigger="every \ds"', text), "it moves by itself"
        assert title in browser.get("/jobs/").content.decode()
        piece = browser.get(f"{url}progress/").content.decode()
        assert language != "en" or not CHINESE.search(piece), CHINESE.findall(piece)
    assert colleague.post(f"{url}cancel/").status_code in (403, 404)
    browser.post(f"{url}cancel/")
    asked.refresh_from_db()
    assert asked.cancel_requested, "the handler ends at its next report"
    Job.objects.update(state=JobState.CANCELLED)
    over = browser.get(f"{url}progress/").content.decode()
    assert 'hx-trigger="never"' in over
    assert "Cancel</button>" not in over


@pytest.mark.parametrize("kind", sorted(kind for kind in jobs.HANDLERS if not kind.startswith(("test.", "desk.test"))))
def test_every_job_tells_how_far_it_is(kind):
    """Whoever reports is also who hears that it was cancelled (``JobRun.advance``)."""
    handler = inspect.unwrap(jobs.HANDLERS[kind])
    todo, seen, told = [handler], set(), set()
    while todo:
        function = todo.pop()
        if function in seen or not inspect.getmodule(function).__name__.startswith("gradphoto.apps"):
            continue
        seen.add(function)
        for one in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
            if isinstance(one, ast.Attribute):
                told.add(one.attr)
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Name):
                called = inspect.unwrap(function.__globals__.get(one.func.id, len))
                todo += [called] if inspect.isfunction(called) else []
    assert {"start", "advance"} <= told, kind
