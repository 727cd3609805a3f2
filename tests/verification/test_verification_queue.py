"""SQLite's one writer: the threads of a process stand in line, and nobody keeps a place beyond the transaction."""

from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from gradphoto.apps.access.models import AccessAttempt
from gradphoto.apps.verification.models import PortalSession
from gradphoto.site.sqlite import base
from verification.graduate_world import add_graduate, at_once, several_connections
from world import build_world

pytestmark = pytest.mark.django_db(transaction=True)


def _write(n: int, candidate: int) -> None:
    with transaction.atomic():
        AccessAttempt.objects.create(entry_point="portal", address_index=str(n), subject_index="x")
        # Every second one fails in the middle, one way or the other.
        if n % 4 == 1:
            raise ValueError(n)
        if n % 4 == 3:
            PortalSession.objects.create(key_index="same", candidate_id=candidate)
            PortalSession.objects.create(key_index="same", candidate_id=candidate)


def test_what_fails_gives_up_its_turn_and_the_others_go_on(tmp_path):
    person = add_graduate(build_world(), 1)
    with several_connections(tmp_path):
        outcomes = at_once(*(partial(_write, n, person.pk) for n in range(12)))
        kinds = [type(outcome) for outcome in outcomes]
        assert kinds == [type(None), ValueError, type(None), IntegrityError] * 3
        assert AccessAttempt.objects.count() == 6
        if connection.vendor == "sqlite":
            assert not base._LINES[str(connection.settings_dict["NAME"])].locked()
