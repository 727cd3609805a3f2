"""Every place where a file comes in, with every hostile file: a typed refusal soon, within bounds, and the next request works."""

import ast
import importlib
import os
import re
import resource
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import gradphoto
from budget import examples
from errata.errata_world import missing_case
from gradphoto.apps.core import jobs
from gradphoto.apps.core.models import Blob, Job, JobState
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.errata.forms import AttachFile
from gradphoto.apps.errata.models import Attachment
from gradphoto.apps.makeup import selfmade
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages.fields import UploadField
from gradphoto.apps.pages.forms import WHICH
from gradphoto.apps.roster.channel import confirm_channel
from gradphoto.apps.roster.models import RosterImport
from gradphoto.apps.stations.intake import take_in_folder
from gradphoto.apps.stations.models import StationReceipt, StationSelf
from gradphoto.cli.station_opening import open_kit
from gradphoto.engine.bounded.strict_json import strict_json
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.packet.envelope import MAGIC
from makeup.makeup_world import approved, client, make_up_world, recipient, today
from pages.form_cases import CASES, load_cases
from uploads.hostile_files import PICTURES, TABLES, jpeg, nested_zip, png_bomb, zip_of
from world import add_candidate, build_world

load_cases()
pytestmark = pytest.mark.django_db
SOURCE = Path(gradphoto.__file__).parent
DOCS = Path(__file__).resolve().parents[2] / "docs" / "uploads.md"
MOST_SECONDS, MOST_KILOBYTES = 10, 1_000_000
GOOD_ANYWAY = {"merges.xlsx"}
"""Read without harm: it is a roster that nobody would write."""


def office(world, role):
    browser = Client(raise_request_exception=False)
    browser.force_login(world.people[role], "django.contrib.auth.backends.ModelBackend")
    return browser


def roster(world):
    actor = world.actor(Role.REGISTRAR)
    confirm_channel(actor, world.campaign, school=world.school.name, teacher=str(actor.user))
    return (
        office(world, Role.REGISTRAR),
        "/roster/imports/",
        {"form": "upload_roster", "row": world.campaign.pk},
        "file",
    )


def admissions(world):
    return office(world, Role.REGISTRAR), "/roster/papers/admissions/", {"campaign": world.campaign.pk}, "file"


def units(world):
    return office(world, Role.ADMINISTRATOR), "/people/import/units/", {}, "file"


def people(world):
    return office(world, Role.ADMINISTRATOR), "/people/import/people/", {}, "file"


TABLE_PLACES = {"roster": roster, "admissions": admissions, "units": units, "people": people}  # fmt: skip


def hand_in(place, world, name, data):
    browser, address, form, field = place
    began = worked()
    answer = browser.post(address, {**form, field: SimpleUploadedFile(name, data)})
    took = worked() - began
    assert took < MOST_SECONDS, (name, took)
    text = answer.content.decode(errors="replace")
    if name not in GOOD_ANYWAY:
        assert answer.status_code in (400, 409, 422), (name, answer.status_code, text[:300])
        assert re.search(r"(?:roster|file|core|orgs|fees|verification|packet|makeup|portrait)\.[a-z_]+", text), name
    assert answer.status_code < 500, name
    assert browser.get("/").status_code in (200, 302), "the next request is answered"


def in_turn(files, place):
    """An eighth of the files, another one at each place; all of them at night."""
    every = 1 if examples(1) > 1 else 8
    return list(files)[zlib.crc32(str(place).encode()) % every :: every]


def worked():
    """Seconds of processor of this process and its children so far: a busy machine makes nobody's file hostile."""
    return sum(os.times()[:4])


def _largest_child():
    """Kilobytes of the largest child so far; other tests of this process may have had a larger one."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def _own_size():
    """A child begins as a copy of this process, which has grown by the tests before: so large it counts from the start."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + 1


def run_jobs(name):
    for job in Job.objects.filter(state=JobState.QUEUED):
        jobs.run(job.pk)
        job.refresh_from_db()
        assert job.error_code != "core.job_crashed", name
        assert job.state in (JobState.DONE, JobState.FAILED), (name, job.state)


@pytest.mark.parametrize("place", TABLE_PLACES)
def test_tables(place):
    world = build_world()
    way, before = TABLE_PLACES[place](world), _largest_child()
    for name, make in in_turn(TABLES.items(), place):
        hand_in(way, world, name, make())
        run_jobs(name)
    assert _largest_child() < max(MOST_KILOBYTES, before + 1, _own_size())
    assert not RosterImport.objects.exclude(file_name__in=GOOD_ANYWAY).exists(), "nothing is half-written"


@pytest.fixture
def collection():
    world = make_up_world()
    officer = world.actor(Role.LEARNING_CENTRE)
    made = selfmade.open_collection(officer, world.campaign, organisation=world.learning_centre, title="十月")
    selfmade.confirm_contact(officer, made, on=today(), whom="图片社王老师")
    return world, made


def test_a_self_organised_collection(collection):
    world, made = collection
    way = (office(world, Role.LEARNING_CENTRE), f"/make-up/self-organised/{made.pk}/upload/", {}, "file")
    tables = [one for one in TABLES.items() if one[0].endswith((".xlsx", ".xls")) and one[0] not in GOOD_ANYWAY]
    for name, make in in_turn([*tables, *PICTURES.items()], "self-organised"):
        hand_in(way, world, name, make())
    assert made.photos.count() == 0


def test_archives_are_unpacked_file_by_file_and_the_bad_ones_told(collection):
    world, made = collection
    browser = client(world, Role.LEARNING_CENTRE)
    files = {
        "1.jpg": jpeg(), "2.jpg": jpeg(65_000, 65_000), "3.png": png_bomb(), "4.zip": nested_zip(), "5.jpg": bytes(60_000_000),
        "../../6.jpg": jpeg(), "汇总表.xlsx": TABLES["far-cell.xlsx"](), "7.jpg": jpeg()[:150],
    }  # fmt: skip
    upload = SimpleUploadedFile("disc.zip", zip_of(files))
    browser.post(f"/make-up/self-organised/{made.pk}/upload/", {"file": [upload]})
    made.refresh_from_db()
    jobs.run(made.job.pk)
    job = Job.objects.get(pk=made.job.pk)
    assert job.state == JobState.DONE, (job.error_code, job.error)
    assert set(made.photos.values_list("file_name", flat=True)) == {"1.jpg", "6.jpg"}
    assert set(job.issues.values_list("subject", flat=True)) == {
        "2.jpg", "3.png", "4.zip", "5.jpg", "7.jpg", "汇总表.xlsx",
    }  # fmt: skip
    upload = SimpleUploadedFile("half.zip", zip_of(files)[:700])
    browser.post(f"/make-up/self-organised/{made.pk}/upload/", {"file": [upload]})
    made.refresh_from_db()
    jobs.run(made.job.pk)
    assert Job.objects.get(pk=made.job.pk).error_code == "makeup.not_a_zip"


def test_pictures_at_the_other_places():
    world = make_up_world()
    recipient(world)
    case = approved(world, add_candidate(world, 1), way="mail", reason_kind="army")
    way = office(world, Role.COLLECTION_CENTRE), f"/make-up/cases/{case.pk}/mailed/", {"origin": "挂号信"}, "file"
    for name, make in in_turn(PICTURES.items(), "mailed"):
        hand_in(way, world, name, make())


def _with_a_file():
    """Every form of a page that takes a file, with the field; those of a whole room of tables are walked above."""
    for case in CASES:
        for name, field in case.form.base_fields.items():
            if isinstance(field, UploadField):
                yield pytest.param(case, name, field, id=f"{case}.{name}")


@pytest.mark.parametrize(("case", "name", "field"), list(_with_a_file()))
def test_every_form_that_takes_a_file_refuses_hostile_ones_beside_the_field(case, name, field):
    world = build_world()
    stage = case.stage(world)
    tables = [one for one in TABLES.items() if one[0] not in GOOD_ANYWAY] if Kind.TABLE in field.kinds else []
    kept, before = Blob.objects.count(), _largest_child()
    large = ("large.csv", lambda: b"1," * (field.limit_mb + 1) * 512 * 1024)
    for file, make in [*in_turn([*PICTURES.items(), *tables], f"{case}.{name}"), large]:
        sent = {**stage.good, WHICH: case.form.which(), name: SimpleUploadedFile(file, make())}
        began = worked()
        answer = stage.client.post(stage.url, sent)
        assert worked() - began < MOST_SECONDS, file
        assert answer.status_code in (409, 422), (file, answer.status_code)
        assert re.search(r'data-code="[a-z_]+\.[a-z_]+"', answer.content.decode()), file
        run_jobs(file)
    assert Blob.objects.count() == kept, "nothing is kept"
    assert _largest_child() < max(MOST_KILOBYTES, before + 1, _own_size())


def uploads_in_source():
    """Every module that takes a file in, with the limits in megabytes that it names."""
    found = {}
    for path in (SOURCE / "apps").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name in ("uploads.py", "fields.py") or not re.search(r"read_upload\(|UploadField\(|\.FILES\.get", text):
            continue
        module = importlib.import_module("gradphoto." + ".".join(path.relative_to(SOURCE).with_suffix("").parts))
        limits = set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.keyword) and node.arg == "limit_mb":
                names = {"__builtins__": {}, **vars(module)}
                limits.add(eval(ast.unparse(node.value), names))
        found[path.relative_to(SOURCE).as_posix()] = limits
    return found


def test_the_table_of_the_docs_names_every_place_with_its_limits():
    rows = {}
    for line in DOCS.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\| .*`(apps/[\w/]+\.py)`", line):
            rows[found[1]] = line
    places = uploads_in_source()
    assert set(rows) == set(places)
    for module, limits in places.items():
        for limit in limits:
            assert re.search(rf"\b{limit} MB", rows[module]), (module, limit)


PARSERS = re.compile(
    r"python_calamine|\bxlrd\b|load_workbook|csv\.(?:reader|DictReader)|ElementTree|Image\.open\(|read_header\(|"
    r"ZipFile\((?![^)]*[\"'](?:w|x)[\"'])|imdecode|(?<![.\w])read_table\((?!.*BOUNDED|$)|propose_(?:mapping|sheets)\((?!.*BOUNDED)"
)
OWN_FILES = {"apps/registration/export.py", "apps/delivery/deliveries.py", "apps/capture/room/clock_code.py"}
"""What these open was made by ourselves, by our camera, or was proven before."""


def test_no_app_parses_a_file_by_itself():
    found = {
        f"{path.relative_to(SOURCE).as_posix()}: {line.strip()}"
        for path in (SOURCE / "apps").rglob("*.py")
        if path.relative_to(SOURCE).as_posix() not in OWN_FILES
        for line in path.read_text(encoding="utf-8").splitlines()
        if PARSERS.search(line) and not line.lstrip().startswith("#")
    }
    assert not found


@pytest.mark.parametrize(
    "text",
    [b"[" * 100_000, b'{"a":' * 50_000, b'{"a": Infinity}', b'{"a": NaN}', b'{"a": 1e999}', b'{"a": ' + b"9" * 5_000 + b"}",
     b'{"a": 1, "a": 2}', b"", b"\xff\xfe"],
)  # fmt: skip
def test_json_from_outside_is_plain_and_within_bounds(text):
    with pytest.raises(ValueError, match=r"."):
        strict_json(text)


def test_json_with_brackets_in_its_texts_is_not_deep():
    assert strict_json('{"a": "' + "[" * 5_000 + '\\"", "b": [1, 2.5, true, null]}')["b"] == [1, 2.5, True, None]


def envelope(header: bytes) -> bytes:
    return MAGIC + len(header).to_bytes(4, "big") + header + bytes(200)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("part-0000.gpp", envelope(b"[" * 60_000)),
        ("part-0000.gpp", envelope(b'{"format": "gradphoto-envelope/1", "body_size": Infinity}')),
        ("part-0000.gpp", envelope(b'{"format": "gradphoto-envelope/1", "body_size": 1e308}')),
        ("part-0000.gpp", MAGIC[:5]),
        ("part-0000.gpp", bytes(5_000)),
        ("packet.json", b"[" * 200_000),
        ("packet.json", b'{"body": {"head": []}, "signature": Infinity}'),
        ("packet.json", b'{"body": {"head": {"kit_id": [[[1]]]}}}'),
        ("packet.json", b"[]"),
    ],
)
def test_packets_that_are_none_are_told_one_by_one(tmp_path, name, data):
    world = build_world()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / name).write_bytes(data)
    began = worked()
    report = take_in_folder(world.actor(Role.COLLECTION_CENTRE), tmp_path)
    assert worked() - began < MOST_SECONDS
    assert [label for label, _ in report.refused] == [f"a/{name}"]
    assert report.refused[0][1].code.startswith(("packet.", "file."))


def test_a_packet_is_refused_by_size_before_anything_is_written(monkeypatch):
    world = build_world()
    monkeypatch.setattr("gradphoto.apps.stations.forms.MOST_PART_BYTES", 1_000)
    upload = SimpleUploadedFile("part-0001.gpp", bytes(2_000))
    answer = office(world, Role.COLLECTION_CENTRE).post(
        reverse("stations:list"), {"form": "take_packets_in", "packets": [upload]}
    )
    assert "packet.upload_too_large" in answer.content.decode()
    assert not Job.objects.exists()


HOSTILE_LISTS = (b"", b"\xff\xfe", b"[" * 200_000, b"[]", b'{"body": {}, "signature": Infinity}', b'{"body": ' + b"9" * 5_000 + b"}",
                 b'{"body": {"kit_id": [[1]], "frames": 1e308}, "signature": "x"}', bytes(6_000_000))  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE_LISTS, ids=range(len(HOSTILE_LISTS)))
def test_receipts_that_are_none_are_told_on_the_laptops_page(settings, data):
    settings.ROOT_URLCONF = "gradphoto.site.station_urls"
    world = build_world()
    StationSelf.objects.create(
        kit_id="k", installation="i", station="A1", campaign=world.campaign, number_first=1, number_last=9, suite="x25519",
        centre_name="中心", centre_box="00", centre_signing="11" * 32, expires_at=timezone.now(),
    )  # fmt: skip
    browser = office(world, Role.PHOTOGRAPHER)
    began = worked()
    answer = browser.post(
        "/station/hand-over/", {WHICH: "take_receipt", "receipt": SimpleUploadedFile("receipt.json", data)}
    )
    assert worked() - began < MOST_SECONDS
    assert answer.status_code in (400, 409, 422), answer.content.decode()[:300]
    assert re.search(r'data-code="(?:packet|file|capture|core|pages)\.[a-z_]+', answer.content.decode())
    assert not StationReceipt.objects.exists()


@pytest.mark.parametrize("data", [b"", bytes(5_000), MAGIC[:5], envelope(b"[" * 60_000),
                                  envelope(b'{"format": "gradphoto-envelope/1", "body_size": Infinity}')])  # fmt: skip
def test_a_kit_that_is_none_opens_nothing(tmp_path, data):
    kit = tmp_path / "a.gpkit"
    kit.write_bytes(data)
    began = worked()
    with pytest.raises(GradPhotoError) as refused:
        open_kit(kit, tmp_path / "station", None, "a long passphrase", None)
    assert worked() - began < MOST_SECONDS
    assert refused.value.code.startswith(("packet.", "file."))
    assert not (tmp_path / "station").exists()


def test_pictures_beside_errata():
    world = build_world()
    address = reverse("errata:detail", args=[missing_case(world).pk])
    way = office(world, Role.REGISTRAR), address, {WHICH: AttachFile.which(), "kind": "proof", "note": ""}, "file"
    for name, make in in_turn(PICTURES.items(), "errata"):
        hand_in(way, world, name, make())
    assert not Attachment.objects.exists()
