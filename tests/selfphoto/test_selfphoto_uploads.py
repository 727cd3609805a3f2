"""Over a slow network and out of hostile hands: parts in order, lost answers, wrong sums, huge and strange files."""

import hashlib
import io
import json
import struct
import zlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from gradphoto.apps.core.models import Blob
from gradphoto.apps.core.tasks import upkeep
from gradphoto.apps.selfphoto import uploads
from gradphoto.apps.selfphoto.models import PictureUpload, PortraitTry, UploadPart
from gradphoto.demo.sitters import picture
from selfphoto.selfphoto_world import agreed, begin, good, part, self_photo_world, send, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    world = self_photo_world()
    return agreed(world, somebody(world))


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of 4 kB, so that a small picture has several."""
    monkeypatch.setattr(uploads, "CHUNK_BYTES", 4096)
    monkeypatch.setattr("gradphoto.apps.selfphoto.views.uploading.CHUNK_BYTES", 4096)


def code_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


def test_a_broken_upload_goes_on_where_it_stood_and_lost_answers_write_nothing_twice(browser, small_parts):
    data = good()
    place = begin(browser, data).json()
    url = place["url"]
    assert place["offset"] == 0
    assert part(browser, url, 0, data[:4096]).json()["offset"] == 4096
    assert part(browser, url, 0, data[:4096]).json()["offset"] == 4096, "the answer was lost: the same part again"
    wrong = part(browser, url, 8192, data[8192:9000])
    assert code_of(wrong) == (409, "selfphoto.offset")
    assert wrong.json()["offset"] == 4096
    assert begin(browser, data).json()["offset"] == 4096, "the page was loaded anew"
    early = browser.post(place["finish_url"], "{}", content_type="application/json")
    assert code_of(early) == (409, "selfphoto.incomplete")
    assert UploadPart.objects.count() == 1
    said = send(browser, data)
    assert said.status_code == 200
    assert UploadPart.objects.count() == 0
    assert Blob.objects.filter(media_type="application/octet-stream", removed_at=None).count() == 0
    again = browser.post(place["finish_url"], "{}", content_type="application/json")
    assert again.json()["try"] == said.json()["try"], "finished twice is once"
    kept = PortraitTry.objects.get()
    assert kept.blob_id == hashlib.sha256(data).hexdigest(), "the original, byte for byte"
    assert begin(browser, data).json()["finished"] is True


def test_what_arrives_must_be_what_was_announced(browser):
    data = good()
    sha256 = hashlib.sha256(b"other").hexdigest()
    assert code_of(send(browser, data, sha256=sha256)) == (422, "selfphoto.sha256")
    assert not PictureUpload.objects.filter(finished_at=None).exists()
    assert not UploadPart.objects.exists()
    assert not PortraitTry.objects.exists()
    for wrong in ({"size": 0}, {"sha256": "x"}, {"source": "scanner"}, {"size": "many"}):
        assert code_of(begin(browser, data, **wrong)) == (400, "selfphoto.upload_facts")
    assert code_of(browser.post("/my-photo/uploads/", "[]", content_type="application/json"))[0] == 400
    assert code_of(browser.post("/my-photo/uploads/", "{" * 9000, content_type="application/json"))[0] == 400


def test_too_large_from_the_gallery_or_heic_is_told_with_its_remedy(browser):
    assert code_of(begin(browser, b"x", size=31 * 1024 * 1024)) == (413, "selfphoto.too_large")
    assert code_of(begin(browser, good(), source="gallery")) == (403, "selfphoto.gallery_forbidden")
    assert code_of(begin(browser, good(), type="image/heic")) == (422, "selfphoto.heic")
    answer = send(browser, b"\x00\x00\x00\x18ftypheic" + bytes(200))
    assert code_of(answer) == (422, "selfphoto.heic")
    assert "兼容性最佳" in answer.json()["error"]["remedy"]
    url = begin(browser, good()).json()["url"]
    big = part(browser, url, 0, bytes(uploads.CHUNK_BYTES + 1))
    assert code_of(big) == (413, "selfphoto.too_large")


def _bomb():
    """A PNG of a few hundred bytes that says it has 20,000 x 20,000 pixels."""
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "data", [b"GIF89a" + bytes(50), b"<svg onload=alert(1)>", _bomb(), good()[:2000]], ids=["gif", "svg", "bomb", "cut"]
)
def test_what_is_no_photograph_is_refused_and_counts_as_no_try(browser, data):
    answer = send(browser, data)
    assert answer.status_code == 422
    assert answer.json()["error"]["remedy"]
    assert not PortraitTry.objects.exists()
    assert not PictureUpload.objects.filter(finished_at=None).exists()
    assert not UploadPart.objects.exists()


def test_turned_and_wide_gamut_pictures_are_shown_upright_in_srgb(browser):
    upright = Image.open(io.BytesIO(picture("person_01")))
    picture_of = upright.rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    picture_of.save(out, "JPEG", quality=95, exif=exif)
    said = send(browser, out.getvalue()).json()
    assert (said["picture"]["width"], said["picture"]["height"]) == upright.size
    assert said["crop"] is not None, "judged upright"


def test_every_finding_is_told_with_its_place_on_the_copy_the_worst_first(browser):
    said = send(browser, picture("defect_blue_shirt")).json()
    assert said["findings"]
    ranks = [("fail", "review").index(one["outcome"]) for one in said["findings"]]
    assert ranks == sorted(ranks)
    shirt = next(one for one in said["findings"] if one["code"] == "portrait.clothes_like_backdrop")
    assert shirt["advice"]
    (box,) = shirt["marks"]
    assert 0 <= box["x"] < box["x"] + box["width"] <= said["picture"]["width"] + 1
    assert box["y"] > said["picture"]["height"] * 0.4, "the shirt is below the face"
    assert {one["title"] for one in said["good"]} >= {"双眼睁开、清楚", "画面里只有本人"}
    assert json.dumps(said)


def test_without_a_script_a_form_brings_the_photograph(browser):
    upload = SimpleUploadedFile("x.jpg", good(), "image/jpeg")
    answer = browser.post("/my-photo/upload/", {"photograph": upload, "source": "camera"})
    assert answer.status_code == 302
    assert browser.get(answer["Location"]).status_code == 200


def test_another_persons_upload_and_an_old_one_are_gone(browser):
    place = begin(browser, good()).json()
    part(browser, place["url"], 0, good()[:100])
    PictureUpload.objects.update(began_at=timezone.now() - timedelta(hours=25))
    assert code_of(browser.get(place["url"])) == (404, "selfphoto.upload_gone")
    parts = list(UploadPart.objects.values_list("blob", flat=True))
    assert parts != []
    upkeep()
    assert (PictureUpload.objects.count(), UploadPart.objects.count()) == (0, 0)
    assert not Blob.objects.filter(pk__in=parts, removed_at=None).exists()


def test_another_person_cannot_write_into_it():
    world = self_photo_world()
    mine, other = agreed(world, somebody(world)), agreed(world, somebody(world, 2))
    url = begin(mine, good()).json()["url"]
    assert code_of(part(other, url, 0, good()[:100])) == (404, "selfphoto.upload_gone")
