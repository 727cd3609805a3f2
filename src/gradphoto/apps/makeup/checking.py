"""The check of a self-organised hand-in against itself (R152) and against the roster, row by row."""

from __future__ import annotations

import contextlib
import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import PHOTO_PROFILE
from gradphoto.apps.capture.models import Assessment, CheckIn, FrameStatus
from gradphoto.apps.core import blobs
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.makeup.models import SelfCollection, SelfPhoto, SelfRow
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.persons import at_the_camera, records_of
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.packet.one_to_one import Fault, HandedRow, match, read_handed_table
from gradphoto.engine.packet.summary import HEADINGS
from gradphoto.engine.portrait.finished import FileFacts, file_findings, is_finished
from gradphoto.engine.portrait.jpeg_header import JpegHeader, read_jpeg_header
from gradphoto.engine.portrait.same_picture import Signature, groups_of_copies, signature
from gradphoto.engine.standards.names import same
from gradphoto.engine.standards.profiles import PhotoProfile, load_profile
from gradphoto.engine.wording import Wording
from gradphoto.engine.workbooks import open_workbook

Report = Callable[[int, int], None]
_SEXES_ZH = {"male": "男", "female": "女"}


def check(collection: SelfCollection, report: Report) -> None:
    """Write every row's and every file's faults; a second run puts the same in their place.

    The rows change in one transaction at the end, so that a cancelled check leaves the one before.
    """
    assert collection.summary is not None, "checked by the action"
    handed = read_handed_table(blobs.read(collection.summary))
    photos = {photo.file_name: photo for photo in collection.photos.select_related("blob")}
    found = match(handed, list(photos))
    file_faults = {name: list(faults) for name, faults in found.file_faults.items()}
    twins = _twins(photos.values())
    profile = load_profile(value_of(collection.campaign, PHOTO_PROFILE))
    for done, (name, photo) in enumerate(photos.items(), start=1):
        faults, notes = _of_file(photo, twins, profile)
        file_faults.setdefault(name, []).extend(faults)
        photo.notes = [_pair(note) for note in notes]
        report(done, 0)
    rows = {row.line: row for row in collection.rows.all()}
    people = Counter[str](blind_index(row.texts[4]) for row in handed)
    for done, row in enumerate(handed, start=1):
        stored = rows[row.line]
        candidate, faults = _of_row(collection, row, people)
        stored.candidate = candidate
        stored.photo = photos.get(found.files.get(row.line, ""))
        stored.faults = [_pair(fault) for fault in (*found.row_faults.get(row.line, ()), *faults)]
        report(len(photos) + done, 0)
    for name, photo in photos.items():
        photo.faults = [_pair(fault) for fault in file_faults.get(name, [])]
    with transaction.atomic():
        SelfRow.objects.bulk_update(rows.values(), ["candidate", "photo", "faults"], batch_size=500)
        SelfPhoto.objects.bulk_update(photos.values(), ["faults", "notes"], batch_size=500)
        SelfCollection.objects.filter(pk=collection.pk).update(checked_at=timezone.now())


def _twins(photos: Iterable[SelfPhoto]) -> dict[str, set[str]]:
    """Of each file the others that show the same exposure, saved alike or in another quality or size."""
    by_blob: dict[str, list[str]] = {}
    signatures: dict[str, Signature] = {}
    for photo in photos:
        by_blob.setdefault(photo.blob_id, []).append(photo.file_name)
        if photo.blob_id not in signatures:
            with contextlib.suppress(GradPhotoError):  # what is no picture has its own fault
                signatures[photo.blob_id] = signature(blobs.read(photo.blob))
    groups = [{name for blob in group for name in by_blob[blob]} for group in groups_of_copies(signatures)]
    groups += [set(names) for names in by_blob.values()]
    return {
        name: set().union(*(group for group in groups if name in group)) - {name} for group in groups for name in group
    }


def _of_file(photo: SelfPhoto, twins: Mapping[str, set[str]], profile: PhotoProfile) -> tuple[list[Fault], list[Fault]]:
    """What stops the hand-in, and what is only told: the rules for finished files, where it came finished."""
    faults, notes = [], []
    try:
        data = blobs.read(photo.blob)
        header = read_jpeg_header(data)
        if not header.complete:
            faults.append(_DAMAGED)
        elif is_finished(header, profile):
            found = file_findings(FileFacts.of(data, header), profile)
            notes += [Fault(one.code, one.sentence, one.advice) for one in found]
        elif header.width < profile.width_px or header.height < profile.height_px:
            faults.append(_too_small(header, profile))
    except GradPhotoError as error:
        faults.append(Fault(error.code, error.message, error.remedy))
    if others := sorted(twins.get(photo.file_name, ())):
        faults.append(_same_picture(others))
    return faults, notes


def _too_small(header: JpegHeader, profile: PhotoProfile) -> Fault:
    """An older campaign's finished picture (144x192), for instance: it would have to be enlarged."""
    has, asked = f"{header.width}×{header.height}", f"{profile.width_px}×{profile.height_px}"
    return _fault(
        "picture_too_small",
        f"照片只有 {has} 像素，本批次要求 {asked}，不允许放大。",
        f"The picture has {has} pixels; this campaign asks for {asked}, and nothing is enlarged.",
        "请上传相机原图，或按本批次标准重新制作。",
        "Upload the camera's original, or make it again by this campaign's standard.",
    )


def verdicts_of(rows: Iterable[SelfRow]) -> dict[int, Assessment]:
    """Row by row what the engine says of the pictures that were taken over."""
    found = {row.check_in_id: row.pk for row in rows if row.check_in_id is not None}
    present = Assessment.objects.filter(
        current=True, frame__status=FrameStatus.ACCEPTED, frame__check_in__in=list(found)
    ).select_related("frame")
    return {found[one.frame.check_in_id]: one for one in present if one.frame.check_in_id is not None}


def _of_row(collection: SelfCollection, row: HandedRow, people: Counter[str]) -> tuple[Candidate | None, list[Fault]]:
    id_number = row.texts[4]
    index = blind_index(id_number)
    mine = Candidate.objects.filter(
        campaign=collection.campaign_id, department__path__startswith=collection.organisation.path
    )
    candidate = at_the_camera(mine.select_related("department"), index) if id_number else None
    if candidate is None:
        return None, [_NOT_LISTED]
    faults = []
    if people[index] > 1:
        faults.append(_PERSON_TWICE)
    if wrong := _different_columns(collection, candidate, row.texts):
        faults.append(_differs(wrong))
    school_code = row.texts[10]
    if collection.campaign.school.code and school_code != collection.campaign.school.code:
        faults.append(_SCHOOL_CODE)
    if candidate.status not in APPROVED:
        faults.append(_NOT_APPROVED)
    others = (
        CheckIn.objects.filter(candidate__in=records_of(candidate).order_by())
        .exclude(status="cancelled")
        .exclude(session=collection.session_id or 0)
    )
    if others.exists():
        faults.append(_PHOTOGRAPHED)
    return candidate, faults


def _different_columns(
    collection: SelfCollection, person: Candidate, texts: Sequence[str]
) -> list[tuple[str, str, str]]:
    """The columns of R52 in which the table does not say what roster and school say: heading, said, known.

    What the roster leaves empty is not compared. Number and files are held against each other apart; the ID number is
    how the person was found; the school code has a fault of its own.
    """
    school = collection.campaign.school
    known = (
        "", person.name, person.student_no, _SEXES_ZH[person.sex], "", person.major, person.degree_category,
        person.school_kind, person.department.code, school.name, "",
    )  # fmt: skip
    return [
        (heading, said, right)
        for column, (heading, said, right) in enumerate(zip(HEADINGS, texts, known, strict=True))
        if right and not (same(right, said) if column == 1 else _plain(right) == _plain(said))
    ]


def _plain(text: str) -> str:
    """Without what only typing makes different: width of brackets and letters, spaces."""
    return unicodedata.normalize("NFKC", text).replace(" ", "").upper()


def report_workbook(collection: SelfCollection) -> bytes:
    """The per-row report as xlsx: rows with number in the house and faults, then the files. No ID number."""
    out = io.BytesIO()
    workbook = open_workbook(out)
    bold = workbook.add_format({"bold": True, "border": 1, "bg_color": "#E8F1F9"})
    red = workbook.add_format({"font_color": "#9C1C1C", "text_wrap": True})
    rows = workbook.add_worksheet("汇总表核对")
    for column, heading in enumerate(
        ("行", "拍摄序号", "姓名", "学号", "照片", "采集序号", "结果", "处理办法", "照片判定")
    ):
        rows.write_string(0, column, heading, bold)
    handed = list(collection.rows.select_related("photo", "check_in"))
    verdicts = verdicts_of(handed)
    for line, row in enumerate(handed, start=1):
        texts = (
            str(row.line), "" if row.number is None else str(row.number), row.name, row.student_no,
            row.photo.file_name if row.photo else "", row.check_in.number_label if row.check_in else "",
            "；".join(fault["zh"] for fault in row.faults) or ("已接收" if row.check_in else "无误"),
            "；".join(fault["remedy_zh"] for fault in row.faults), _verdict(verdicts.get(row.pk)),
        )  # fmt: skip
        for column, text in enumerate(texts):
            rows.write_string(line, column, text, red if row.faults and column in (6, 7) else None)
    files = workbook.add_worksheet("照片核对")
    for column, heading in enumerate(("文件", "结果", "处理办法", "成品提示")):
        files.write_string(0, column, heading, bold)
    for line, photo in enumerate(collection.photos.all(), start=1):
        files.write_string(line, 0, photo.file_name)
        files.write_string(line, 1, "；".join(fault["zh"] for fault in photo.faults) or "无误")
        files.write_string(line, 2, "；".join(fault["remedy_zh"] for fault in photo.faults))
        files.write_string(line, 3, "；".join(note["zh"] for note in photo.notes))
    for sheet in (rows, files):
        sheet.set_column(0, 5, 13)
        sheet.set_column(6, 8, 42)
        sheet.freeze_panes(1, 0)
    workbook.close()
    return out.getvalue()


def _verdict(found: Assessment | None) -> str:
    if found is None:
        return ""
    if found.outcome == "pass":
        return "通过"
    label = "不合格，待人工复核" if found.outcome == "fail" else "待人工复核"
    return label + "：" + "；".join(finding["sentence"]["zh"] + finding["advice"]["zh"] for finding in found.findings)


def _pair(fault: Fault) -> dict[str, str]:
    return {
        "code": fault.code, "zh": fault.message.zh, "en": fault.message.en,
        "remedy_zh": fault.remedy.zh, "remedy_en": fault.remedy.en,
    }  # fmt: skip


def _fault(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Fault:
    return Fault(f"makeup.{code}", Wording(zh, en), Wording(remedy_zh, remedy_en))


_DAMAGED = _fault("file_damaged", "照片文件不完整。", "The file is not whole.",
                  "请从相机重新拷贝后上传。", "Copy it from the camera again.")  # fmt: skip


def _same_picture(others: Sequence[str]) -> Fault:
    names = "、".join(others)
    return _fault("same_picture_twice", f"同一张照片用了两个序号：与 {names} 相同。", f"The same picture stands under two numbers: {names.replace('、', ', ')}.",
                  "请核对各是谁的照片，换上本人的照片。", "See whose picture it is, and put each person's own in its place.")  # fmt: skip


_NOT_LISTED = _fault("not_listed", "本中心核准名册中没有这个身份证号码。", "No row of this centre's roster has this ID number.",
                     "请核对身份证号码，或先把此人加入名册。", "Check the ID number, or add the person first.")  # fmt: skip
_PERSON_TWICE = _fault("person_twice", "同一身份证号码出现多次。", "The ID number stands in several rows.",
                       "请删除重复的行和照片。", "Delete the repeated row and its file.")  # fmt: skip


def _differs(columns: Sequence[tuple[str, str, str]]) -> Fault:
    zh = "；".join(f"{heading}：汇总表“{said or '空'}”，名册“{known}”" for heading, said, known in columns)
    en = "; ".join(
        f"{heading}: “{said or 'empty'}” in the table, “{known}” in the roster" for heading, said, known in columns
    )
    return _fault("data_differ", f"与名册不一致：{zh}。", f"Differs from the roster: {en}.",
                  "请对照名册改正汇总表；名册有误走更正程序。", "Correct the table by the roster, or have the roster corrected.")  # fmt: skip


_SCHOOL_CODE = _fault("school_code", "院校代码不是本校的。", "The school code is another school's.",
                      "请改正院校代码。", "Correct the school code.")  # fmt: skip
_NOT_APPROVED = _fault("row_not_approved", "此人的信息尚未核准。", "The person's row is not accepted yet.",
                       "请先完成名册核对签字。", "Finish the signatures in the roster.")  # fmt: skip
_PHOTOGRAPHED = _fault("photographed_already", "此人已经拍摄。", "The person is photographed already.",
                       "请删除该行；需要重拍请在照片复核中提出。", "Delete the row; ask for a retake in the review.")  # fmt: skip
