"""Self-organised collection: contact first, one to one, resumable, taken over person by person or not at all (R148-R152)."""

import hashlib
import io
import zipfile
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image

from gradphoto.apps.capture.models import Assessment, CheckIn, Frame, Hold
from gradphoto.apps.capture.verdicts import pipeline
from gradphoto.apps.core import jobs
from gradphoto.apps.core.errors import PermissionRefusal, StepRefusal
from gradphoto.apps.makeup import checking, selfmade
from gradphoto.apps.makeup.models import SelfCollection
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.review.models import FrameReview
from gradphoto.demo.sitters import good_sitters, picture
from gradphoto.engine.packet.summary import SummaryRow, write_summary
from gradphoto.engine.standards.profiles import load_profile
from makeup.makeup_world import client, make_up_world, refused, today
from world import add_candidate, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_up_world()


@pytest.fixture
def people(world):
    return [add_candidate(world, n, department=world.learning_centre) for n in (1, 2, 3)]


@pytest.fixture
def collection(world):
    officer = world.actor(Role.LEARNING_CENTRE)
    made = selfmade.open_collection(officer, world.campaign, organisation=world.learning_centre, title="十月")
    selfmade.confirm_contact(officer, made, on=today(), whom="图片社王老师")
    return made


def row(person, number, **changes):
    facts = {
        "name": person.name, "student_no": person.student_no, "sex": person.get_sex_display(),
        "id_number": person.id_number.decrypt(), "major": person.major,
        "degree_category": person.degree_category, "school_kind": person.school_kind,
        "department_code": person.department.code, "school_name": "示范大学", "school_code": "99901",
    }  # fmt: skip
    return SummaryRow(number, **{**facts, **changes})


def hand_in(world, collection, rows, files):
    officer = world.actor(Role.LEARNING_CENTRE)
    selfmade.set_summary(officer, collection, data=write_summary(rows, "江城学习中心"), file_name="汇总表.xlsx")
    for name, data in files.items():
        selfmade.add_photo(officer, collection, file_name=name, data=data)
    run(selfmade.check_collection(officer, collection))


def run(job):
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error_code
    return job


def photos(count):
    return {f"{n}.jpg": picture(name) for n, name in enumerate(good_sitters()[:count], start=1)}


def faults(collection):
    rows = {r.number: [f["code"] for f in r.faults] for r in collection.rows.all() if r.faults}
    files = {p.file_name: [f["code"] for f in p.faults] for p in collection.photos.all() if p.faults}
    return rows, files


@pytest.mark.usefixtures("still_clock")
def test_r150_the_agency_is_asked_before_the_work_and_the_day_is_on_record(world):
    officer = world.actor(Role.LEARNING_CENTRE)
    made = selfmade.open_collection(officer, world.campaign, organisation=world.learning_centre, title="十月")
    refused("makeup.collection_closed", selfmade.add_photo, officer, made, file_name="1.jpg", data=picture("person_01"))
    refused("makeup.contact", selfmade.confirm_contact, officer, made, on=today() + timedelta(days=1), whom="王")
    selfmade.confirm_contact(officer, made, on=today(), whom="王老师")
    assert selfmade.add_photo(officer, made, file_name="1.jpg", data=picture("person_01")) is True
    with pytest.raises(IntegrityError), transaction.atomic():
        SelfCollection.objects.filter(pk=made.pk).update(contacted_on=None)


def test_an_interrupted_upload_goes_on_where_it_stopped(world, collection):
    officer, data = world.actor(Role.LEARNING_CENTRE), picture("person_01")
    assert selfmade.add_photo(officer, collection, file_name="1.jpg", data=data) is True
    assert selfmade.add_photo(officer, collection, file_name="1.jpg", data=data) is False
    known = client(world, Role.LEARNING_CENTRE).get(f"/make-up/self-organised/{collection.pk}/known/").json()
    assert known == {"1.jpg": hashlib.sha256(data).hexdigest()}
    assert selfmade.add_photo(officer, collection, file_name="1.jpg", data=picture("person_02")) is True
    assert collection.photos.count() == 1
    refused("makeup.not_a_jpeg", selfmade.add_photo, officer, collection, file_name="2.jpg", data=b"MZ")


def test_an_id_number_in_a_files_name_is_never_kept(world, collection, people):
    officer, number = world.actor(Role.LEARNING_CENTRE), people[0].id_number.decrypt()
    name, data = f"{number}.jpg", picture("person_01")
    refused("makeup.id_number_in_name", selfmade.add_photo, officer, collection, file_name=name, data=data)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    job = run(selfmade.add_archive(officer, collection, data=out.getvalue()))
    assert [issue.subject for issue in job.issues.all()] == ["***.jpg"]
    assert collection.photos.count() == 0


def test_r52_all_eleven_columns_and_the_order_of_the_rows_are_checked(world, collection, people):
    """The columns the house knows are held against roster and school; the table stands in shooting-number order (R148)."""
    wrong = {
        "name": "别人", "student_no": "9", "sex": "女", "major": "哲学", "degree_category": "专科",
        "school_kind": "网络教育", "department_code": "77", "school_name": "他校", "school_code": "99902",
    }  # fmt: skip
    for column, value in wrong.items():
        hand_in(world, collection, [row(people[0], 1, **{column: value})], photos(1))
        code = "makeup.school_code" if column == "school_code" else "makeup.data_differ"
        assert faults(collection)[0] == {1: [code]}, column
        assert value in str(collection.rows.get().faults) or column == "school_code"
    hand_in(world, collection, [row(people[1], 2), row(people[0], 1)], photos(2))
    assert faults(collection) == ({1: ["packet.row_order"]}, {})
    hand_in(world, collection, [row(people[0], 1), row(people[1], 2)], photos(2))
    assert faults(collection) == ({}, {})


def test_a_re_encoded_copy_of_one_photograph_for_two_persons_is_told(world, collection, people):
    first, second, _ = photos(3).values()
    out = io.BytesIO()
    copy = Image.open(io.BytesIO(first))
    copy.resize((copy.width * 3 // 4, copy.height * 3 // 4)).save(out, "JPEG", quality=55)
    hand_in(
        world,
        collection,
        [row(one, n) for n, one in enumerate(people, 1)],
        {"1.jpg": first, "2.jpg": second, "3.jpg": out.getvalue()},
    )
    _, files = faults(collection)
    assert files == {"1.jpg": ["makeup.same_picture_twice"], "3.jpg": ["makeup.same_picture_twice"]}
    assert "3.jpg" in collection.photos.get(file_name="1.jpg").faults[0]["zh"]


@pytest.mark.slow
def test_a_cancelled_take_over_goes_on_when_asked_again(world, collection, people):
    officer, agency = world.actor(Role.LEARNING_CENTRE), world.actor(Role.COLLECTION_CENTRE)
    hand_in(world, collection, [row(people[0], 1)], photos(1))
    selfmade.submit_collection(officer, collection, on=today(), whom="王老师")
    job = selfmade.take_collection(agency, collection)
    refused("makeup.job_runs", selfmade.take_collection, agency, collection)
    jobs.cancel(job)
    collection.refresh_from_db()
    assert (collection.status, CheckIn.objects.count()) == ("taking", 0)
    run(selfmade.take_collection(agency, collection))
    collection.refresh_from_db()
    assert (collection.status, CheckIn.objects.count()) == ("taken", 1)


def test_a_zip_is_unpacked_by_a_job_and_bad_files_are_told(world, collection, people):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in photos(2).items():
            archive.writestr(f"光盘/{name}", data)
        archive.writestr("光盘/readme.txt", "x")
        archive.writestr("__MACOSX/._1.jpg", "x")
        archive.writestr("光盘/汇总表.xlsx", write_summary([row(p, n) for n, p in enumerate(people, 1)], "江城"))
    upload = SimpleUploadedFile("disc.zip", out.getvalue())
    client(world, Role.LEARNING_CENTRE).post(f"/make-up/self-organised/{collection.pk}/upload/", {"file": [upload]})
    collection.refresh_from_db()
    job = run(collection.job)
    assert [issue.subject for issue in job.issues.all()] == ["readme.txt"]
    assert (collection.photos.count(), collection.rows.count()) == (2, 3)


def test_r152_faults_stand_in_their_row_and_nothing_is_handed_in_with_one(world, collection, people):
    officer = world.actor(Role.LEARNING_CENTRE)
    rows = [row(people[0], 1), row(people[1], 2, name="别人"), row(people[2], 3), row(people[2], 4)]
    stranger = add_candidate(world, 9)
    rows += [row(stranger, 5)]
    files = {**photos(2), "5.jpg": picture("person_03"), "7.jpg": picture("person_01")}
    hand_in(world, collection, rows, files)
    found_rows, found_files = faults(collection)
    assert found_rows == {
        2: ["makeup.data_differ"], 3: ["packet.no_file", "makeup.person_twice"],
        4: ["packet.no_file", "makeup.person_twice"], 5: ["makeup.not_listed"],
    }  # fmt: skip
    assert found_files == {
        "1.jpg": ["makeup.same_picture_twice"],
        "7.jpg": ["packet.no_row", "makeup.same_picture_twice"],
    }
    refused("makeup.not_one_to_one", selfmade.submit_collection, officer, collection, on=today(), whom="王老师")
    book = openpyxl.load_workbook(io.BytesIO(checking.report_workbook(collection)))
    report = str([list(sheet.values) for sheet in book])
    assert "没有以该序号命名的照片" in report
    assert people[0].id_number.decrypt() not in report
    page = client(world, Role.LEARNING_CENTRE).get(f"/make-up/self-organised/{collection.pk}/").content.decode()
    assert "同一张照片用了两个序号" in page
    assert people[0].id_number.decrypt() not in page


def test_what_was_uploaded_after_the_check_is_checked_again(world, collection, people):
    officer = world.actor(Role.LEARNING_CENTRE)
    hand_in(world, collection, [row(people[0], 1)], photos(1))
    selfmade.add_photo(officer, collection, file_name="2.jpg", data=picture("person_02"))
    refused("makeup.not_checked", selfmade.submit_collection, officer, collection, on=today(), whom="王老师")


@pytest.mark.slow
def test_the_agency_takes_it_over_and_a_second_run_changes_nothing(world, collection, people):
    officer, agency = world.actor(Role.LEARNING_CENTRE), world.actor(Role.COLLECTION_CENTRE)
    hand_in(world, collection, [row(p, n) for n, p in enumerate(people[:2], 1)], photos(2))
    assert faults(collection) == ({}, {})
    with pytest.raises(StepRefusal):
        selfmade.take_collection(agency, collection)
    selfmade.submit_collection(officer, collection, on=today(), whom="王老师")
    with pytest.raises(PermissionRefusal):
        selfmade.take_collection(officer, collection)
    refused(
        "makeup.collection_closed",
        selfmade.add_photo,
        officer,
        collection,
        file_name="3.jpg",
        data=picture("person_03"),
    )
    run(selfmade.take_collection(agency, collection))
    collection.refresh_from_db()
    assert (collection.status, collection.session.status) == ("taken", "closed")
    numbers = {r.number: r.check_in.shooting_number for r in collection.rows.select_related("check_in")}
    assert numbers == {1: 1, 2: 2}
    assert set(CheckIn.objects.values_list("method", "status")) == {("self_organised", "shot")}
    assert Frame.objects.filter(status="accepted", assessments__current=True).count() == 2
    assert not FrameReview.objects.filter(state="accepted").exists(), "nobody has looked yet"


@pytest.mark.slow
def test_r152_finished_pictures_are_judged_as_finished_files_and_told_row_by_row(world, collection, people):
    officer, agency = world.actor(Role.LEARNING_CENTRE), world.actor(Role.COLLECTION_CENTRE)
    good, bad = good_sitters()[:2]
    profiles = [load_profile("mb2017_99"), load_profile("legacy_2009")]
    finished, small = pipeline().make(picture(good), profiles).portraits
    unmarked = io.BytesIO()
    Image.open(io.BytesIO(pipeline().make(picture(bad), profiles).portraits[0].data)).save(unmarked, "JPEG", quality=88)
    rows = [row(person, number) for number, person in enumerate(people, 1)]
    hand_in(world, collection, rows, {"1.jpg": finished.data, "2.jpg": unmarked.getvalue(), "3.jpg": small.data})
    assert faults(collection) == ({}, {"3.jpg": ["makeup.picture_too_small"]}), "144x192 can never become 480x640"
    noted = {p.file_name: [n["code"] for n in p.notes] for p in collection.photos.all() if p.notes}
    assert noted == {"2.jpg": ["portrait.file_dpi"]}
    page = client(world, Role.LEARNING_CENTRE).get(f"/make-up/self-organised/{collection.pk}/").content.decode()
    assert "应为 300 dpi" in page
    selfmade.drop_photo(officer, collection, photo=collection.photos.get(file_name="3.jpg"))
    hand_in(world, collection, rows[:2], {})
    selfmade.submit_collection(officer, collection, on=today(), whom="王老师")
    run(selfmade.take_collection(agency, collection))
    outcomes = dict(Assessment.objects.filter(current=True).values_list("frame__check_in__shooting_number", "outcome"))
    assert outcomes == {1: "pass", 2: "review"}, (
        "a missing mark is written by the delivery: somebody looks, nobody comes again"
    )
    assert list(FrameReview.objects.filter(state="held").values_list("frame__file_name", flat=True)) == ["2.jpg"]
    book = openpyxl.load_workbook(io.BytesIO(checking.report_workbook(collection)))
    told = [line[-1] for line in list(book["汇总表核对"].values)[1:]]
    assert told[0] == "通过"
    assert "应为 300 dpi" in told[1]
    page = client(world, Role.COLLECTION_CENTRE).get(f"/make-up/self-organised/{collection.pk}/").content.decode()
    assert "待人工复核" in page
    remade = pipeline().make(finished.data, profiles[:1]).portraits
    assert remade[0].provenance.scale == pytest.approx(1), "delivery takes the finished picture whole"


@pytest.mark.slow
def test_nothing_is_half_written_and_the_rest_goes_on(world, collection, people):
    officer, agency = world.actor(Role.LEARNING_CENTRE), world.actor(Role.COLLECTION_CENTRE)
    hand_in(world, collection, [row(p, n) for n, p in enumerate(people[:2], 1)], photos(2))
    selfmade.submit_collection(officer, collection, on=today(), whom="王老师")
    people[0].status = "deferred"
    save(people[0])
    job = run(selfmade.take_collection(agency, collection))
    assert [issue.code for issue in job.issues.all()] == ["makeup.held"]
    assert (CheckIn.objects.count(), Frame.objects.count(), Hold.objects.count()) == (1, 1, 0)
    assert CheckIn.objects.get().shooting_number == 1, "no number is lost by the one who was refused"
    collection.refresh_from_db()
    assert collection.status == "taking"
    people[0].status = "accepted"
    save(people[0])
    run(selfmade.take_collection(agency, collection))
    collection.refresh_from_db()
    assert (collection.status, CheckIn.objects.count()) == ("taken", 2)


def test_the_agency_returns_it_and_a_stranger_never_sees_it(world, collection, people):
    officer, agency = world.actor(Role.LEARNING_CENTRE), world.actor(Role.COLLECTION_CENTRE)
    hand_in(world, collection, [row(people[0], 1)], photos(1))
    selfmade.submit_collection(officer, collection, on=today(), whom="王老师")
    selfmade.return_collection(agency, collection, reason="背景不是浅蓝色")
    assert (collection.status, collection.return_reason) == ("open", "背景不是浅蓝色")
    for role in (Role.LEARNING_CENTRE, Role.COLLECTION_CENTRE, Role.REGISTRAR):
        answer = client(world, role, strange=True).get(f"/make-up/self-organised/{collection.pk}/")
        assert answer.status_code == 404
        assert client(world, role).get(f"/make-up/self-organised/{collection.pk}/").status_code == 200
