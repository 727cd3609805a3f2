"""What the live hints say of the demo's made-up people: nothing of good ones, and the right thing of planted defects."""

import base64

import pytest
from fake_camera import chromium_with_camera, film
from own_phone import OwnPhone

from gradphoto.apps.selfphoto.views.own import hints_address
from gradphoto.demo.sitters import good_sitters, picture
from selfphoto.selfphoto_world import linked, self_photo_world, somebody

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.django_db(transaction=True)]

LOOK = """async (coded) => {
  const [{ Sight }, { loadWatcher }] = await Promise.all(
    [import('/static/selfphoto/sight.js'), import('/static/selfphoto/watcher.js')]);
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const bytes = Uint8Array.from(atob(coded), (sign) => sign.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
  const film = document.createElement('canvas');
  [film.width, film.height] = [bitmap.width, bitmap.height];
  film.getContext('2d').drawImage(bitmap, 0, 0);
  film.videoWidth = bitmap.width; film.videoHeight = bitmap.height;
  const sight = new Sight(film, read('frame'), 0.75, read('backdrops'), () => {});
  sight.watch = await (window.watching ||= loadWatcher('/static/live-hints/'));
  window.lookedAt = (window.lookedAt || performance.now()) + 400;
  return sight.look(window.lookedAt);
}"""
WANTED = {
    "defect_closed_eyes_1": {"eyes_closed"}, "defect_closed_eyes_2": {"eyes_closed"}, "defect_dark": {"too_dark"},
    "defect_no_face": {"no_face"}, "defect_roll": {"head_upright"}, "defect_yaw": {"look_straight", "centre"},
}  # fmt: skip


@pytest.mark.skipif(not hints_address(), reason="live hints are not installed: gradphoto models install --live-hints")
def test_good_people_get_no_hint_and_planted_defects_the_right_one(live_server, tmp_path):
    world = self_photo_world()
    camera = tmp_path / "camera.y4m"
    film(camera, "person_01")
    with chromium_with_camera(camera) as browser:
        phone = OwnPhone(browser, live_server.url, somebody(world), camera)
        phone.scan(linked(world, phone.person).code)
        phone.say_who()
        phone.agree()
        phone.opens()
        said = {
            name: phone.page.evaluate(LOOK, base64.b64encode(picture(name)).decode())
            for name in (*good_sitters(), *WANTED)
        }
        assert phone.problems == []
    assert {name: hint for name, hint in said.items() if name.startswith("person") and hint != "ready"} == {}
    assert {name: said[name] for name in WANTED if said[name] not in WANTED[name]} == {}
