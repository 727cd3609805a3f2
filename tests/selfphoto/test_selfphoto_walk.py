"""From the link to the ledger (R9, R144-R148): a person's own photograph goes the way of all others."""

import pytest

from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.selfphoto.models import SelfPortrait
from selfphoto.selfphoto_world import agreed, good, self_photo_world, send, somebody

pytestmark = pytest.mark.django_db


def test_one():
    world = self_photo_world()
    person = somebody(world)
    browser = agreed(world, person)
    answer = send(browser, good())
    said = answer.json()
    print(said)
    assert answer.status_code == 200
    page = browser.get(said["url"])
    assert page.status_code == 200
    assert browser.get(said["picture"]["url"]).status_code == 200
    assert browser.get(said["picture"]["portrait_url"]).status_code == 200
    assert browser.get("/my-photo/camera/").status_code == 200
    done = browser.post(said["submit_url"], {"explanation": "x"})
    assert done.status_code == 302, done.content.decode()[-2000:]
    assert browser.get("/my-photo/mine/").status_code == 200
    portrait = SelfPortrait.objects.get()
    assert portrait.status == "submitted"
    made = CheckIn.objects.get()
    assert (made.method, made.status, made.shooting_number) == ("self_photo", "shot", 1)
    assert Frame.objects.get().status == "accepted"
    assert browser.post("/my-photo/withdraw/").status_code == 302
    portrait.refresh_from_db()
    assert portrait.status == "withdrawn"
    done = browser.post(said["submit_url"], {"explanation": "x"})
    assert done.status_code == 302, done.content.decode()[-2000:]
    portrait.refresh_from_db()
    assert (portrait.status, portrait.check_in.shooting_number) == ("submitted", 2)
