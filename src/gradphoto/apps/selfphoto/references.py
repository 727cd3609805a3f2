"""Photographs on file for many people at once: a zip of files that bear student or candidate numbers as names.

A job reads the archive file by file (docs/uploads.md), keeps what is somebody's without a doubt and lets the rest be: the
report is a workbook for who asked, with a row for every file and what became of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from django.http import QueryDict
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.verdicts import let_verdicts_go_first
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse, shortened, within
from gradphoto.apps.core.jobs import JobRun
from gradphoto.apps.core.uploads import files_of_archive
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.exporting import makes, request_document
from gradphoto.apps.pages.files import write_file
from gradphoto.apps.pages.models import Export, FileFormat
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.selfphoto.comparing import faces_on, is_compared, keep_reference
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.standards.identity import IdNumberError, parse_id_number
from gradphoto.engine.wording import Wording

REFERENCES = "selfphoto.references"
MOST_FILES, MOST_FILE_BYTES = 20_000, 10 * 1024 * 1024
_JPEG = b"\xff\xd8\xff"
_ID_NUMBER_LENGTH = 18
_LIKE_AN_ID_NUMBER = re.compile(r"\d{14,17}[\dXx]")
_BETWEEN = re.compile(r"[\s_\-—–·.,，、()（）\[\]【】]+")
_TITLE = Wording("留存照片登记结果", "Photographs on file: what became of each")
_HEADS = (
    (Wording("文件", "File"), 32), (Wording("学号", "Student no."), 16), (Wording("姓名", "Name"), 12),
    (Wording("结果", "Result"), 14), (Wording("说明", "Note"), 60),
)  # fmt: skip


class Fate(StrEnum):
    """What became of a file."""

    TAKEN = "taken"
    UNKNOWN = "unknown"
    DOUBTFUL = "doubtful"
    NO_FACE = "no_face"
    REFUSED = "refused"


_FATES = {
    Fate.TAKEN: Wording("已登记", "Entered"),
    Fate.UNKNOWN: Wording("查无此人", "Nobody's"),
    Fate.DOUBTFUL: Wording("存疑", "Doubtful"),
    Fate.NO_FACE: Wording("没有人脸", "No face"),
    Fate.REFUSED: Wording("未存入", "Not entered"),
}


@dataclass(slots=True)
class Row:
    """A file of the archive: whose it is, what became of it and why."""

    file: str
    person: Candidate | None
    fate: Fate
    note: Wording

    def cells(self) -> list[object]:
        """For the workbook."""
        who = (self.person.student_no, self.person.name) if self.person else (None, None)
        return [self.file, *who, say(_FATES[self.fate]), say(self.note)]


@action("selfphoto.request_references", permission="selfphoto.issue")
def request_references(
    actor: Actor, organisation: Organisation, *, campaign: Campaign, data: bytes, origin: str
) -> Export:
    """Read the zip in the background; only people whom the actor may change get a photograph.

    Raises ``selfphoto.no_comparison`` where no rule of the campaign compares with photographs on file.
    """
    if not is_compared(campaign):
        raise refuse(
            "selfphoto.no_comparison",
            "规则集没有开启照片比对，不登记比对照片。",
            "The rule set compares no photographs; none is kept to compare with.",
            "确有依据的，请先在规则集中开启比对并注明来源。",
            "Where there is a ground for it, turn it on in the rule set first, with its source.",
            field="campaign",
        )
    query = QueryDict(mutable=True)
    query.update({"campaign": str(campaign.pk), "origin": within(origin, 80, field="origin").strip()})
    audit.note(campaign=campaign.pk, origin=query["origin"])
    name = f"photographs-on-file-{timezone.localdate():%Y%m%d}.xlsx"
    return request_document(
        actor, organisation, name=REFERENCES, title=_TITLE, query=query.urlencode(), file_name=name,
        upload=blobs.put(data, "application/zip"),
    )  # fmt: skip


@makes(REFERENCES, permission="selfphoto.issue", takes_long=True)
def write_references(run: JobRun, export: Export, actor: Actor, path: Path) -> int:
    """Take the files in, one after the other, and write what became of each. Begun again it takes the same ones; cancelled it
    leaves the issues so far. Raises ``selfphoto.archive_gone`` where the archive is kept no longer."""
    if export.upload is None:
        raise refuse(
            "selfphoto.archive_gone",
            "压缩包已删除，不能继续。",
            "The archive is kept no longer.",
            "请重新上传；已登记的照片不受影响。",
            "Upload it again; what was entered stays.",
        )
    asked = QueryDict(export.query.decrypt())
    people = changeable(actor, Candidate, "selfphoto.issue").filter(campaign=int(asked["campaign"]))
    taking = Taking(actor, people.select_related("campaign__rule_set", "department"), asked["origin"])
    archive = files_of_archive(blobs.read(export.upload), most_files=MOST_FILES, most_file_bytes=MOST_FILE_BYTES)
    run.start(archive.count)
    rows: list[Row] = []
    for name, content in archive:
        let_verdicts_go_first()
        rows.append(row := taking.take(name, content))
        if row.fate is not Fate.TAKEN:
            run.issue(row.file, GradPhotoError(f"selfphoto.file_{row.fate}", _FATES[row.fate], row.note))
        run.advance(len(rows), sum(row.fate is not Fate.TAKEN for row in rows))
    export.left_out = sum(row.fate is not Fate.TAKEN for row in rows)
    heads = [(say(title), width) for title, width in _HEADS]
    write_file(path, FileFormat.XLSX, say(_TITLE), heads, (row.cells() for row in rows))  # type: ignore[misc]
    return len(rows)


class Taking:
    """One archive on its way into the register."""

    def __init__(
        self,
        actor: Actor,
        people: Iterable[Candidate],
        origin: str,
        faces: Callable[[bytes], int] = faces_on,
    ) -> None:
        self._actor, self._origin, self._faces = actor, origin, faces
        self._people = {one.pk: one for one in people}
        self._by_number: dict[str, set[int]] = {}
        for one in self._people.values():
            owner = one.same_person_id if one.same_person_id in self._people else one.pk
            for number in filter(None, (one.student_no, one.candidate_no)):
                self._by_number.setdefault(plain(number), set()).add(owner)
        self._taken: dict[int, Row] = {}

    def take(self, name: str, content: bytes | GradPhotoError) -> Row:
        """Keep the file as its person's photograph, or say why not."""
        masked = _LIKE_AN_ID_NUMBER.sub(lambda found: found[0] if self._is_a_number(found[0]) else "***", name)
        shown = shortened(masked, 120)
        if masked != name:
            return Row(shown, None, Fate.REFUSED, _ID_NUMBER)
        found = self._whose(PurePosixPath(name).stem)
        if not isinstance(found, Candidate):
            return Row(shown, None, *found)
        if isinstance(content, GradPhotoError):
            return Row(shown, found, Fate.REFUSED, _both(content))
        if not content.startswith(_JPEG):
            return Row(shown, found, Fate.REFUSED, _NO_JPEG)
        if (before := self._taken.get(found.pk)) is not None:
            before.note = Wording(
                f"另有文件 {shown}，请核对用哪一张。", f"There is {shown} as well: see which one it is."
            )
            return Row(shown, found, Fate.DOUBTFUL, Wording(
                f"此人已登记文件 {before.file}，本文件未采用。", f"{before.file} was entered for this person; not this one."
            ))  # fmt: skip
        return self._keep(Row(shown, found, Fate.TAKEN, Wording("", "")), found, content)

    def _is_a_number(self, digits: str) -> bool:
        """Whether as many figures as an ID number has are somebody's candidate number: postgraduates' have fifteen."""
        return plain(digits) in self._by_number and not _is_id_number(plain(digits))

    def _keep(self, row: Row, person: Candidate, data: bytes) -> Row:
        try:
            if (number := self._faces(data)) != 1:
                row.fate, row.note = (Fate.DOUBTFUL, _FACES) if number else (Fate.NO_FACE, _NO_FACE)
                return row
            keep_reference(self._actor, person, data=data, origin=self._origin, is_proven=True)
        except GradPhotoError as error:
            row.fate, row.note = Fate.REFUSED, _both(error)
            return row
        self._taken[person.pk] = row
        return row

    def _whose(self, stem: str) -> Candidate | tuple[Fate, Wording]:
        """By the whole name, else by its parts: exactly one person's number, and no other name beside it."""
        whole = plain(stem)
        parts = [whole] if whole in self._by_number else [one for one in _BETWEEN.split(whole) if one]
        owners: set[int] = set().union(*(self._by_number.get(part, set()) for part in parts))
        if not owners:
            return Fate.UNKNOWN, _NOBODY
        if len(owners) > 1:
            return Fate.DOUBTFUL, _SEVERAL
        person = self._people[owners.pop()]
        named = [part for part in parts if part not in self._by_number and re.fullmatch(r"[\u3400-\u9fff·]{2,}", part)]
        if any(part != plain(person.name) for part in named):
            return Fate.DOUBTFUL, Wording(
                f"文件名中的姓名与 {person.student_no} 的姓名不符。",
                f"The name in the file's name is not that of {person.student_no}.",
            )
        return person


def plain(number: str) -> str:
    """A number or name as people type it: full-width letters, spaces around and case say nothing."""
    return unicodedata.normalize("NFKC", number).strip().casefold()


def _is_id_number(digits: str) -> bool:
    """Of eighteen, by birth date and check digit; a number of fifteen says nothing of itself."""
    try:
        return len(digits) == _ID_NUMBER_LENGTH and bool(parse_id_number(digits))
    except IdNumberError:
        return False


def _both(error: GradPhotoError) -> Wording:
    return Wording(f"{error.message.zh}{error.remedy.zh}", f"{error.message.en} {error.remedy.en}")


_NOBODY = Wording(
    "本批次（您管理的范围内）没有这个学号或考生号。请以学号或考生号命名文件。",
    "Nobody of this campaign whom you may change has this number. Name files by student or candidate number.",
)
_SEVERAL = Wording("文件名中的号码分属不同的人。", "The numbers in the file's name are of different people.")
_ID_NUMBER = Wording("文件名中含有身份证号码，未保存。请改用学号或考生号。", "The name holds an ID number; not kept. Use the student or candidate number.")  # fmt: skip
_NO_JPEG = Wording("不是 JPEG 照片。请存为 JPG 后重新打包。", "No JPEG. Save it as JPG and pack it again.")
_NO_FACE = Wording("照片里没有找到人脸。请换一张。", "No face was found. Use another picture.")
_FACES = Wording("照片里不止一张脸。请裁成单人照。", "More than one face. Use a picture of the person alone.")
