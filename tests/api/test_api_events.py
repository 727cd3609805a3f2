"""Events: written with what happened, signed, tried again, never sent inside or led elsewhere."""

import base64
import hashlib
import hmac
import http.server
import ipaddress
import json
import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from api.api_world import confirm, program, row
from gradphoto.apps.api import events, sending, targets
from gradphoto.apps.api.models import DeliveryState, Event, EventDelivery, Webhook
from gradphoto.apps.api.webhooks import add_webhook, end_webhook, retry_delivery, send_test
from gradphoto.apps.core.errors import InvalidInput, PermissionRefusal
from gradphoto.apps.core.models import AuditEntry, Job
from gradphoto.apps.orgs.models import Role
from queued_jobs import run_queued
from verification.graduate_world import confirmed_case, staff

pytestmark = [pytest.mark.django_db, pytest.mark.both]
INSIDE = [ipaddress.ip_network("127.0.0.0/8")]


class Receiver(http.server.BaseHTTPRequestHandler):
    """A school's system: keeps what it got, answers as it is told."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers.items()), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        """Says nothing."""


@pytest.fixture
def receiver(settings):
    settings.EVENT_NETWORKS = INSIDE
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.got, server.answers = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def listen(world, receiver, kinds=tuple(events.KINDS), **more):
    return add_webhook(
        world.actor(Role.ADMINISTRATOR), more.pop("unit", world.school), name="教务系统",
        address=f"http://127.0.0.1:{receiver.server_port}/hook?a=1", events=list(kinds), **more,
    )  # fmt: skip


def test_what_happens_is_told_signed_and_without_personal_data(world, receiver):
    webhook = listen(world, receiver)
    case = confirmed_case(world, 1)
    run_queued()
    ((headers, body),) = receiver.got
    said = json.loads(body)
    assert said["type"] == "verification.confirmed"
    assert said["data"] == {"candidate": case.candidate_id, "campaign": world.campaign.pk}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(webhook.secret.decrypt().removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    assert EventDelivery.objects.get().state == DeliveryState.SENT


def test_a_roster_that_was_taken_over_is_told(world, receiver):
    listen(world, receiver, ["roster.applied"])
    confirm(world)
    client = program(world)
    pushed = client.tell(f"/campaigns/{world.campaign.pk}/roster/rows", {"rows": [row(1)]}, "the-first-push").json()
    run_queued()
    client.tell(f"/imports/{pushed['id']}/decisions", {"kind": "added"})
    run_queued()
    (told,) = (json.loads(body) for _, body in receiver.got)
    assert told["data"] == {"import": pushed["id"], "campaign": world.campaign.pk, "taken": 1}


def test_nothing_is_told_of_what_was_undone(world, receiver):
    listen(world, receiver)
    with transaction.atomic():
        events.emit([events.Told("verification.confirmed", world.department, {}, "case:1")])
        assert Event.objects.exists()
        transaction.set_rollback(True)
    assert not Event.objects.exists()
    assert not Job.objects.filter(kind="api.send_events").exists()


def test_other_schools_and_other_events_are_not_told(world, receiver):
    stranger = add_webhook(
        world.stranger(Role.ADMINISTRATOR), world.strange_school, name="x",
        address=f"http://127.0.0.1:{receiver.server_port}/", events=list(events.KINDS),
    )  # fmt: skip
    listen(world, receiver, ["errata"])
    confirmed_case(world, 1)
    run_queued()
    assert receiver.got == []
    with pytest.raises(PermissionRefusal):
        end_webhook(world.actor(Role.REGISTRAR), stranger)
    page = staff(world, Role.ADMINISTRATOR, stranger=True)
    assert page.get(reverse("api:webhook", args=[Webhook.objects.exclude(pk=stranger.pk).get().pk])).status_code == 404


def test_it_is_tried_again_with_one_id_and_given_up_at_last(world, receiver):
    listen(world, receiver)
    receiver.answers += [500, 302]
    confirmed_case(world, 1)
    run_queued()
    delivery = EventDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.answer) == (DeliveryState.WAITING, 1, "500")
    assert timedelta(0) < delivery.due_at - timezone.now() <= sending.PAUSES[0]
    sending.send_due()
    run_queued()
    assert len(receiver.got) == 1, "not before its time"
    EventDelivery.objects.update(due_at=timezone.now())
    sending.send_due()
    run_queued()
    delivery.refresh_from_db()
    assert (delivery.answer, len(receiver.got)) == ("302", 2), "a redirect is a failure and leads nowhere"
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    EventDelivery.objects.update(due_at=timezone.now(), attempts=len(sending.PAUSES))
    receiver.answers.append(503)
    sending.send_due()
    run_queued()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.DEAD
    page = staff(world, Role.ADMINISTRATOR)
    detail = reverse("api:webhook", args=[delivery.webhook_id])
    assert "重新发送" in page.get(detail).content.decode()
    assert page.post(detail, {"form": "retry_delivery", "row": delivery.pk}).status_code == 302
    run_queued()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT


def test_one_receiver_that_is_away_keeps_no_other_waiting(world, receiver):
    away = listen(world, receiver)
    Webhook.objects.filter(pk=away.pk).update(address="http://127.0.0.1:9/")
    listen(world, receiver)
    confirmed_case(world, 1)
    run_queued()
    assert sorted(EventDelivery.objects.values_list("state", flat=True)) == ["sent", "waiting"]


INNER = (
    "https://127.0.0.1/", "https://localhost/", "https://10.0.0.7/", "https://192.168.1.1/", "https://169.254.169.254/latest",
    "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://0.0.0.0/", "https://[fe80::1]/", "http://93.184.216.34/",
    "https://2130706433/", "https://[64:ff9b::7f00:1]/", "https://100.64.0.1/", "https://224.0.0.1/", "https://[::127.0.0.1]/", "https://[fec0::1]/", "https://0x7f.1/",
)  # fmt: skip
UNFIT = ("ftp://example.edu/", "https://user:pw@example.edu/", "https://example.edu/#x", "//example.edu", "https://", "x",
         "https://example.edu:99999/", "https://exam ple.edu/", "https://例.edu/", "https://a..b/",
         f"https://{'a' * 70}.edu/")  # fmt: skip


@pytest.mark.parametrize("address", [*INNER, *UNFIT])
def test_inner_and_unfit_addresses_are_refused(world, address):
    with pytest.raises(InvalidInput) as refused:
        add_webhook(
            world.actor(Role.ADMINISTRATOR),
            world.school,
            name="x",
            address=address,
            events=["errata"],
        )
    assert refused.value.field == "address"
    assert not Webhook.objects.exists()


def test_a_name_that_changes_its_mind_reaches_nothing_inside(world, receiver, settings, monkeypatch):
    """Judged anew at every try, and the connection goes to the address that was judged."""
    webhook = listen(world, receiver)
    settings.EVENT_NETWORKS = []
    delivery = send_test(world.actor(Role.ADMINISTRATOR), webhook)
    assert (delivery.state, delivery.answer, receiver.got) == (DeliveryState.DEAD, "api.address_inside", [])
    asked = []
    monkeypatch.setattr(targets.socket, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", ("93.184.216.34", 443))])
    monkeypatch.setattr(targets.socket, "create_connection", lambda where, timeout: asked.append(where) or _away())
    Webhook.objects.update(address="https://example.edu/")
    send_test(world.actor(Role.ADMINISTRATOR), Webhook.objects.get())
    assert asked == [("93.184.216.34", 443)]


def _away():
    raise OSError


def test_a_test_says_what_came_of_it_and_an_end_is_an_end(world, receiver):
    page = staff(world, Role.ADMINISTRATOR)
    made = page.post(reverse("api:webhooks"), {
        "form": "add_webhook", "name": "教务系统", "address": f"http://127.0.0.1:{receiver.server_port}/",
        "organisation": world.school.pk, "events": ["errata"],
    })  # fmt: skip
    webhook = Webhook.objects.get()
    assert webhook.secret.decrypt() in made.content.decode()
    detail = reverse("api:webhook", args=[webhook.pk])
    assert webhook.secret.decrypt() not in page.get(detail).content.decode()
    answer = page.post(detail, {"form": "send_test"}, follow=True)
    assert "测试已送达（204）" in answer.content.decode()
    assert json.loads(receiver.got[0][1])["type"] == "webhook.test"
    renewed = page.post(detail, {"form": "draw_webhook_secret"})
    assert "whsec_" in renewed.content.decode()
    assert page.post(detail, {"form": "end_webhook"}).status_code == 302
    assert page.post(detail, {"form": "send_test"}).status_code == 409
    assert "whsec_" not in str(list(AuditEntry.objects.values()))
    with pytest.raises(Exception, match="webhook_over"):
        retry_delivery(world.actor(Role.ADMINISTRATOR), EventDelivery.objects.get())
