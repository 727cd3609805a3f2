"""A person photographs themselves in Chromium: from the QR code to the verdict and the queue (R9, R144, R146, R148).

The camera is a film of the project's made-up people; the way on to the ledger and what goes wrong on a phone are walked at
night (test_browser_self_photo_ledger.py, test_browser_self_photo_trouble.py).
"""

from itertools import pairwise

import pytest
from fake_camera import chromium_with_camera, film
from own_phone import OwnPhone

from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.selfphoto import uploads
from gradphoto.apps.selfphoto.models import PortraitTry, SelfPortrait
from gradphoto.apps.selfphoto.views import uploading
from gradphoto.apps.selfphoto.views.own import hints_address
from selfphoto.selfphoto_world import linked, self_photo_world, somebody

PART = 65_536
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_r144_from_the_code_to_the_queue_through_a_network_that_breaks(live_server, tmp_path, monkeypatch):
    for module in (uploads, uploading):
        monkeypatch.setattr(module, "CHUNK_BYTES", PART)
    world = self_photo_world()
    person = somebody(world)
    camera = tmp_path / "camera.y4m"
    film(camera, "defect_closed_eyes_1")
    with chromium_with_camera(camera) as browser:
        phone = OwnPhone(browser, live_server.url, person, camera)
        page = phone.page
        phone.scan(linked(world, person).code)
        phone.say_who(name="别人")
        assert "所填信息不一致" in page.inner_text("#messages"), "another person, and one answer that tells nothing"
        phone.say_who()
        phone.agree()
        phone.opens()
        if hints_address():
            phone.hinted("eyes_closed")
        phone.looks("camera")
        phone.takes()
        sent = []
        page.on("request", lambda asked: sent.append(asked.headers.get("upload-offset")))
        phone.network(up_bytes_s=2 * PART)
        page.tap("[data-part=use]")
        page.wait_for_selector(f"progress[value='{2 * PART}']")
        phone.network(offline=True)
        page.wait_for_selector("[data-line]:text('网络已断开')")
        assert not PortraitTry.objects.exists(), "it was cut on its way"
        phone.network()
        assert phone.is_told() == "bad"
        _nothing_was_sent_twice([int(offset) for offset in sent if offset is not None])
        _the_verdict_is_drawn(page)
        phone.looks("verdict-bad")

        film(camera, "person_01")
        phone.press("再拍一次", "**/camera/")
        phone.opens()
        if hints_address():
            phone.hinted("ready")
        phone.takes()
        assert phone.sends() == "good"
        best = page.url
        phone.press("提交这张", "**/mine/")
        assert "已提交，等待审核" in phone.said()
        phone.looks("waits")
        page.goto(best)
        assert "提交这张" not in phone.said()
        _hands_in_again(page, best)
        assert phone.problems == []
    assert SelfPortrait.objects.get().status == "submitted"
    assert CheckIn.objects.count() == 1, "handed in twice is handed in once"
    assert [(one.number, one.facts["how"].split()[:2]) for one in PortraitTry.objects.order_by("number")] == [
        (1, ["canvas", "1536x2048"]), (2, ["canvas", "1536x2048"]),
    ], "how it was taken is on record"  # fmt: skip


def _nothing_was_sent_twice(offsets):
    """Only the part on which the network broke may be sent once more."""
    assert offsets == sorted(offsets)
    assert offsets[0] == 0
    assert len(offsets) - len(set(offsets)) <= 1
    assert {b - a for a, b in pairwise(sorted(set(offsets)))} == {PART}


def _the_verdict_is_drawn(page):
    """All faults stand in the list; what has a place stands on the picture under the same number, whole on it."""
    listed = page.locator(".findings > li .number").all_inner_texts()
    assert listed == [str(number) for number in range(1, len(listed) + 1)]
    drawn = [text.strip() for text in page.locator(".judged text").all_text_contents()]
    assert drawn
    assert set(drawn) <= set(listed)
    assert page.locator(".findings .advice").count() == len(listed), "each says what to do"
    frame = page.locator(".judged").bounding_box()
    for disc in page.locator(".judged .disc").all():
        box = disc.bounding_box()
        assert frame["x"] - 1 <= box["x"] <= frame["x"] + frame["width"] - box["width"] + 1
        assert box["width"] > 20, "a number that can be read"


def _hands_in_again(page, address):
    """What a page that was kept open would still send."""
    status = page.evaluate(
        """async (address) => {
          const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
          const body = new URLSearchParams({ csrfmiddlewaretoken: token });
          return (await fetch(`${address}submit/`, { method: 'POST', body })).status;
        }""",
        address,
    )
    assert status == 200, "it leads to the status page once more"
