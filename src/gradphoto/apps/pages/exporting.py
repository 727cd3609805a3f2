"""Lists as files: a short one while the person waits, a long one in the background; every one on record.

``Export`` is the one record of a file in the background, ``pages.export`` the kind of job, or ``pages.long_export`` where
it takes long. A room whose document is more than a list registers its maker (``makes``) and asks for it by
``request_document``: progress, owner, expiry and the page of one's own exports are the same.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import PermissionRefusal, refuse
from gradphoto.apps.core.jobs import JobRun, enqueue, handles
from gradphoto.apps.core.models import Blob, JobState
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.core.reauthentication import require_recent_proof
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.apps.orgs.pages import SignedInRequest
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.pages.asked import FORMAT, LISTINGS, Asked, ListDeclaration
from gradphoto.apps.pages.downloads import disposition
from gradphoto.apps.pages.files import MEDIA_TYPES, reporting, temporary_folder, write_file
from gradphoto.apps.pages.models import Export, FileFormat
from gradphoto.engine.wording import Wording

KEPT = timedelta(days=7)
"""So long a file waits for who asked for it."""
Maker = Callable[[JobRun, Export, Actor, Path], int]
"""Writes the path as ``actor`` may see it and returns the number of rows; rows left out are told in ``left_out``."""
MAKERS: dict[str, Maker] = {}
_READERS: dict[str, str] = {}
_KINDS: dict[str, str] = {}
"""The kind of job of a document that takes long: it holds no short export up."""
_WHOLE_NUMBERS: set[str] = set()
"""Documents that always hold whole ID numbers: taking one home wants a recent proof, as asking for it did."""
_PIECE_BYTES = 1 << 16
_LONG = "pages.long_export"


def makes(
    name: str, *, permission: str, whole_numbers: bool = False, takes_long: bool = False
) -> Callable[[Maker], Maker]:
    """Register the maker of a document that is more than a list: it writes the path and returns the number of rows.

    ``permission``: without it nobody takes the document home, whoever asked for it. ``whole_numbers``: the document
    always holds whole ID numbers. ``takes_long``: it reads what somebody brought for minutes, and waits among the papers, so that no short export stands behind it.
    """

    def register(maker: Maker) -> Maker:
        MAKERS[name] = maker
        _READERS[name] = permission
        if whole_numbers:
            _WHOLE_NUMBERS.add(name)
        if takes_long:
            _KINDS[name] = _LONG
        return maker

    return register


def answer_export(request: SignedInRequest, listing: ListDeclaration, **fixed: object) -> HttpResponseBase:
    """The rows that the address asks for: the file itself, or the page of one's own exports where it is being written.

    A list's page asks by POST. A link (a bookmark, an address in a manual) gives a short list's file at once; where
    work in the background would begin, it shows the button that begins it.
    """
    _require_own_page(request)
    asked = listing.page(request, **fixed)
    asked.require_valid()
    made_as = _format_of(request.GET)
    home = listing.home_of(request.actor)
    if (count := asked.rows.count()) > listing.at_once:
        if request.method != "POST":
            return render(request, "pages/export_start.html", {"listing": asked, "count": count})
        export = request_export(request.actor, home, listing=listing, query=asked.query_to_seal, made_as=made_as)
        return redirect("pages:export", pk=export.pk)
    folder = temporary_folder()
    path = Path(folder.name, "list")
    try:
        export_now(request.actor, home, asked=asked, made_as=made_as, path=path)
        return _FromFolder(folder, path, filename=_name(listing, made_as), content_type=MEDIA_TYPES[made_as])
    except BaseException:
        folder.cleanup()
        raise


def _require_own_page(request: SignedInRequest) -> None:
    """An export leaves a file and an entry: a link on somebody else's page must not do that.

    Every browser of the last years says from where it comes; what says nothing is no browser that was led here.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise refuse(
            "pages.export_from_elsewhere",
            "导出只能在本系统的列表页上进行。",
            "An export is asked for on a page of this site only.",
            "请打开列表页，再点“导出”。",
            "Open the list and export it there.",
        )


class _FromFolder(FileResponse):
    """A file out of a temporary folder, which goes once the answer is through."""

    def __init__(self, folder: tempfile.TemporaryDirectory[str], path: Path, **options: str) -> None:
        self.folder = folder
        super().__init__(path.open("rb"), as_attachment=True, **options)

    def close(self) -> None:
        super().close()
        self.folder.cleanup()


def _format_of(params: QueryDict) -> FileFormat:
    wanted = params.get(FORMAT, "")
    return FileFormat.CSV if wanted == FileFormat.CSV else FileFormat.XLSX


def _name(listing: ListDeclaration, made_as: FileFormat) -> str:
    plain = listing.file_name or listing.name.replace(".", "-")
    return f"{plain}-{timezone.localdate():%Y%m%d}.{made_as}"


def _write(asked: Asked, made_as: FileFormat, path: Path, advance: Callable[[int], None] = lambda done: None) -> int:
    heads = [(say(column.title), column.width) for column in asked.file_columns]
    return write_file(path, made_as, say(asked.title), heads, reporting(asked.file_rows(), advance))


@action("pages.export", permission="desk.open")
def export_now(actor: Actor, organisation: Organisation, *, asked: Asked, made_as: FileFormat, path: Path) -> int:
    """Write a list for who reads it; on record with what it was asked for, never with the words searched."""
    _require_reader(actor, asked.listing)
    _leave(actor, asked)
    count = _write(asked, made_as, path)
    audit.note(listing=asked.name, rows=count, asked=asked.filter.asked, made_as=str(made_as), **_more(asked.listing))
    return count


@action("pages.request_export", permission="desk.open")
def request_export(
    actor: Actor, organisation: Organisation, *, listing: ListDeclaration, query: str, made_as: FileFormat
) -> Export:
    """Have a long list written in the background, as who asks may see it then."""
    _require_reader(actor, listing)
    asked = listing.asked(actor, QueryDict(query))
    asked.require_valid()
    _leave(actor, asked)
    return _queued(actor, organisation, listing.name, listing.title, query, made_as, _name(listing, made_as))


def request_document(
    actor: Actor,
    organisation: Organisation,
    *,
    name: str,
    title: Wording,
    query: str,
    file_name: str,
    file_format: FileFormat = FileFormat.XLSX,
    upload: Blob | None = None,
) -> Export:
    """Have a room's own document made in the background. To be called inside the room's action, which checks who may.

    ``query`` is what its maker reads again (``?campaign=1&season=spring``); ``file_name`` bears its ending; ``upload`` is a
    file that was handed in to be worked off and reported on, and is kept no longer than that takes (``drop_uploads``).
    """
    return _queued(actor, organisation, name, title, query, file_format, file_name, upload)


def exports_of(actor: Actor, name: str) -> QuerySet[Export]:
    """What the actor asked for of one list or document, newest first: for the page it was asked for on."""
    return Export.objects.filter(requested_by=actor.user.pk, listing=name).select_related("job")


def _queued(
    actor: Actor, organisation: Organisation, name: str, title: Wording, query: str, made_as: FileFormat, file_name: str,
    upload: Blob | None = None,
) -> Export:  # fmt: skip
    export = Export.objects.create(
        organisation=organisation,
        requested_by=actor.user,
        listing=name,
        title={"zh": title.zh, "en": title.en},
        query=query,
        file_format=made_as,
        file_name=file_name,
        upload=upload,
        expires_at=timezone.now() + KEPT,
    )
    export.job = enqueue(
        _KINDS.get(name, "pages.export"),
        actor,
        title if upload is not None else Wording(f"导出{title.zh}", f"Export: {title.en}"),
        {"export": export.pk},
        organisation_id=organisation.pk,
        result_url=reverse("pages:export", args=[export.pk]),
    )
    export.save(update_fields=["job"])
    audit.note(export=export.pk, listing=name)
    return export


@handles(_LONG, Queue.BULK)
@handles("pages.export", Queue.QUICK)
def write_export(run: JobRun) -> None:
    """Write the file; run again after a crash it begins anew, unless the file is there."""
    export = Export.objects.select_related("requested_by").get(pk=run.params["export"])
    expire()
    if export.blob_id is not None:
        return
    actor = Actor.of(User.objects.get(pk=export.requested_by_id))
    with temporary_folder() as folder:
        path = Path(folder, "list")
        count = _made(run, export, actor, path)
        media_type = MEDIA_TYPES.get(FileFormat(export.file_format), "application/octet-stream")
        with transaction.atomic():
            export.blob = blobs.put_file(path, media_type)
            export.row_count, export.size_bytes = count, path.stat().st_size
            export.save(update_fields=["blob", "row_count", "left_out", "size_bytes"])
            drop_uploads(Export.objects.filter(pk=export.pk))
            written = {"listing": export.listing, "rows": count, "left_out": export.left_out}
            audit.record(run.actor, "pages.export_written", export, written)


def _made(run: JobRun, export: Export, actor: Actor, path: Path) -> int:
    if maker := MAKERS.get(export.listing):
        return maker(run, export, actor, path)
    listing = LISTINGS[export.listing]
    _require_reader(actor, listing)
    asked = listing.asked(actor, QueryDict(export.query.decrypt()))
    run.start(asked.rows.count())
    count = _write(asked, FileFormat(export.file_format), path, run.advance)
    run.advance(count)
    return count


def _require_reader(actor: Actor, listing: ListDeclaration) -> None:
    _require_held(actor, listing.name, listing.permission)


def _require_held(actor: Actor, name: str, permission: str) -> None:
    if actor.kind is not ActorKind.SYSTEM and not holds(actor.user, permission):
        raise PermissionRefusal(f"listing:{name}")


def _leave(actor: Actor, asked: Asked) -> None:
    if asked.listing.leaving is not None:
        asked.listing.leaving(actor, asked.rows)


def _holds_whole_numbers(actor: Actor, name: str) -> bool:
    listing = LISTINGS.get(name)
    return name in _WHOLE_NUMBERS or bool(
        listing is not None and listing.whole_numbers and holds(actor.user, listing.whole_numbers)
    )


def _more(listing: ListDeclaration) -> dict[str, str]:
    return {"holds": listing.audited_as} if listing.audited_as else {}


@action("pages.fetch_export", permission="desk.open")
def fetch_export(actor: Actor, export: Export) -> None:
    """Who asked for a file takes it home, while still permitted: on record. Raises ``PermissionRefusal``, ``pages.export_expired``, ``pages.export_not_ready``."""
    if actor.kind is ActorKind.USER and export.requested_by_id != actor.user.pk:
        raise PermissionRefusal("pages.fetch_export")
    listing = LISTINGS.get(export.listing)
    permission = listing.permission if listing is not None else _READERS.get(export.listing)
    if permission is not None:  # what was written while the role was held is not taken home after it is gone
        _require_held(actor, export.listing, permission)
    if export.is_expired:
        raise refuse(
            "pages.export_expired",
            "文件已过期删除。",
            "The file has expired.",
            "请在列表页重新导出。",
            "Export it again.",
        )
    if export.blob_id is None:
        raise refuse(
            "pages.export_not_ready", "文件还没有写完。", "The file is not written yet.",
            "请稍候，完成后再下载。", "Wait until it is done.",
        )  # fmt: skip
    if _holds_whole_numbers(actor, export.listing):
        require_recent_proof()
    export.fetched_at = timezone.now()
    export.save(update_fields=["fetched_at"])
    audit.note(listing=export.listing, rows=export.row_count)


def file_answer(export: Export) -> StreamingHttpResponse:
    """The file, streamed; first proven whole, so that a damaged one is a refusal and not half a file."""
    assert export.blob is not None
    stream = blobs.open_proven(export.blob)
    media_type = MEDIA_TYPES.get(FileFormat(export.file_format), "application/octet-stream")
    answer = StreamingHttpResponse(_pieces(stream), content_type=media_type)
    answer.headers["Content-Disposition"] = disposition(export.file_name)
    answer.headers["Content-Length"] = str(export.size_bytes)
    return answer


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        yield from iter(lambda: stream.read(_PIECE_BYTES), b"")


def expire() -> int:
    """Remove the bytes of every file whose day has come, and what was handed in for it, for a cancelled one at once; the
    record stays. Returns how many files."""
    now = timezone.now()
    over = Q(expires_at__lte=now) | Q(job=None) | Q(job__state=JobState.CANCELLED)
    drop_uploads(Export.objects.filter(over))
    gone = list(Export.objects.filter(expires_at__lte=now).exclude(blob=None).values_list("pk", "blob"))
    with transaction.atomic():
        Export.objects.filter(pk__in=[pk for pk, _ in gone]).update(blob=None)
        blobs.forget([name for _, name in gone])
    return len(gone)


def drop_uploads(exports: QuerySet[Export]) -> None:
    """What was handed in for these is kept no longer."""
    with transaction.atomic():
        found = dict(exports.exclude(upload=None).values_list("pk", "upload"))
        Export.objects.filter(pk__in=found).update(upload=None)
        blobs.forget_unnamed(found.values())
