"""Staff sign-in as it is used: strangers and sprays, limits of a session, one's own list, passwords."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from access.staff_world import PASSWORD, officer_of, sign_in
from gradphoto.apps.access import held_requests
from gradphoto.apps.access.models import EndReason, StaffSession
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import User
from world import build_world

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def officer():
    return officer_of(build_world().school)


def text(answer):
    return answer.content.decode()


def entries(*names):
    return list(AuditEntry.objects.filter(action__in=names).order_by("pk").values_list("action", flat=True))


def test_a_stranger_does_not_lock_the_officer_out(officer):
    """Five wrong tries of anybody locked the right person out for a quarter of an hour."""
    desk, stranger = Client(), Client()
    assert sign_in(desk).status_code == 302
    desk.post("/accounts/logout/")
    answers = [sign_in(stranger, password="wrong").status_code for _ in range(8)]
    assert answers == [422] * 5 + [429] * 3
    assert sign_in(stranger).status_code == 429, "the right password does not help a guesser out of turn"
    assert sign_in(desk).status_code == 302, "the officer's own browser, at the same address"
    assert sign_in(Client(), REMOTE_ADDR="198.51.100.9").status_code == 302, "and a new one elsewhere"


def test_whoever_waits_is_told_for_how_long_and_the_name_stays_typed(officer):
    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(5):
            wrong = sign_in(Client(), password="wrong")
        answer, *_ = (sign_in(Client(), password="wrong") for _ in range(3))
    assert "用户名或密码不正确" in text(wrong)
    assert (answer.status_code, answer["Retry-After"]) == (429, "15")
    assert 'value="officer"' in text(answer)
    assert "尝试次数过多" in text(answer)
    assert entries("access.sign_in_failed", "access.slowed_down") == ["access.sign_in_failed"] * 5 + [
        "access.slowed_down"
    ]


def test_a_spray_of_one_password_over_many_names_is_slowed_down(officer):
    answers = [sign_in(Client(), username=f"teacher{n}", password="Summer2026!").status_code for n in range(14)]
    assert answers == [422] * 10 + [429] * 4
    assert sign_in(Client(), REMOTE_ADDR="10.7.7.7").status_code == 302


def test_names_that_do_not_exist_are_answered_like_those_that_do(officer):
    known, unknown = (text(sign_in(Client(), username=name, password="x")) for name in ("officer", "nobody"))
    assert "用户名或密码不正确" in known
    kept = 'id="not-sent"'  # a sentence in reserve, for when no answer comes
    assert known.count("alert-danger") == unknown.count("alert-danger") == 1 + known.count(kept)


def test_sign_in_and_out_and_failures_are_in_the_persons_own_chain(officer):
    client = Client()
    sign_in(client, password="wrong")
    sign_in(client)
    client.post("/accounts/logout/")
    found = AuditEntry.objects.filter(chain=officer.audit_organisation_id, action__startswith="access.")
    assert list(found.order_by("number").values_list("action", flat=True)) == [
        "access.sign_in_failed", "access.signed_in", "access.signed_out",
    ]  # fmt: skip
    assert PASSWORD not in str(list(found.values()))


def test_an_idle_session_ends_and_a_busy_one_ends_after_twelve_hours(officer):
    client, begun = Client(), time.time()
    with time_machine.travel(begun, tick=False):
        sign_in(client)
    with time_machine.travel(begun + 50 * 60, tick=False):
        assert client.get("/").status_code == 200
    with time_machine.travel(begun + 105 * 60, tick=False):
        assert client.get("/").status_code == 200
        polled = [client.get("/", HTTP_HX_REQUEST="true").status_code for _ in range(3)]
        assert polled == [200] * 3
    with time_machine.travel(begun + 150 * 60, tick=False):
        client.get("/", HTTP_HX_REQUEST="true")
    with time_machine.travel(begun + 170 * 60, tick=False):
        assert client.get("/").status_code == 302, "polls keep nobody signed in"
    assert StaffSession.objects.get().end_reason == EndReason.IDLE
    with time_machine.travel(begun, tick=False):
        sign_in(client)
    for minutes in range(50, 12 * 60, 50):
        with time_machine.travel(begun + minutes * 60, tick=False):
            assert client.get("/").status_code == 200
    with time_machine.travel(begun + 12 * 3600 + 60, tick=False):
        assert client.get("/").status_code == 302
    assert entries("access.session_ended") == ["access.session_ended"] * 2


def test_what_was_typed_outlives_the_session_and_belongs_to_its_person_alone(officer):
    client, begun = Client(), time.time()
    sign_in(client)
    typed = {
        "telephone": "0311-8888",
        "office": "行政楼 204",
        "email": "w@example.edu",
        "password": "never kept",
        "passphrase": "never kept",
    }
    with time_machine.travel(begun + 2 * 3600, tick=True):
        sent = client.post("/roster/?x=1", typed, HTTP_REFERER="http://testserver/roster/?page=2")
        assert sent.url.startswith("/accounts/login/?next=%2Faccounts%2Fcontinue%2F")
        assert "可继续刚才的内容" in text(client.get(sent.url))
        following = "/accounts/continue/" + sent.url.split("continue%2F")[1].split("%2F")[0] + "/"
        colleague = Client()
        colleague.force_login(officer_of(officer.held[0].organisation, "colleague"), BACKEND)
        assert colleague.get(following).url == "/"
        back = sign_in(client, next=following)
        assert back.url == following
        page = text(client.get(following))
        assert 'action="/roster/?x=1"' in page
        assert "行政楼 204" in page
        assert "never kept" not in page
        assert "passphrase" not in page
        assert 'href="/roster/?page=2"' in page
        stored = officer.held_requests.get().fields.sealed()
        assert "行政楼".encode() not in stored
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM access_heldrequest")
            assert b"roster" not in b"".join(
                bytes(one) for one in cursor.fetchone() if isinstance(one, bytes | memoryview)
            )
        client.post(following)
        assert client.get(following).url == "/", "thrown away"


def test_a_page_of_before_one_signed_in_anew_in_another_tab_loses_nothing_typed(officer):
    """Its token is old. Who is signed in now sees what it sent, and as whom, and sends it on; another site's is refused."""
    client = Client(enforce_csrf_checks=True)
    anew(client, officer)
    typed = {"csrfmiddlewaretoken": "x" * 64, "name": "计科2201", "pin": "never kept"}
    here = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin", "Referer": "http://testserver/roster/"}
    sent = client.post("/roster/", typed, headers=here)
    assert sent.status_code == 302
    page = text(client.get(sent.url))
    assert "计科2201" in page
    assert f"提交人：{officer}。" in page
    assert "never kept" not in page
    for headers in (
        {**here, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://evil.example"},
        {},
        {**here, "HX-Request": "true"},
    ):
        assert client.post("/roster/", typed, headers=headers).status_code == 403, headers
    assert officer.held_requests.count() == 1


def anew(client, *people):
    """The last of them has signed in, each twice, through the page at one browser."""
    client.handler.enforce_csrf_checks = False
    for person in people:
        for _ in range(2):
            client.post("/accounts/logout/")
            sign_in(client, person.username)
    client.handler.enforce_csrf_checks = True


def test_what_somebody_else_typed_at_this_browser_is_shown_to_nobody(officer):
    """A's page stands open, B signs in beside it: A's words are refused, and kept for neither."""
    other = officer_of(officer.memberships.get().organisation, "other")
    client = Client(enforce_csrf_checks=True)
    anew(client, other, officer)
    typed = {"csrfmiddlewaretoken": "x" * 64, "name": "计科2201"}
    here = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin", "Referer": "http://testserver/roster/"}
    assert client.post("/roster/", typed, headers=here).status_code == 403
    assert not officer.held_requests.exists()
    assert not other.held_requests.exists()
    first = Client(enforce_csrf_checks=True)
    first.handler.enforce_csrf_checks = False
    sign_in(first)
    first.handler.enforce_csrf_checks = True
    assert first.post("/roster/", typed, headers=here).status_code == 403, "who was here before is not known"


def test_a_fragment_never_gets_the_sign_in_page(officer):
    client = Client()
    sign_in(client)
    with time_machine.travel(time.time() + 2 * 3600, tick=True):
        answer = client.get("/jobs/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/jobs/?q=a")
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fjobs%2F%3Fq%3Da&ended=1"


def test_one_sees_ones_sessions_and_ends_all_others(officer):
    desk, library, phone = Client(), Client(), Client()
    sign_in(desk, HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36")
    sign_in(library, HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0")
    sign_in(phone, HTTP_USER_AGENT="Mozilla/5.0 (iPhone; CPU iPhone OS 19) Safari/604.1")
    page = text(desk.get("/accounts/mine/"))
    assert all(name in page for name in ("Chrome · Windows", "Firefox · Linux", "Safari · iOS"))
    row = StaffSession.objects.get(browser="Firefox · Linux")
    desk.post(f"/accounts/sessions/{row.pk}/end/")
    assert library.get("/").status_code == 302
    assert phone.get("/").status_code == 200
    desk.post("/accounts/sessions/end-others/")
    assert phone.get("/").status_code == 302
    assert desk.get("/").status_code == 200
    assert "Safari · iOS" not in text(desk.get("/accounts/mine/"))
    stranger = Client()
    stranger.force_login(officer_of(officer.held[0].organisation, "stranger"), BACKEND)
    mine = StaffSession.objects.filter(user=officer, ended_at=None).get()
    stranger.post(f"/accounts/sessions/{mine.pk}/end/")
    assert desk.get("/").status_code == 200


def test_what_is_kept_is_shown_in_the_words_of_its_form():
    """A person recognises 哪一方 学校, not side school; keys of records and of the form say nothing."""
    typed = [("form", "set_contact"), ("side", "school"), ("name", "王老师"), ("duty_from", ""), ("row", "7")]
    assert held_requests.readable(typed) == [("哪一方", "学校"), ("姓名或部门", "王老师")]
    assert held_requests.readable([("form", "nothing"), ("q", "王"), ("_x", "1")]) == [("q", "王")]


def test_a_printed_first_password_must_be_changed_before_anything_else(officer):
    User.objects.filter(pk=officer.pk).update(must_change_password=True)
    client, other = Client(), Client()
    sign_in(client)
    sign_in(other)
    assert client.get("/roster/").url == "/accounts/password/"
    wrong = {"present": "no", "new": "Winter-Regen-Kiefer", "again": "Winter-Regen-Kiefer"}
    assert "当前密码不正确" in text(client.post("/accounts/password/", wrong))
    right = wrong | {"present": PASSWORD}
    assert "两次输入不一致" in text(client.post("/accounts/password/", right | {"again": "x"}))
    weak = client.post("/accounts/password/", right | {"new": "password", "again": "password"})
    assert (weak.status_code, "invalid-feedback" in text(weak)) == (422, True)
    assert client.post("/accounts/password/", right | {"new": PASSWORD, "again": PASSWORD}).status_code == 422
    assert client.post("/accounts/password/", right).url == "/", "the desk with its guide, not the account"
    assert client.get("/").status_code == 200, "this session goes on"
    assert other.get("/").status_code == 302, "every other one has ended"
    assert sign_in(Client(), password="Winter-Regen-Kiefer").status_code == 302
    assert entries("access.change_password") == ["access.change_password"]
    assert client.get("/accounts/mine/").status_code == 200
    assert [row.is_this for row in _listed(client, officer)] == [True, False], "and the one that signed in since"


def _listed(client, officer):
    from gradphoto.apps.access.staff_sessions import listed

    return listed(officer, client.session)


def test_my_account_keeps_what_was_typed_and_says_what_is_wrong(officer):
    client = Client()
    sign_in(client)
    answer = client.post("/accounts/mine/", {"telephone": "0311-1", "office": "204", "email": "nonsense"})
    assert answer.status_code == 422
    assert 'value="nonsense"' in text(answer)
    form = {"telephone": "0311-1", "office": "204", "email": "w@example.edu", "notices_by_mail": "on"}
    assert client.post("/accounts/mine/", form).url == "/accounts/mine/"
    officer.refresh_from_db()
    assert (officer.telephone, officer.office, officer.notices_by_mail) == ("0311-1", "204", True)
    assert client.post("/accounts/mine/", form | {"email": ""}).status_code == 422
    entry = AuditEntry.objects.get(action="access.change_own_details")
    assert sorted(entry.detail["changed"]) == ["email", "notices_by_mail", "office", "telephone"]


def test_old_rows_of_sessions_are_forgotten(officer):
    old = timezone.now() - timedelta(days=40)
    StaffSession.objects.create(user=officer, session_key="old", seen_at=old)
    sign_in(Client())
    assert not StaffSession.objects.filter(session_key="old").exists()
