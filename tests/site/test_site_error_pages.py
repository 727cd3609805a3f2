"""Pages for 400, 403, 404, 500 and a wrong token: the product's look, both languages, a number that is in the log."""

from __future__ import annotations

import ast
import json
import logging
import os
import re
import sys
from pathlib import Path

import pytest
from django.test import Client

import gradphoto

sys.path.insert(0, os.path.dirname(__file__))
from page_text import flat
from patience import PROCESS_S


@pytest.fixture(autouse=True)
def _failing(settings):
    settings.ROOT_URLCONF = "failing_urls"
    settings.ALLOWED_HOSTS = ["testserver"]


def browser(language="zh-hans", **more):
    client = Client(raise_request_exception=False, **more)
    client.cookies["django_language"] = language
    return client


KINDS = [
    ("/fails/x/", {}, 500, "系统出错了", "Something went wrong"),
    ("/away/", {}, 500, "系统出错了", "Something went wrong"),
    ("/forbidden/", {}, 403, "这一页不对您开放", "not open to you"),
    ("/suspicious/", {}, 400, "这个请求无法处理", "cannot be handled"),
    ("/nowhere/", {}, 404, "没有这一页", "No such page"),
    ("/verify/nowhere/", {}, 404, "没有这一页", "No such page"),
    ("/", {"HTTP_HOST": "evil.example"}, 400, "这个请求无法处理", "cannot be handled"),
]


@pytest.mark.parametrize(("path", "more", "status", "zh", "en"), KINDS)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_error_is_a_page_of_ours_in_both_languages(path, more, status, zh, en, language):
    """No ``django_db`` mark: none of them asks the database, which may be what failed."""
    answer = browser(language).get(path, **more)
    text = flat(answer)
    assert answer.status_code == status
    assert (en if language == "en" else zh) in text
    assert (zh if language == "en" else en) not in text
    assert "gradphoto/theme.css" in text
    assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in text
    assert ('href="/verify/"' in text) == path.startswith("/verify/")
    assert "evil.example" not in text
    assert answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("status", [400, 403, 409, 422, 503])
def test_every_refusal_says_what_to_do_next_and_leads_back(status):
    for language, said, other in (("zh-hans", "先核准名册", "Accept the"), ("en", "Accept the roster first", "先核准")):
        answer = browser(language).get(f"/refused/{status}/", headers={"Referer": "http://testserver/roster/"})
        text = flat(answer)
        assert answer.status_code == status
        assert said in text
        assert other not in text
        assert 'href="http://testserver/roster/"' in text
        assert "test.refused" in text
    piece = browser().get(f"/refused/{status}/", headers={"HX-Request": "true"})
    assert "先核准名册" in flat(piece)
    assert piece.headers["HX-Retarget"] == "#messages"


def test_no_refusal_of_the_product_is_without_a_way_out():
    """Read in the source: each has a remedy in both languages, which is not its sentence again."""
    found = []
    for path in sorted(Path(gradphoto.__file__).parent.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for call in ast.walk(ast.parse(text)) if "refuse(" in text or "invalid(" in text else ():
            name = getattr(call.func, "id", "") if isinstance(call, ast.Call) else ""
            if name in ("refuse", "invalid") and len(call.args) == 5:
                said = [ast.unparse(one) for one in call.args[1:]]
                found.append(name)
                where = f"{path.name}:{call.lineno}"
                assert all(one not in ("''", "' '") for one in said), where
                assert (said[0], said[1]) != (said[2], said[3]), where
    assert len(found) > 400


def test_a_page_for_a_program_is_json_and_for_htmx_a_line():
    said = browser().get("/fails/x/", headers={"Accept": "application/json"})
    assert said.status_code == 500
    assert said.json()["code"] == "core.failed"
    assert said.json()["number"] == said.headers["X-Request-ID"]
    line = browser().get("/fails/x/", headers={"HX-Request": "true"})
    assert (line.status_code, line.headers["HX-Retarget"]) == (500, "#messages")
    assert "<html" not in line.content.decode()
    assert line.headers["X-Request-ID"] in line.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_wrong_token_is_told_as_an_expired_page(language):
    client = browser(language, enforce_csrf_checks=True)
    answer = client.post("/accounts/login/", {"login": "x"}, headers={"Referer": "http://testserver/accounts/login/"})
    assert answer.status_code == 403
    text = flat(answer)
    assert ("页面已过期" if language != "en" else "The page had expired") in text
    assert 'href="http://testserver/accounts/login/"' in text
    elsewhere = client.post("/accounts/login/", {}, headers={"Referer": "http://evil.example/"})
    assert "evil.example" not in elsewhere.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_stale_page_of_the_portal_is_given_a_new_token_and_loses_nothing_typed(language):
    """A staff sign-in in the same browser changes the token; the graduate's form answers, and the next press is taken."""
    client = browser(language, enforce_csrf_checks=True)
    htmx = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
    answer = client.post("/verify/sign-out/", {"csrfmiddlewaretoken": "x" * 64}, headers=htmx)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (403, "#messages")
    assert ("请再按一次" if language != "en" else "press once more") in answer.content.decode()
    fresh = answer.headers["X-CSRFToken"]
    assert client.post("/verify/sign-out/", {"csrfmiddlewaretoken": fresh}, headers=htmx).status_code == 302
    staff = client.post("/accounts/login/", {"csrfmiddlewaretoken": "x" * 64}, headers=htmx)
    assert "X-CSRFToken" not in staff.headers, "who signed in there may be somebody else than the page shows"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_address_of_a_button_opened_as_a_page_says_so(language):
    """From the history, or with the other language on the page that a button answered; a browser shows nothing by itself."""
    answer = browser(language).get("/verify/sign-out/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    text = flat(answer)
    assert ("这个地址不是一页" if language != "en" else "This address is no page") in text
    assert 'href="/verify/"' in text


@pytest.fixture
def lines(tmp_path):
    """What the product's own handler writes, line by line."""
    from gradphoto.site import settings as site
    from gradphoto.site.logs import FromDjango, RotatingFile

    formatter = site.LOGGING["formatters"]["json"]
    made = formatter["()"](**{key: value for key, value in formatter.items() if key != "()"})
    handler = RotatingFile(tmp_path / "log", 10_000_000, 2)
    handler.setFormatter(made)
    handler.addFilter(FromDjango())
    root = logging.getLogger()
    level, before = root.level, list(root.handlers)
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines()]
    root.handlers = before
    root.setLevel(level)
    handler.close()


def test_the_number_on_the_page_is_in_the_log_beside_the_traceback_and_nobody_is_named(lines):
    answer = browser().get("/fails/k7Qm-token-2/?q=王小明")
    number = re.search(r"<code[^>]*>([0-9a-f]{12})</code>", flat(answer))[1]
    assert number == answer.headers["X-Request-ID"]
    failed, done = lines()
    assert (failed["event"], failed["request_id"], failed["route"]) == (
        "request.failed",
        number,
        "fails/<slug:secret>/",
    )
    assert "failing_urls.py" in failed["exception"]
    assert "ValueError" in failed["exception"]
    assert (done["event"], done["status"], done["request_id"], done["address"]) == ("request", 500, number, "127.0.0.1")
    assert done["took_ms"] >= 0
    written = json.dumps(lines(), ensure_ascii=False)
    for personal in ("王", "110101199003077758", "13912345678", "wang@", "?q="):
        assert personal not in written
    assert "token" not in done["route"]


def test_a_refused_host_and_a_missing_page_are_one_line_each(lines):
    browser().get("/", HTTP_HOST="evil.example")
    browser().get("/verify/secret-token/")
    events = [(line["event"], line.get("status")) for line in lines()]
    assert events == [("request.unknown_host", None), ("request", 400), ("request", 404)]
    assert "secret-token" not in json.dumps(lines())


def test_a_proxys_number_is_taken_over_and_a_strangers_is_not(settings):
    from ipaddress import ip_network

    number = "0123456789abcdef0123456789abcdef"
    assert browser().get("/nowhere/", headers={"X-Request-ID": number}).headers["X-Request-ID"] != number
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    assert browser().get("/nowhere/", headers={"X-Request-ID": number}).headers["X-Request-ID"] == number
    assert browser().get("/nowhere/", headers={"X-Request-ID": 'x"}\n'}).headers["X-Request-ID"] != 'x"}\n'


@pytest.mark.django_db
def test_a_jobs_lines_carry_its_number_and_the_request_that_asked_for_it(lines):
    import structlog

    from gradphoto.apps.core import jobs
    from gradphoto.apps.core.actors import Actor
    from gradphoto.engine.wording import Wording

    jobs.HANDLERS["test.fails"] = lambda run: 1 / 0
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        job = jobs.enqueue("test.fails", Actor.system("test"), Wording("试", "Try"), {})
    jobs.run(job.pk)
    del jobs.HANDLERS["test.fails"]
    asked, crashed = [line for line in lines() if line["event"] in ("job.asked", "job.crashed")]
    assert (asked["request_id"], asked["job"]) == ("abc", str(job.pk))
    assert (crashed["job"], crashed["kind"]) == (str(job.pk), "test.fails")
    assert "ZeroDivisionError" in crashed["exception"]


def test_processes_that_share_a_log_lose_no_line_while_it_rotates(tmp_path):
    """Four processes write 4 x 400 lines into files of 20 kB: every line is there once, whole."""
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_lines, args=(str(tmp_path / "log"), n)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PROCESS_S)
    files = [one for one in tmp_path.iterdir() if not one.name.endswith(".lock")]
    assert len(files) > 3
    read = [line for one in files for line in one.read_text().splitlines()]
    assert sorted(read) == sorted(f"{worker} {n} {'x' * 50}" for worker in range(4) for n in range(400))
    assert all(one.stat().st_mode & 0o077 == 0 for one in files)


def _write_lines(path: str, worker: int) -> None:
    from gradphoto.site.logs import RotatingFile

    handler = RotatingFile(path, 20_000, 50)
    for n in range(400):
        handler.emit(logging.makeLogRecord({"msg": f"{worker} {n} {'x' * 50}"}))
