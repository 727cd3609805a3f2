"""The ledger as DBF in the status layout: told truly or not at all; photographs named as the receiver wants (R52, R171)."""

import csv
import io
import re
import zipfile

import dbfread
import pytest

from fetched import fetched
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.core.models import JobState
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.registration.actions import (
    apply_review,
    approve_at_head_office,
    approve_nationally,
    export_ledger,
    register_without_photo,
)
from gradphoto.apps.registration.correcting import approve_correction, propose_correction
from gradphoto.apps.registration.models import ExportFormat, LedgerEntry
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.actions import expire_case
from gradphoto.engine.roster.layout import CHSI_COLUMNS
from gradphoto.engine.roster.read import read_table
from verification.graduate_world import confirmed_case, jpeg, let_the_day_pass, open_case, run_jobs, staff
from world import build_world

pytestmark = pytest.mark.django_db(transaction=True)
RARE = "𠮷"
"""Outside GBK (U+20BB7), and a real name all the same."""


def register(world, case):
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), case)
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    return approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review)


def export(world, **more):
    made = export_ledger(world.actor(Role.REGISTRAR), world.campaign, file_format=ExportFormat.DBF, **more)
    run_jobs()
    made.refresh_from_db()
    return made


def opened(made, tmp_path) -> tuple[zipfile.ZipFile, dict[str, list[dict]]]:
    package = zipfile.ZipFile(io.BytesIO(fetched(made)))
    package.extractall(tmp_path)
    tables = {
        name: [dict(row) for row in dbfread.DBF(tmp_path / f"{name}.dbf", encoding="gbk")]
        for name in ("with_photo", "without_photo")
    }
    return package, tables


def test_the_columns_are_those_of_the_status_files_and_persons_without_photograph_stand_apart(tmp_path):
    world = build_world()
    register(world, confirmed_case(world, 1))
    late = open_case(world, 2)
    let_the_day_pass(world)
    expire_case(world.actor(Role.REGISTRAR), late)
    register_without_photo(world.actor(Role.REGISTRAR), late.candidate)
    package, tables = opened(export(world), tmp_path)
    person = Candidate.objects.get(student_no="2022000001")
    (row,) = tables["with_photo"]
    assert list(row) == [
        "KSH", "XH", "XM", "XB", "CSRQ", "SFZH", "ZZMM", "MZ", "ZYDM", "ZYMC", "CC", "XZ", "XXXS", "RXRQ", "FY", "XSH",
        "BH", "YJBYRQ",
    ]  # fmt: skip
    assert (row["XH"], row["XM"], row["XB"], row["CSRQ"]) == (person.student_no, person.name, "男", "20040305")
    assert row["SFZH"] == person.id_number.decrypt()
    assert [row["XH"] for row in tables["without_photo"]] == [late.candidate.student_no]
    assert package.read("photos/00001.jpg") == jpeg(1)
    assert "with_photo.dbf 全部为空的列（名册未填）：KSH、" in package.read("README.txt").decode()


STATUS = {
    "candidate_no": "26990101150001", "major_code": "080910T", "study_form": "全日制", "branch_school": "示范分院",
    "expected_graduation": "20260701", "political_status": "共青团员", "ethnic_group": "汉族", "level": "本科",
    "length_of_study": "4",
}  # fmt: skip


def test_every_column_of_the_status_file_is_written_and_read_back_by_the_roster(tmp_path):
    world = build_world()
    cases = [confirmed_case(world, n) for n in (1, 2)]
    Candidate.objects.filter(pk=cases[0].candidate_id).update(**STATUS, entry_date="2022-09-01")
    for case in cases:
        case.refresh_from_db()
        register(world, case)
    package, tables = opened(export(world), tmp_path)
    first, second = tables["with_photo"]
    assert (first["KSH"], first["ZYDM"], first["XXXS"], first["FY"], first["YJBYRQ"]) == (
        "26990101150001", "080910T", "全日制", "示范分院", "20260701",
    )  # fmt: skip
    assert second["KSH"] == ""
    assert "为空的列" not in package.read("README.txt").decode()
    table = read_table(package.read("with_photo.dbf"), "with_photo.dbf")
    person = Candidate.objects.get(pk=cases[0].candidate_id)
    row = table.rows[0].values
    assert {name: row[name] for name in STATUS} == STATUS
    assert (row["student_no"], row["name"], row["entry_date"]) == (person.student_no, person.name, "20220901")
    assert row["id_number"] == person.id_number.decrypt()
    assert set(table.header.columns) == set(CHSI_COLUMNS.values())


def test_the_major_s_column_is_as_wide_as_the_layout_wherever_the_codes_fit(tmp_path):
    world = build_world()
    case = confirmed_case(world, 1)
    Candidate.objects.filter(pk=case.candidate_id).update(major_code="080901")
    case.refresh_from_db()
    register(world, case)
    opened(export(world), tmp_path)
    fields = {field.name: field.length for field in dbfread.DBF(tmp_path / "with_photo.dbf").fields}
    assert (fields["ZYDM"], fields["KSH"]) == (6, 18)


def test_a_character_beyond_gbk_is_told_for_the_person_and_never_replaced(tmp_path):
    world = build_world()
    for case in (confirmed_case(world, 1), confirmed_case(world, 2, name=f"测{RARE}")):
        register(world, case)
    made = export(world)
    package, tables = opened(made, tmp_path)
    assert [row["XH"] for row in tables["with_photo"]] == ["2022000001"]
    assert (made.row_count, made.left_out) == (1, 1)
    issue = made.job.issues.get()
    assert issue.code == "registration.dbf_xm"
    assert RARE in issue.message["zh"]
    assert "U+20BB7" in issue.message["zh"]
    lines = list(csv.reader(io.StringIO(package.read("left_out.csv").decode("utf-8-sig"))))
    assert lines[1][1:4] == ["2022000002", f"测{RARE}", "XM"]
    assert "photos/00002.jpg" in package.namelist()
    assert made.job.state == JobState.DONE


def test_a_text_wider_than_its_column_is_told_and_never_cut(tmp_path):
    world = build_world()
    register(world, confirmed_case(world, 1, major="软" * 26))
    made = export(world)
    assert made.left_out == 1
    assert made.job.issues.get().code == "registration.dbf_zymc"


@pytest.mark.parametrize(
    ("naming", "expected"),
    [("student_no", "2022000001"), ("student_no_name", "2022000001测试乙"), ("ledger_number", "000001")],
)
def test_photographs_are_named_as_the_rule_set_says(naming, expected, tmp_path):
    world = build_world()
    Rule.objects.create(
        rule_set=world.campaign.rule_set,
        key="registration.photo_names",
        value=naming,
        source="测试",
        effective_from="2020-01-01",
    )
    register(world, confirmed_case(world, 1))
    package, _ = opened(export(world), tmp_path)
    assert f"photos/{expected}.jpg" in package.namelist()
    assert not any(LedgerEntry.objects.get().id_number.decrypt() in name for name in package.namelist())


def test_an_unknown_naming_fails_with_what_to_do():
    world = build_world()
    Rule.objects.create(
        rule_set=world.campaign.rule_set,
        key="registration.photo_names",
        value="id_number",
        source="测试",
        effective_from="2020-01-01",
    )
    register(world, confirmed_case(world, 1))
    made = export(world)
    made.job.refresh_from_db()
    assert (made.job.state, made.job.error_code) == (JobState.FAILED, "registration.photo_names")


def test_a_correction_stands_in_place_of_what_it_corrects(tmp_path):
    world = build_world()
    entry = register(world, confirmed_case(world, 1))
    proposal = propose_correction(
        world.actor(Role.REGISTRAR), entry, field="major", entered="软件工程", reason="转专业"
    )
    approve_correction(world.actor(Role.HEAD_OFFICE), proposal)
    package, tables = opened(export(world), tmp_path)
    assert [row["ZYMC"] for row in tables["with_photo"]] == ["软件工程"]
    assert package.read("photos/00001.jpg") == jpeg(1)


def test_the_page_offers_the_format_and_the_file_comes_as_zip():
    world = build_world()
    register(world, confirmed_case(world, 1))
    office = staff(world, Role.REGISTRAR)
    office.post("/registration/ledger/", {"campaign": world.campaign.pk, "file_format": "dbf"})
    run_jobs()
    page = office.get("/registration/ledger/").content.decode()
    answer = office.get(re.search(r"/exports/\d+/file/", page)[0])
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert '.zip"' in answer["Content-Disposition"]
