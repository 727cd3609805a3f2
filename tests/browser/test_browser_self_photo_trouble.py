"""What goes wrong on a phone: no permission, a closed page, an ended link, HEIC, a leaning phone; each with its way out."""

import base64
import hashlib
import io
import json

import pytest
from django.urls import reverse
from django.utils import timezone
from fake_camera import chromium_with_camera, film
from own_phone import OwnPhone
from PIL import Image

from gradphoto.apps.orgs.models import Role
from gradphoto.apps.selfphoto import uploads
from gradphoto.apps.selfphoto.models import PersonalLink, PictureUpload, PortraitTry
from gradphoto.apps.selfphoto.views import uploading
from gradphoto.demo.sitters import picture
from selfphoto.selfphoto_world import linked, self_photo_world, somebody

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.django_db(transaction=True)]
PART = 65_536


@pytest.fixture
def world(monkeypatch):
    for module in (uploads, uploading):
        monkeypatch.setattr(module, "CHUNK_BYTES", PART)
    return self_photo_world(SELF_PHOTO_GALLERY=True)


@pytest.fixture
def camera(tmp_path):
    made = tmp_path / "camera.y4m"
    film(made, "person_01")
    return made


def before_the_camera(browser, site, world, camera):
    """A phone whose person has agreed and stands on the camera's page."""
    person = somebody(world)
    phone = OwnPhone(browser, site, person, camera)
    phone.code = linked(world, person).code
    phone.scan(phone.code)
    phone.say_who()
    phone.agree()
    return phone


def test_a_page_that_was_closed_on_the_way_goes_on_where_it_stopped(live_server, world, camera):
    with chromium_with_camera(camera) as browser:
        phone = before_the_camera(browser, live_server.url, world, camera)
        page = phone.page
        phone.opens()
        phone.takes()
        phone.network(up_bytes_s=2 * PART)
        page.tap("[data-part=use]")
        page.wait_for_selector(f"progress[value='{2 * PART}']")
        page.goto("about:blank")
        phone.network()
        page.goto("/my-photo/mine/")
        held = PictureUpload.objects.get()
        assert 0 < held.received_bytes < held.size_bytes
        page.goto("/my-photo/camera/")
        assert phone.is_told() in ("good", "warn")
        assert PictureUpload.objects.count() == 1
        page.goto("/my-photo/camera/")
        phone.opens()  # what was acknowledged is not kept on the phone
        phone.takes()
        phone.network(up_bytes_s=PART)
        page.tap("[data-part=use]")
        page.wait_for_selector("progress[value='0']")
        page.tap("[data-cancel]")
        phone.opens()
        assert PortraitTry.objects.count() == 1, "cancelled: no try"
        assert phone.problems == []


def test_an_ended_link_ends_the_page_and_what_was_taken_waits_on_the_phone(live_server, world, camera):
    with chromium_with_camera(camera) as browser:
        phone = before_the_camera(browser, live_server.url, world, camera)
        page = phone.page
        phone.opens()
        phone.takes()
        PersonalLink.objects.update(expires_at=timezone.now())
        page.tap("[data-part=use]")
        page.wait_for_selector("[data-enter]:visible")
        phone.looks("ended")
        page.tap("[data-enter]")
        page.wait_for_url("**/my-photo/")
        phone.say_who(code=phone.code)
        assert "链接已失效" in page.inner_text("#messages")
        phone.say_who(code=linked(world, phone.person).code)
        page.goto("/my-photo/camera/")
        assert phone.is_told() in ("good", "warn"), "it went on by itself after the new link"
        # Somebody else on the same phone does not get to see what is kept.
        page.goto("/my-photo/camera/")
        phone.opens()
        phone.takes()
        phone.network(up_bytes_s=PART)
        page.tap("[data-part=use]")
        page.wait_for_selector("progress[value='0']")
        page.goto("about:blank")
        phone.network()
        other = somebody(world, 2)
        phone.person = other
        page.goto("/my-photo/mine/")
        assert _pictures_on(page) == 1
        with page.expect_navigation():
            page.get_by_role("button", name="退出").tap()
        assert _pictures_on(page) == 0, "who leaves leaves nothing on the phone"
        phone.scan(linked(world, other).code)
        phone.say_who()
        phone.agree()
        phone.opens()
        assert not other.self_portrait.uploads.exists()
        assert phone.problems == []


def test_a_sign_in_in_another_window_costs_no_photograph(live_server, world, camera):
    """It makes the open page's token stale: the refusal brings the right one, and the same original goes on."""
    staff = world.people[Role.REGISTRAR]
    staff.set_password("correct horse 9 battery")
    staff.save(update_fields=["password"])
    with chromium_with_camera(camera) as browser:
        phone = before_the_camera(browser, live_server.url, world, camera)
        page = phone.page
        phone.opens()
        phone.takes()
        refused = []
        page.on("response", lambda answer: answer.status == 403 and refused.append(answer.url))
        stale = _token(phone)
        other = phone.context.new_page()
        other.goto(reverse("account_login"))
        other.fill("[name=login]", staff.username)
        other.fill("[name=password]", "correct horse 9 battery")
        with other.expect_navigation():
            other.press("[name=password]", "Enter")
        assert _token(phone) != stale
        page.tap("[data-part=use]")
        assert phone.is_told() in ("good", "warn")
        assert len(refused) == 1, "asked once more with the new token"
        assert PortraitTry.objects.count() == PictureUpload.objects.count() == 1
        assert phone.problems == []


def _token(phone):
    return next(one["value"] for one in phone.context.cookies() if one["name"] == "csrftoken")


def _pictures_on(page):
    """How many originals the browser keeps."""
    return page.evaluate(
        """() => new Promise((done) => {
          const asked = indexedDB.open('gradphoto-self-photograph', 1);
          asked.onupgradeneeded = () => asked.result.createObjectStore('originals');
          asked.onsuccess = () => {
            const counted = asked.result.transaction('originals').objectStore('originals').count();
            counted.onsuccess = () => { asked.result.close(); done(counted.result); };
          };
        })"""
    )


@pytest.mark.parametrize("gives", ["photograph", "thumbnail"])
def test_the_sensors_own_photograph_is_sent_byte_for_byte_and_a_thumbnail_is_not(live_server, world, camera, gives):
    """Chromium's made-up camera takes no JPEG; a phone's does, and this one stands in for it."""
    big, out = Image.open(io.BytesIO(picture("person_03"))), io.BytesIO()
    size = (1944, 2592) if gives == "photograph" else (240, 320)
    big.resize(size).save(out, "JPEG", quality=93, exif=_exif())
    with chromium_with_camera(camera) as browser:
        phone = before_the_camera(browser, live_server.url, world, camera)
        phone.context.add_init_script(
            """window.ImageCapture = class {
              async getPhotoCapabilities() { return { imageWidth: { max: 1944 }, fillLightMode: ['auto', 'off', 'flash'] }; }
              async takePhoto(wanted) {
                document.documentElement.dataset.wanted = JSON.stringify(wanted);
                const bytes = Uint8Array.from(atob('CODED'), (sign) => sign.charCodeAt(0));
                return new Blob([bytes], { type: 'image/jpeg' });
              }
            };""".replace("CODED", base64.b64encode(out.getvalue()).decode())
        )
        phone.page.reload()
        phone.opens()
        phone.takes()
        wanted = phone.page.get_attribute("html", "data-wanted")
        assert json.loads(wanted) == {"imageWidth": 1944, "fillLightMode": "off"}
        phone.sends()
        assert phone.problems == []
    tried = PortraitTry.objects.get()
    same = tried.sha256 == hashlib.sha256(out.getvalue()).hexdigest()
    assert same == (gives == "photograph")
    assert tried.facts["how"].split()[:2] == (["take_photo", "1944x2592"] if same else ["canvas", "1536x2048"])
    if same:
        assert tried.facts["exif"]["camera_model"] == "Testphone 9"


def _exif():
    made = Image.Exif()
    made[0x0110] = "Testphone 9"
    return made


def test_without_permission_the_phones_own_camera_and_the_gallery_are_the_way(live_server, world, camera, tmp_path):
    jpeg, heic = tmp_path / "IMG_1.jpg", tmp_path / "IMG_2.HEIC"
    jpeg.write_bytes(picture("person_03"))
    heic.write_bytes(b"\x00\x00\x00\x18ftypheic" + b"\x00" * 4000)
    with chromium_with_camera(camera, allowed=False) as browser:
        phone = before_the_camera(browser, live_server.url, world, camera)
        page = phone.page
        page.tap("[data-part=open]")
        page.wait_for_selector("[data-part=trouble]:text('没有相机权限')")
        phone.looks("denied")
        phone.in_english("not-yet-open")
        page.set_input_files("#file-gallery", heic)
        page.wait_for_selector("[data-part=trouble]:text('HEIC')")
        assert not PictureUpload.objects.exists()
        page.set_input_files("#file-gallery", jpeg)
        phone.is_told()
        tried = PortraitTry.objects.get()
        assert tried.source == "gallery"
        assert tried.facts["size_bytes"] == len(picture("person_03")), "the original, byte for byte"
        page.goto("/my-photo/camera/")
        page.set_input_files("#file-camera", _larger(tmp_path))
        page.wait_for_selector("[data-line]:text('文件太大')")
        phone.looks("too-large")
        assert phone.problems == []


def _larger(folder):
    """More bytes than a photograph may have; a picture all the same."""
    out = io.BytesIO()
    Image.effect_noise((64, 64), 40).save(out, "JPEG")
    path = folder / "huge.jpg"
    path.write_bytes(out.getvalue() + b"\0" * uploads.MOST_BYTES)
    return path


def test_hints_without_a_model_tell_of_level_light_and_backdrop(live_server, world, camera, monkeypatch):
    monkeypatch.setattr("gradphoto.apps.selfphoto.views.own.hints_address", lambda: "")
    with chromium_with_camera(camera) as browser:
        phone = before_the_camera(browser, live_server.url, world, camera)
        page = phone.page
        phone.opens()
        phone.hinted("fit")
        for gravity, hint in (
            ({"x": 2.5, "y": 9.4, "z": 0.5}, "hold_level"), ({"x": -2.5, "y": -9.4, "z": 0.5}, "hold_level"),
            ({"x": 0.0, "y": 6.0, "z": -7.5}, "hold_upright"), ({"x": 0.1, "y": 9.8, "z": 0.2}, "fit"),
        ):  # fmt: skip
            page.evaluate(
                """(gravity) => window.dispatchEvent(
                  new DeviceMotionEvent('devicemotion', { accelerationIncludingGravity: gravity }))""",
                gravity,
            )
            phone.hinted(hint)
        film(camera, "defect_dark")
        page.goto("/my-photo/camera/")
        phone.opens()
        phone.hinted("too_dark")
        assert phone.problems == []


def test_a_desk_of_1280_px_and_a_small_phone_show_the_same_page(live_server, world, camera):
    person = somebody(world)
    with chromium_with_camera(camera) as browser:
        phone = OwnPhone(browser, live_server.url, person, camera, width=1280)
        phone.scan(linked(world, person).code)
        phone.say_who()
        phone.agree()
        phone.opens()
        phone.looks("wide-camera")
        phone.page.set_viewport_size({"width": 360, "height": 640})
        phone.looks("small-camera")
        button = phone.page.locator("[data-part=shutter]").bounding_box()
        assert button["y"] + button["height"] <= 640, "the shutter is seen without scrolling"
        phone.page.set_viewport_size({"width": 1280, "height": 844})
        phone.takes()
        phone.sends()
        phone.looks("wide-verdict")
        phone.page.goto("/my-photo/mine/")
        phone.looks("wide-mine")
        assert phone.problems == []
