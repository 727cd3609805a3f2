"""Self-organised collection (R148-R152): contact first, upload, check, hand in; the agency takes it over or returns it."""

from __future__ import annotations

import re
from datetime import date

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.actions import close_session
from gradphoto.apps.capture.models import Identification
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse, stated_reason, within
from gradphoto.apps.core.models import Job
from gradphoto.apps.makeup.lifecycle import COLLECTION
from gradphoto.apps.makeup.models import SelfCollection, SelfPhoto, SelfRow, SelfStatus
from gradphoto.apps.makeup.photographs import require_allowed
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.pages.downloads import XLSX
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.packet.one_to_one import read_handed_table
from gradphoto.engine.wording import Wording

_MOST_FILES = 20_000
_LIKE_AN_ID_NUMBER = re.compile(r"\d{14,17}[\dXx]")


@action("makeup.open_collection", permission="makeup.collect", within=("organisation",))
def open_collection(actor: Actor, campaign: Campaign, *, organisation: Organisation, title: str) -> SelfCollection:
    """Begin a self-organised collection of a unit. Raises ``makeup.collection_title``."""
    title = within(title, 120, field="title")
    inside = organisation.path.startswith(campaign.school.path)
    taken = SelfCollection.objects.filter(campaign=campaign, organisation=organisation, title=title).exists()
    if not title or taken or not inside:
        raise invalid(
            "makeup.collection_title",
            "请填写名称，且不与已有的重复；单位须属于本校。",
            "Give a title that is not in use, for a unit of this school.",
            "例如“2026年10月 江城学习中心”。",
            "For example: Jiangcheng learning centre, October 2026.",
        )
    made = SelfCollection.objects.create(
        campaign=campaign, organisation=organisation, title=title, made_by=str(actor.user or actor.label)[:150]
    )
    audit.note(collection=made.pk)
    return made


@action("makeup.confirm_contact", permission="makeup.collect", lifecycle=COLLECTION)
def confirm_contact(actor: Actor, collection: SelfCollection, *, on: date, whom: str) -> None:
    """Before the work: the agency was asked on this day, as its policy may have changed (R150)."""
    collection.contacted_on, collection.contacted_whom = _asked(on, whom)
    collection.save(update_fields=["contacted_on", "contacted_whom"])
    audit.note(contacted_on=on.isoformat())


def _asked(on: date, whom: str) -> tuple[date, str]:
    if on > timezone.localdate() or not whom.strip():
        raise invalid(
            "makeup.contact",
            "请填写与图片社联系的日期（不晚于今天）和对方联系人。",
            "Give the day you asked the agency (not later than today) and whom.",
            "先电话联系，再填写。",
            "Telephone first, then fill it in.",
        )
    return on, within(whom, 80, field="whom")


@action("makeup.add_photo", permission="makeup.collect")
def add_photo(actor: Actor, collection: SelfCollection, *, file_name: str, data: bytes) -> bool:
    """Keep one file; returns whether it is new. The same bytes under the same name change nothing, so an interrupted
    upload simply starts again. Other bytes under a known name take its place.

    Raises ``makeup.collection_closed`` or ``makeup.not_a_jpeg``.
    """
    _require_open(collection)
    if _LIKE_AN_ID_NUMBER.search(file_name):
        raise invalid(
            "makeup.id_number_in_name",
            "文件名中含有身份证号码，未保存。",
            "The file's name holds an ID number; it was not kept.",
            "请以拍摄序号命名，如 7.jpg。",
            "Name it by its shooting number, like 7.jpg.",
        )
    name = clean_name(file_name)
    if not data.startswith(b"\xff\xd8\xff") or not name:
        raise invalid(
            "makeup.not_a_jpeg",
            f"{name or '文件'} 不是 JPEG 照片。",
            f"{name or 'The file'} is no JPEG.",
            "照片须存为 JPG 格式，以拍摄序号命名。",
            "Photographs are JPG files named by their number.",
        )
    blob = blobs.put_photograph(data)
    known = collection.photos.filter(file_name=name).first()
    if known is not None and known.blob_id == blob.pk:
        return False
    if known is None and collection.photos.count() >= _MOST_FILES:
        raise refuse("makeup.too_many_files", f"一次最多提交 {_MOST_FILES} 张照片。", f"A hand-in takes at most {_MOST_FILES} files.",
                     "请分成几次提交。", "Send it in parts.")  # fmt: skip
    SelfPhoto.objects.update_or_create(
        collection=collection, file_name=name, defaults={"blob": blob, "faults": [], "notes": []}
    )
    _changed(collection)
    audit.note(sha256=blob.name)
    return True


def clean_name(file_name: str) -> str:
    """A file's bare name as it may be stored and told: without folders, ID numbers masked."""
    bare = file_name.replace("\\", "/").rsplit("/", 1)[-1].strip()
    return _LIKE_AN_ID_NUMBER.sub("***", bare)[:120]


@action("makeup.drop_photo", permission="makeup.collect")
def drop_photo(actor: Actor, collection: SelfCollection, *, photo: SelfPhoto) -> None:
    """Take one file out again."""
    _require_open(collection)
    collection.rows.filter(photo=photo).update(photo=None)
    collection.photos.filter(pk=photo.pk).delete()
    _changed(collection)


@action("makeup.set_summary", permission="makeup.collect")
def set_summary(actor: Actor, collection: SelfCollection, *, data: bytes, file_name: str) -> int:
    """Put the summary table (R52) in; it replaces the one before. Returns the number of rows.

    Raises ``packet.table_unreadable``, ``packet.table_columns``, ``makeup.table_empty``.
    """
    _require_open(collection)
    rows = read_handed_table(data)
    if not rows:
        raise invalid("makeup.table_empty", "汇总表没有数据行。", "The table has no rows.",
                      "请填写后再上传。", "Fill it in first.")  # fmt: skip
    collection.rows.all().delete()
    SelfRow.objects.bulk_create(
        [
            SelfRow(
                collection=collection, line=row.line, number=row.number, name=row.texts[1][:80],
                student_no=row.texts[2][:40], id_number=row.texts[4] or "—",
            )
            for row in rows
        ],
        batch_size=500,
    )  # fmt: skip
    collection.summary, collection.summary_name = blobs.put(data, XLSX), clean_name(file_name)
    collection.save(update_fields=["summary", "summary_name"])
    _changed(collection)
    audit.note(rows=len(rows))
    return len(rows)


@action("makeup.add_archive", permission="makeup.collect")
def add_archive(actor: Actor, collection: SelfCollection, *, data: bytes) -> Job:
    """A zip of photographs (and perhaps the table), unpacked in the background; what is known already is skipped."""
    _require_open(collection)
    blob = blobs.put(data, "application/zip")
    title = Wording(f"解包照片 {collection.title}", f"Unpack photographs: {collection.title}")
    params = {"collection": collection.pk, "blob": blob.pk, "user": getattr(actor.user, "pk", None)}
    return _started(collection, "makeup.unpack", actor, title, params)


@action("makeup.check_collection", permission="makeup.check_collection")
def check_collection(actor: Actor, collection: SelfCollection) -> Job:
    """Hold table, files and roster against each other in the background (R152); every fault lands in its row."""
    if collection.summary_id is None:
        raise refuse("makeup.no_table", "还没有上传汇总表。", "The summary table is missing.",
                     "请先上传汇总表。", "Upload it first.")  # fmt: skip
    title = Wording(f"核对 {collection.title}", f"Check: {collection.title}")
    return _started(collection, "makeup.check", actor, title, {"collection": collection.pk})


@action("makeup.submit_collection", permission="makeup.collect", lifecycle=COLLECTION)
def submit_collection(actor: Actor, collection: SelfCollection, *, on: date, whom: str) -> None:
    """Hand in: the agency was asked again before sending (R150), and everything is one to one (R152)."""
    if collection.checked_at is None or collection.rows.count() == 0:
        raise refuse("makeup.not_checked", "上传之后还没有核对。", "It was not checked since the last upload.",
                     "请先核对。", "Check it first.")  # fmt: skip
    bad = collection.rows.exclude(faults=[]).count() + collection.photos.exclude(faults=[]).count()
    if bad:
        raise refuse(
            "makeup.not_one_to_one",
            f"还有 {bad} 处问题，不能提交。",
            f"{bad} things are still wrong.",
            "请按核对报告逐行改正后重新核对。",
            "Correct them by the report and check again.",
        )
    collection.sending_agreed_on, collection.sending_agreed_whom = _asked(on, whom)
    collection.return_reason = ""
    collection.save(update_fields=["sending_agreed_on", "sending_agreed_whom", "return_reason"])
    audit.note(rows=collection.rows.count(), agreed_on=on.isoformat())


@action("makeup.return_collection", permission="makeup.take_collection", lifecycle=COLLECTION)
def return_collection(actor: Actor, collection: SelfCollection, *, reason: str) -> None:
    """The agency sends it back to be corrected."""
    collection.return_reason = stated_reason(reason, "makeup.reason_missing")
    collection.save(update_fields=["return_reason"])
    audit.note(reason=collection.return_reason)


@action("makeup.withdraw_collection", permission="makeup.collect", lifecycle=COLLECTION)
def withdraw_collection(actor: Actor, collection: SelfCollection, *, reason: str) -> None:
    """Given up before the agency took it; the files stay as evidence."""
    collection.return_reason = stated_reason(reason, "makeup.reason_missing")
    collection.save(update_fields=["return_reason"])
    audit.note(reason=collection.return_reason)


@action("makeup.take_collection", permission="makeup.take_collection", lifecycle=COLLECTION)
def take_collection(actor: Actor, collection: SelfCollection) -> Job:
    """The agency takes it over in the background, person by person; asked again, it goes on where it stopped."""
    require_allowed(collection.campaign, Identification.SELF_ORGANISED)
    if collection.session is None:
        collection.session, _ = CaptureSession.objects.get_or_create(
            campaign=collection.campaign,
            date=timezone.localdate(),
            place=f"自行采集 {collection.organisation.name} #{collection.pk}"[:120],
            defaults={"status": SessionStatus.OPEN},
        )
        collection.save(update_fields=["session"])
    title = Wording(f"接收 {collection.title}", f"Take over: {collection.title}")
    params = {"collection": collection.pk, "user": getattr(actor.user, "pk", None)}
    return _started(collection, "makeup.take", actor, title, params)


@action("makeup.finish_collection", permission="makeup.take_collection", lifecycle=COLLECTION)
def finish_collection(actor: Actor, collection: SelfCollection, *, reason: str = "") -> None:
    """All persons are taken over; or, with the reason, the rest stays out. Raises ``makeup.reason_missing``."""
    left = collection.rows.filter(check_in=None).count()
    if left:
        collection.return_reason = stated_reason(reason, "makeup.reason_missing")
        collection.save(update_fields=["return_reason"])
    if collection.session is not None and collection.session.status == SessionStatus.OPEN:
        close_session(Actor.system("makeup"), collection.session)
    audit.note(left_out=left)


def known_files(collection: SelfCollection) -> dict[str, str]:
    """SHA-256 by file name of what is uploaded already: what a resumed upload may skip."""
    return dict(collection.photos.values_list("file_name", "blob_id"))


def _require_open(collection: SelfCollection) -> None:
    if collection.status != SelfStatus.OPEN:
        raise refuse(
            "makeup.collection_closed",
            "现在不能改动：尚未确认联系，或已经提交。",
            "It cannot be changed now: contact is not confirmed yet, or it is handed in.",
            "请先确认已与图片社联系；已提交的请图片社退回后再改。",
            "Confirm the contact first; what is handed in must be returned first.",
        )


def _changed(collection: SelfCollection) -> None:
    collection.checked_at = None
    collection.save(update_fields=["checked_at"])


def _started(collection: SelfCollection, kind: str, actor: Actor, title: Wording, params: dict[str, object]) -> Job:
    if collection.job is not None and not collection.job.is_over:
        raise refuse("makeup.job_runs", "上一个任务还在进行。", "The job before is still running.",
                     "请等待完成或先取消。", "Wait for it, or cancel it.")  # fmt: skip
    unit = collection.campaign.centre_id if kind == "makeup.take" else collection.organisation_id
    collection.job = jobs.enqueue(kind, actor, title, params, organisation_id=unit)
    collection.save(update_fields=["job"])
    audit.note(job=str(collection.job.pk))
    return collection.job
