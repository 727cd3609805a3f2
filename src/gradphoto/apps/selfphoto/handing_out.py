"""Links for many: as slips to print and cut, as a workbook, or by message; each is issued where it is written, never kept.

The workbook is written by a job, and the job issues the links: they are in that one file, encrypted, for who asked, seven
days (``pages.exporting``). A message counts as sent only where a carrier took it (R203).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils import timezone

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.core.jobs import JobRun, enqueue, handles
from gradphoto.apps.core.models import Job
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.exporting import makes, request_document
from gradphoto.apps.pages.files import write_file
from gradphoto.apps.pages.models import Export, FileFormat
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.selfphoto.links import issue_links
from gradphoto.apps.selfphoto.notices import tell_link
from gradphoto.engine.wording import Wording

LINKS = "selfphoto.links"
MOST_SLIPS = 300
"""So many slips are made while somebody waits; more go into a workbook."""
_TITLE = Wording("自助拍摄链接", "Links to photograph oneself")
_HEADS = (
    (Wording("学号", "Student no."), 16), (Wording("姓名", "Name"), 12), (Wording("院系", "Department"), 24),
    (Wording("班级", "Class"), 16), (Wording("链接", "Link"), 60), (Wording("链接码", "Code"), 24),
    (Wording("有效至", "Valid until"), 18), (Wording("未发原因", "Why there is none"), 40),
)  # fmt: skip


class How(TextChoices):
    """In what form the links are handed out."""

    SLIPS = "slips", bi("打印链接单", "Slips to print")
    FILE = "file", bi("导出链接表（xlsx）", "A workbook of links")
    MESSAGE = "message", bi("发消息给本人", "A message to each")


@action("selfphoto.request_links", permission="selfphoto.issue")
def request_links(actor: Actor, organisation: Organisation, *, people: Iterable[int]) -> Export:
    """A workbook of fresh links for these people, written in the background."""
    query = QueryDict(mutable=True)
    query.setlist("person", [str(pk) for pk in people])
    require_some(query.getlist("person"))
    name = f"self-photo-links-{timezone.localdate():%Y%m%d}.xlsx"
    return request_document(actor, organisation, name=LINKS, title=_TITLE, query=query.urlencode(), file_name=name)


@makes(LINKS, permission="selfphoto.issue")
def write_links(run: JobRun, export: Export, actor: Actor, path: Path) -> int:
    """Issue the links and write them; who cannot have one stands there with the reason."""
    people = _people(actor, QueryDict(export.query.decrypt()).getlist("person"))
    run.start(len(people))
    lines: list[list[object]] = []
    issued, left_out = issue_links(actor, people)
    for one in issued:
        person = one.link.portrait.candidate
        lines.append([*_facts(person), one.address, one.spaced, one.link.expires_at, None])
    for person, why in left_out:
        lines.append([*_facts(person), None, None, None, say(why.message)])
        run.issue(person.student_no, why)
    export.left_out = len(left_out)
    heads = [(say(title), width) for title, width in _HEADS]
    write_file(path, FileFormat.XLSX, say(_TITLE), heads, lines)  # type: ignore[arg-type]
    run.advance(len(people), len(left_out))
    return len(issued)


@action("selfphoto.request_messages", permission="selfphoto.issue")
def request_messages(actor: Actor, organisation: Organisation, *, people: Iterable[int]) -> Job:
    """A fresh link to each of these people, by the carriers of every notice, in the background."""
    chosen = list(people)
    require_some(chosen)
    title = Wording(f"发送自助拍摄链接（{len(chosen)} 人）", f"Links to photograph oneself ({len(chosen)})")
    job = enqueue(
        "selfphoto.send_links", actor, title, {"people": chosen, "user": actor.user.pk}, organisation_id=organisation.pk
    )
    audit.note(job=str(job.pk), people=len(chosen))
    return job


@handles("selfphoto.send_links", Queue.BULK)
def send_links(run: JobRun) -> None:
    """One after the other; who was told by this very job already is not told twice after a crash."""
    actor = Actor.of(User.objects.get(pk=run.params["user"]))
    people = _people(actor, run.params["people"])
    run.start(len(people))
    failed = 0
    for done, person in enumerate(people, start=1):
        error = tell_link(actor, person, key=f"self-photo-link-{run.job.pk}-{person.pk}")
        if error is not None:
            run.issue(person.student_no, error)
            failed += 1
        run.advance(done, failed)


def _people(actor: Actor, keys: Iterable[object]) -> list[Candidate]:
    wanted = {int(str(key)) for key in keys}
    found = changeable(actor, Candidate, "selfphoto.issue").filter(pk__in=wanted)
    people = found.select_related("campaign__school", "campaign__rule_set", "department")
    return list(people.order_by("department__path", "class_name", "student_no"))


def _facts(person: Candidate) -> list[object]:
    return [person.student_no, person.name, person.department.name, person.class_name]


def require_some(people: object) -> None:
    """Raises ``selfphoto.nobody`` where nobody is chosen."""
    if not people:
        raise refuse(
            "selfphoto.nobody",
            "没有选中任何人。",
            "Nobody was chosen.",
            "请先勾选，或选择“符合条件的全部”。",
            "Tick people first, or choose all that fit.",
        )
