"""Second factors: an app's codes, recovery codes once, rules by role, and a fresh proof before what is sensitive."""

import re
import time
from pathlib import Path

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import resolve

import gradphoto
from access.staff_world import PASSWORD, STEP_S, code_of_app, officer_of, sign_in
from gradphoto.apps.access import sensitive
from gradphoto.apps.access.adapters import SecondFactorAdapter
from gradphoto.apps.core import key_register, key_rotation
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.jobs import HANDLERS
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.core.reauthentication import SENSITIVE_ACTIONS
from gradphoto.apps.orgs.models import Role, SecondFactorRule
from gradphoto.engine.keyring import KeyFile, Keyring, Purpose
from world import add_candidate

pytestmark = pytest.mark.django_db
APP = "/accounts/second-factor/totp/activate/"


@pytest.fixture(autouse=True)
def _clock():
    """Every test stands still at the beginning of a step of its app: no code runs out between two of its lines."""
    with time_machine.travel(time.time() // STEP_S * STEP_S, tick=False):
        yield


@pytest.fixture
def officer(world):
    return officer_of(world.school)


def text(answer):
    return answer.content.decode()


def set_up_app(client, django_capture_on_commit_callbacks):
    """The secret of an app that was set up through the page, and the recovery codes shown then."""
    secret = re.search(r'id="totp-secret">([A-Z2-7]+)<', text(client.get(APP)))[1]
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(APP, {"code": code_of_app(secret)})
    assert answer.url == "/accounts/second-factor/recovery-codes/"
    return secret, re.findall(r"<li><code>(\w+)</code>", text(client.get(answer.url)))


def second_step(client, code):
    return client.post("/accounts/second-factor/authenticate/", {"code": code})


def test_with_an_app_the_password_alone_opens_nothing(officer, django_capture_on_commit_callbacks):
    client = Client()
    sign_in(client)
    secret, _ = set_up_app(client, django_capture_on_commit_callbacks)
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored, "encrypted at rest"
    thief = Client()
    assert sign_in(thief).url.startswith("/accounts/second-factor/authenticate/")
    assert thief.get("/").status_code == 302
    assert second_step(thief, "000000").status_code == 200
    assert "验证码不正确" in text(second_step(thief, "111111"))
    assert second_step(thief, code_of_app(secret, 1)).status_code == 302
    assert thief.get("/").status_code == 200
    again = Client()
    sign_in(again)
    assert second_step(again, code_of_app(secret, 1)).status_code == 200, "a code that was used opens nothing"


def test_codes_of_the_app_cannot_be_guessed(officer, django_capture_on_commit_callbacks):
    client = Client()
    sign_in(client)
    secret, _ = set_up_app(client, django_capture_on_commit_callbacks)
    thief = Client()
    sign_in(thief)
    answers = [second_step(thief, f"{n:06d}").status_code for n in range(9)]
    assert answers == [200] * 5 + [429] * 4
    assert second_step(thief, code_of_app(secret, 1)).status_code == 429
    failed = AuditEntry.objects.filter(action="access.second_factor_failed", chain=officer.audit_organisation_id)
    assert failed.count() == 5


def test_a_recovery_code_opens_once(officer, django_capture_on_commit_callbacks):
    client = Client()
    sign_in(client)
    _, codes = set_up_app(client, django_capture_on_commit_callbacks)
    assert len(codes) == len(set(codes)) == 10
    other = Client()
    sign_in(other)
    assert second_step(other, codes[3]).status_code == 302
    assert other.get("/").status_code == 200
    third = Client()
    sign_in(third)
    assert second_step(third, codes[3]).status_code == 200
    assert second_step(third, codes[4]).status_code == 302
    used = AuditEntry.objects.filter(action="access.recovery_code_used").order_by("pk")
    assert [entry.detail["left"] for entry in used] == [9, 8]
    assert codes[3] not in text(client.get("/accounts/second-factor/recovery-codes/"))


def test_a_rule_makes_the_second_factor_compulsory_for_a_role(world, django_capture_on_commit_callbacks):
    SecondFactorRule.objects.create(organisation=world.national, role=Role.REGISTRAR)
    officer = officer_of(world.school)
    colleague = officer_of(world.department, "teacher", Role.COUNSELLOR)
    client, other = Client(), Client()
    sign_in(client)
    assert client.get("/roster/").url == "/accounts/second-factor/"
    assert "您的角色必须使用第二因素" in text(client.get("/accounts/second-factor/"))
    set_up_app(client, django_capture_on_commit_callbacks)
    assert client.get("/").status_code == 200
    refused = client.post("/accounts/second-factor/totp/deactivate/")
    assert "不能删除最后一个" in text(refused)
    assert Authenticator.objects.filter(user=officer, type="totp").exists()
    sign_in(other, "teacher")
    assert other.get("/").status_code == 200
    assert not colleague.second_factor_is_compulsory


def test_a_rule_below_or_beside_does_not_reach_up(world):
    SecondFactorRule.objects.create(organisation=world.department, role=Role.REGISTRAR)
    SecondFactorRule.objects.create(organisation=world.strange_school, role=Role.REGISTRAR)
    assert not officer_of(world.school).second_factor_is_compulsory


def test_every_action_of_the_table_exists():
    named = {*sensitive.REVEALING, *sensitive.EXPORTING, *sensitive.APPROVING, *sensitive.CLOSING, *sensitive.GRANTING}
    named |= set(sensitive.CLOSING_JOBS)
    assert named == SENSITIVE_ACTIONS
    resolve("/")  # the pages bring every action along
    assert not named - set(REGISTRY) - set(HANDLERS)


def later(client, path, form, minutes=40):
    """The answer some minutes after the last proof, with the session kept busy."""
    with time_machine.travel(time.time() + minutes * 60, tick=True):
        return client.post(path, form, HTTP_REFERER="http://testserver/here/")


def test_an_old_proof_is_asked_for_anew_and_what_was_typed_goes_on(world, officer):
    person = add_candidate(world, 1)
    client = Client()
    sign_in(client)
    reveal = f"/roster/{person.pk}/"
    begun = time.time()
    assert client.post(reveal, {"form": "reveal_id_number", "reason": "核对"}).status_code == 200
    with time_machine.travel(begun + 40 * 60, tick=True):
        asked = client.post(reveal, {"form": "reveal_id_number", "reason": "再次核对"})
        assert asked.url.startswith("/accounts/reauthenticate/?next=")
        assert AuditEntry.objects.filter(action="roster.reveal_id_number").count() == 1, "nothing was shown"
        assert "请再次确认身份" in text(client.get(asked.url))
        assert "密码不正确" in text(client.post(asked.url, {"password": "wrong"}))
        back = client.post(asked.url, {"password": PASSWORD})
        page = text(client.get(back.url))
        assert "data-at-once" in page
        action = re.search(r'action="([^"]+)" data-at-once', page)[1]
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
        fields.pop("csrfmiddlewaretoken", None)
        assert action == reveal
        shown = client.post(action, fields)
        assert person.id_number.decrypt() in text(shown)
        assert not officer.held_requests.exists(), "sent on, so forgotten"
    assert AuditEntry.objects.filter(action="access.proved_again").count() == 1


FACTOR_PAGES = (
    "totp/activate/", "totp/deactivate/", "recovery-codes/", "recovery-codes/generate/", "recovery-codes/download/",
    "webauthn/add/", "webauthn/keys/1/remove/",
)  # fmt: skip


def test_a_browser_left_signed_in_changes_and_reads_no_second_factor(officer, django_capture_on_commit_callbacks):
    client, begun = Client(), time.time()
    sign_in(client)
    set_up_app(client, django_capture_on_commit_callbacks)
    with time_machine.travel(begun + 40 * 60, tick=True):
        client.get("/")
        for page in FACTOR_PAGES:
            for ask in (client.get, client.post):
                answer = ask(f"/accounts/second-factor/{page}")
                told = getattr(answer, "url", "")
                assert answer.status_code in (302, 404, 405), (page, answer.status_code)
                assert answer.status_code != 302 or "reauthenticate" in told, (page, told)
    assert Authenticator.objects.filter(user=officer, type="totp").exists()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "///evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_away_from_the_site(officer, target):
    client = Client()
    led = [sign_in(client, next=target).url]
    led.append(client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": target}).url)
    led.append(client.post("/language/", {"language": "en", "next": target}, HTTP_REFERER=target).url)
    led.append(client.post("/accounts/logout/", {"next": target}).url)
    assert led == ["/"] * 4


def test_programs_are_told_by_status(world, officer):
    person = add_candidate(world, 1)
    client = Client()
    sign_in(client)
    with time_machine.travel(time.time() + 40 * 60, tick=True):
        answer = client.post(
            f"/roster/{person.pk}/", {"form": "reveal_id_number", "reason": "x"}, HTTP_ACCEPT="application/json"
        )
    assert (answer.status_code, answer.json()["code"]) == (401, "access.reauthentication_required")


def test_an_export_asks_only_when_it_holds_whole_numbers(world, officer):
    add_candidate(world, 1)
    officer_of(world.department, "teacher", Role.COUNSELLOR)
    whole, masked = Client(), Client()
    sign_in(whole)
    sign_in(masked, "teacher")
    with time_machine.travel(time.time() + 40 * 60, tick=True):
        asked = whole.get("/roster/export/?season=spring")
        assert asked.url.startswith("/accounts/reauthenticate/?next=%2Froster%2Fexport%2F%3Fseason%3Dspring")
        assert masked.get("/roster/export/?season=spring").status_code == 200
        back = whole.post(asked.url, {"password": PASSWORD})
        assert back.url == "/roster/export/?season=spring"
        assert whole.get(back.url).status_code == 200


def test_changes_of_the_own_way_of_signing_in_are_mailed_to_who_wants_it(officer, django_capture_on_commit_callbacks):
    client = Client()
    sign_in(client)
    form = {"telephone": "", "office": "", "email": "w@example.edu", "notices_by_mail": "on"}
    client.post("/accounts/mine/", form)
    set_up_app(client, django_capture_on_commit_callbacks)
    with django_capture_on_commit_callbacks(execute=True):
        new = "Winter-Regen-Kiefer"
        client.post("/accounts/password/", {"present": PASSWORD, "new": new, "again": new})
    told = [sent.body for sent in mail.outbox]
    assert any("添加了第二因素" in body for body in told)
    assert any("修改了密码" in body for body in told)
    assert not any(new in body or PASSWORD in body for body in told)


def test_second_factors_survive_a_rotation_of_the_key_stopped_in_the_middle(
    officer, settings, tmp_path, django_capture_on_commit_callbacks, monkeypatch
):
    """Their secrets stand in allauth's JSON column: a key that they bear must not be given up."""
    settings.KEYRING = Keyring(KeyFile(tmp_path / "keys.json", create=True))
    key_register.require_known_keys()
    client = Client()
    sign_in(client)
    secret, codes = set_up_app(client, django_capture_on_commit_callbacks)
    old = settings.KEYRING.current(Purpose.FIELD)
    key_rotation.begin(Purpose.FIELD)
    row = Authenticator.objects.get(type="totp")
    with monkeypatch.context() as patch:
        patch.setattr(SecondFactorAdapter, "encrypt", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            key_rotation.seal_anew()
    assert key_rotation.finish() == []
    other = Client()
    sign_in(other)
    assert second_step(other, codes[0]).status_code == 302, "in the middle the earlier key still opens"
    key_rotation.seal_anew()
    assert [key.fingerprint for key in key_rotation.finish()] == [old.fingerprint]
    assert Authenticator.objects.get(type="totp").data["secret"] != row.data["secret"]
    other = Client()
    sign_in(other)
    assert second_step(other, codes[0]).status_code == 200, "what was used stays used"
    assert second_step(other, code_of_app(secret, 1)).status_code == 302


def test_whatever_is_sealed_outside_of_a_field_takes_part_in_the_rotation():
    """A module that calls ``encrypt`` itself, for this installation's key, registers how it is sealed anew."""
    source = Path(gradphoto.__file__).parent
    callers = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if re.search(r"(?<![.\w])encrypt\((?!.*(?:keys\[|secret))", path.read_text("utf-8"))
    }
    # A session's, a packet's on its way, a search of today: made anew, under the kit's key, gone by tomorrow.
    kept_for_moments = {
        "apps/people/invitation_views.py",
        "apps/stations/carried.py",
        "apps/pages/sealed_queries.py",
    }
    own = {"apps/core/encryption.py", "apps/core/key_rotation.py"}
    assert callers - own - kept_for_moments == {"apps/access/adapters.py"}
    assert "mfa_authenticator.data" in key_rotation._others
