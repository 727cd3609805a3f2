"""The portal's sign-in: who has to wait, who never has to, and what a stranger cannot tell (R165, R205)."""

import re
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gradphoto.apps.access.client import Client as Origin
from gradphoto.apps.access.models import AccessAttempt, AttemptOutcome
from gradphoto.apps.access.throttling import TooManyAttempts, forget_old_attempts
from gradphoto.apps.verification import sign_in
from gradphoto.apps.verification.sign_in import CardRefusal, identify
from verification.graduate_world import at_once, card_code, card_of, open_case, several_connections
from world import build_world

CAMPUS = "10.1.1.1"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def card(db):
    return card_of(open_case(build_world(), 1).candidate)


def attempt(fields: dict[str, str], address: str = CAMPUS):
    return Client().post("/verify/sign-in/", fields, REMOTE_ADDR=address)


def wrong(fields: dict[str, str]) -> dict[str, str]:
    return {**fields, "code": "WRONGCODE"}


def test_r165_a_card_waits_longer_after_each_failure_and_the_right_one_enters_then(card):
    with time_machine.travel(NOW, tick=False) as clock:
        assert [attempt(wrong(card)).status_code for _ in range(4)] == [403, 403, 403, 429]
        waits = []
        for _ in range(8):
            refused = attempt(card)
            assert refused.status_code == 429
            waits.append(int(refused["Retry-After"]))
            clock.shift(timedelta(seconds=waits[-1]))
            assert attempt(wrong(card)).status_code == 403
        assert waits == [15, 30, 60, 120, 240, 480, 900, 900]
        clock.shift(timedelta(seconds=900))
        assert attempt(card).status_code == 302


def test_a_refused_attempt_does_not_lengthen_the_wait(card):
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(3):
            attempt(wrong(card))
        for _ in range(20):
            assert attempt(card).status_code == 429
        clock.shift(timedelta(seconds=15))
        assert attempt(card).status_code == 302


def test_a_campus_behind_one_address_is_never_locked(card):
    """300 fellow students mistype once, and one stranger guesses all day: the right card enters from there at once."""
    for n in range(300):
        assert attempt({**wrong(card), "student_no": f"2023{n:06d}"}).status_code == 403
    assert attempt(card).status_code == 302


def test_whoever_leaves_something_out_waits_for_no_other_who_did(card):
    with time_machine.travel(NOW, tick=False):
        for n in range(5):
            assert attempt({**card, "student_no": f"2023{n:06d}", "code": ""}).status_code == 403
        for _ in range(3):
            assert attempt({**card, "code": ""}).status_code == 403
        assert attempt({**card, "code": "", "name": "x" * 200}).status_code == 429, "one's own tries are counted still"


def test_a_stranger_elsewhere_does_not_lock_the_owner_out(card):
    with time_machine.travel(NOW, tick=False):
        for _ in range(10):
            attempt(wrong(card), "192.0.2.7")
        assert attempt(card, "192.0.2.7").status_code == 429
        assert attempt(card).status_code == 302


def test_guesses_from_many_addresses_wait_a_minute_at_most_and_not_where_the_owner_was(card):
    with time_machine.travel(NOW, tick=False) as clock:
        assert attempt(card, "10.9.9.9").status_code == 302
        clock.shift(timedelta(minutes=5))
        for n in range(40):
            attempt(wrong(card), f"192.0.2.{n}")
        refused = attempt(card, "198.51.100.1")
        assert refused.status_code == 429
        assert int(refused["Retry-After"]) <= 60
        assert attempt(card, "10.9.9.9").status_code == 302


def test_persons_who_do_not_exist_wait_alike(card):
    nobody = {**card, "student_no": "2022999999", "name": "查无此人", "code": "NOSUCHCODE"}
    with time_machine.travel(NOW, tick=False):
        answers = [[attempt(wrong(one)) for _ in range(5)] for one in (card, nobody)]
        codes = [[answer.status_code for answer in row] for row in answers]
        assert codes[0] == codes[1] == [403, 403, 403, 429, 429]
        bodies = [re.sub(r'value="[^"]+"|"X-CSRFToken": "[^"]+"', "", row[-1].content.decode()) for row in answers]
        assert bodies[0] == bodies[1]


def test_r205_every_failure_takes_the_same_work(card, monkeypatch):
    """Not a stop-watch, which a busy machine would fool: the same questions, as many digests, as many comparisons."""
    failures = (
        {**card, "name": "别人"},
        {**card, "code": "KQ7M2XW999"},
        {**card, "student_no": "2022999998"},
        {**card, "school_code": "10001"},
        {**card, "student_no": "2022999997", "code": ""},
    )
    counted = Counter()

    def counting(name, function):
        def counted_call(*args):
            counted[name] += 1
            return function(*args)

        return counted_call

    monkeypatch.setattr(sign_in, "blind_index", counting("digests", sign_in.blind_index))
    monkeypatch.setattr(sign_in.hmac, "compare_digest", counting("comparisons", sign_in.hmac.compare_digest))
    work = []
    for failure in failures:
        counted.clear()
        with CaptureQueriesContext(connection) as asked:
            assert attempt(failure).status_code == 403
        questions = [re.sub(r"'[^']*'|\d+|%s|NULL|-", "", query["sql"])[:60] for query in asked]
        work.append((questions, dict(counted)))
    assert all(one == work[0] for one in work)
    assert work[0][1]["digests"] >= 2
    assert work[0][1]["comparisons"] >= 1


def test_the_record_keeps_no_address_and_no_student_number(card):
    attempt(wrong(card))
    stored = " ".join(str(value) for row in AccessAttempt.objects.values() for value in row.values())
    assert CAMPUS not in stored
    assert card["student_no"] not in stored
    with time_machine.travel(NOW + timedelta(days=200), tick=False):
        assert forget_old_attempts() == 1


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_moment_do_not_slip_past_the_limit(tmp_path):
    card = card_of(open_case(build_world(), 1).candidate)
    with several_connections(tmp_path):
        with time_machine.travel(NOW, tick=False):  # on a busy machine the last of them may well come after its wait
            outcomes = at_once(*(partial(identify, **wrong(card), client=Origin(CAMPUS)) for _ in range(12)))
        answers = Counter(type(outcome) for outcome in outcomes)
        assert set(answers) <= {CardRefusal, TooManyAttempts}, outcomes
        tried = answers[CardRefusal]
        assert tried <= 3
        assert AccessAttempt.objects.filter(outcome=AttemptOutcome.FAILED).count() == tried


def test_the_code_may_be_typed_as_people_type(card):
    assert attempt({**card, "code": f" {card_code(1).lower()[:4]} {card_code(1).lower()[4:]}"}).status_code == 302
