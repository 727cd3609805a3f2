"""Background work of self-organised collection: unpack, check, take over. What is done already is skipped."""

from __future__ import annotations

import uuid

from django.db import transaction

from gradphoto.apps.capture.models import Identification
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.models import Blob
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.core.uploads import files_of_archive
from gradphoto.apps.makeup import selfmade
from gradphoto.apps.makeup.checking import check
from gradphoto.apps.makeup.models import SelfCollection, SelfRow, SelfStatus
from gradphoto.apps.makeup.photographs import take_in
from gradphoto.apps.orgs.models import User
from gradphoto.engine.errors import GradPhotoError

_COLLECTIONS = SelfCollection.objects.select_related(
    "campaign__school", "campaign__rule_set", "organisation", "summary", "session"
)
_MOST_BYTES_A_FILE = 40 * 1024 * 1024
_MOST_FILES = 20_000
_NONCES = uuid.UUID("6c1f4c3e-58c1-4b69-9f5c-3b0a52e2d7a1")


@handles("makeup.unpack", Queue.BULK)
def unpack(run: JobRun) -> None:
    """File by file as the person who uploaded them; a file that cannot be used is told, the others go on."""
    collection = _COLLECTIONS.get(pk=run.params["collection"])
    actor = _asker(run)
    data = blobs.read(Blob.objects.get(pk=run.params["blob"]))
    files = files_of_archive(data, most_files=_MOST_FILES, most_file_bytes=_MOST_BYTES_A_FILE)
    run.start(files.count)
    failed = 0
    for done, (name, content) in enumerate(files, start=1):
        try:
            if isinstance(content, GradPhotoError):
                raise content
            if name.lower().endswith((".xlsx", ".xls")):
                selfmade.set_summary(actor, collection, data=content, file_name=name)
            else:
                selfmade.add_photo(actor, collection, file_name=name, data=content)
        except GradPhotoError as error:
            run.issue(selfmade.clean_name(name), error)
            failed += 1
        run.advance(done, failed)


@handles("makeup.check", Queue.PICTURES)
def run_check(run: JobRun) -> None:
    """R152 and the roster."""
    collection = _COLLECTIONS.get(pk=run.params["collection"])
    run.start(collection.photos.count() + collection.rows.count())
    check(collection, run.advance)


@handles("makeup.take", Queue.BULK)
def take(run: JobRun) -> None:
    """Person by person, each in one transaction: check-in, frame, verdict, or nothing of it and an issue."""
    collection = _COLLECTIONS.get(pk=run.params["collection"])
    if collection.status != SelfStatus.TAKING:
        return
    todo = list(collection.rows.filter(check_in=None).values_list("pk", flat=True))
    reviewer = _asker(run)
    run.start(len(todo))
    failed = 0
    for done, pk in enumerate(todo, start=1):
        try:
            _take_row(reviewer, collection, pk)
        except GradPhotoError as error:
            row = SelfRow.objects.get(pk=pk)
            run.issue(f"{row.number} {row.student_no}", error)
            failed += 1
        run.advance(done, failed)
    if not collection.rows.filter(check_in=None).exists():
        selfmade.finish_collection(run.actor, collection)


def _take_row(reviewer: Actor, collection: SelfCollection, pk: int) -> None:
    with transaction.atomic():
        row = SelfRow.objects.select_for_update(of=("self",)).select_related("photo__blob", "candidate").get(pk=pk)
        if row.check_in_id is not None:
            return
        assert collection.session is not None, "made when the agency took it over"
        if row.photo is None or row.candidate is None:
            raise invalid("makeup.row_not_checked", "该行核对后已变化。", "The row has changed since the check.",
                          "请退回后重新核对。", "Return it and check again.")  # fmt: skip
        row.check_in = take_in(
            reviewer, collection.session, row.candidate, method=Identification.SELF_ORGANISED,
            nonce=uuid.uuid5(_NONCES, str(row.pk)), data=blobs.read(row.photo.blob), file_name=row.photo.file_name,
            words="学习中心自行采集",
        )  # fmt: skip
        row.save(update_fields=["check_in"])


def _asker(run: JobRun) -> Actor:
    """The person who asked, with the roles they hold now."""
    user = run.params.get("user")
    return Actor.of(User.objects.get(pk=user)) if user is not None else run.actor
