"""Issue 14.4: an administrator adds a font file by page; papers use it at once, on every node."""

import struct

import pytest
from pypdfium2 import PdfDocument

from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages import fonts as added
from gradphoto.apps.pages.models import AddedFont
from gradphoto.engine.documents import fonts, typeset
from gradphoto.engine.errors import GradPhotoError
from pages.fonts_forms import ICONS, upload
from verification.graduate_world import SHOT_AT, staff
from world import build_world

pytestmark = pytest.mark.django_db
SIGN = "\uea60"
"""A character of the font that the built-in one does not have."""


@pytest.fixture
def world(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return build_world()


def paper(text: str) -> tuple[bytes, set[str]]:
    with fonts.telling() as framed:
        made = typeset('#let data = json("data.json")\n#data.name', {"name": text}, title="测试", dated=SHOT_AT)
    return made, set(framed)


def test_a_font_added_by_page_sets_the_next_paper_on_every_node(world, settings, tmp_path):
    assert paper(f"李{SIGN}")[1] == {SIGN}, "framed, and the paper is there"
    office = staff(world, Role.ADMINISTRATOR)
    assert office.post("/fonts/", {"form": "add_font", "file": upload()}).status_code == 302
    page = office.get("/fonts/").content.decode()
    assert "codicon" in page
    made, framed = paper(f"李{SIGN}")
    assert framed == set()
    assert len(PdfDocument(made)) == 1
    settings.DATA_DIR = tmp_path / "another node"
    assert paper(f"李{SIGN}")[1] == set(), "fetched from the store"
    font = AddedFont.objects.get()
    assert office.post(f"/fonts/{font.pk}/", {"form": "remove_font", "reason": "字形有误"}).status_code == 302
    assert paper(f"李{SIGN}")[1] == {SIGN}


def test_what_is_no_font_or_cannot_be_set_is_refused_by_name(world):
    actor, data = world.actor(Role.ADMINISTRATOR), ICONS.read_bytes()
    without_glyphs = a_font(0x3400)
    for wrong, code in (
        (b"\x00\x01\x00\x00" + b"\xff" * 40, "documents.font_unreadable"),
        (data[:200], "documents.font_unreadable"),
        (without_glyphs, "documents.font_unusable"),
    ):
        with pytest.raises(GradPhotoError) as refused:
            added.add_font(actor, world.national, file_name="a.ttf", data=wrong)
        assert refused.value.code == code
    assert not AddedFont.objects.exists()
    added.add_font(actor, world.national, file_name="a.ttf", data=data)
    with pytest.raises(Refusal, match=r"pages\.font_known"):
        added.add_font(actor, world.national, file_name="b.ttf", data=data)


def test_the_typesetter_meets_a_font_in_the_bounded_reader_only(world, monkeypatch):
    """One wrong byte in a font makes it ask for memory without end: it must not be the server that does."""
    monkeypatch.setattr(fonts.typst, "Fonts", lambda **_: pytest.fail("the server itself opened the font"))
    monkeypatch.setattr(fonts.typst, "compile", lambda *_, **__: pytest.fail("the server itself set the paper"))
    added.add_font(world.actor(Role.ADMINISTRATOR), world.national, file_name="a.ttf", data=ICONS.read_bytes())
    assert AddedFont.objects.count() == 1


@pytest.mark.nightly
def test_a_font_on_which_the_typesetter_never_comes_back_is_refused_within_seconds(world):
    data = bytearray(fonts.first_file().read_bytes())
    data[18_356_669] = 82
    with pytest.raises(GradPhotoError) as refused:
        added.add_font(world.actor(Role.ADMINISTRATOR), world.national, file_name="a.otf", data=bytes(data))
    assert refused.value.code in ("file.too_much_memory", "file.too_slow", "file.reader_failed")
    assert not AddedFont.objects.exists()


def test_the_fonts_are_the_whole_installations(world):
    with pytest.raises(PermissionRefusal):
        added.add_font(world.stranger(Role.ADMINISTRATOR), world.strange_school, file_name="a.ttf", data=b"OTTO")
    with pytest.raises(PermissionRefusal):
        added.add_font(world.actor(Role.REGISTRAR), world.national, file_name="a.ttf", data=b"OTTO")
    assert staff(world, Role.REGISTRAR).get("/fonts/").status_code == 403


def a_font(code: int) -> bytes:
    """A font that says it has one character, and holds no glyph."""
    table = struct.pack(">HHIIIIII", 12, 0, 28, 0, 1, code, code, 1)
    cmap = struct.pack(">HHHHI", 0, 1, 3, 10, 12) + table
    return struct.pack(">IHHHH", 0x00010000, 1, 16, 0, 0) + struct.pack(">4sIII", b"cmap", 0, 28, len(cmap)) + cmap
