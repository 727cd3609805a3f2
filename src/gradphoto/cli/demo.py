"""``gradphoto demo``: the journey with visible progress, then the site with its sign-ins."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from pathlib import Path

import click

from gradphoto.cli import server
from gradphoto.cli.listening import Listening, hold_port
from gradphoto.cli.supervision import end_at_once_when_told
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_MARK = ".gradphoto-demo"


def run_demo(data: Path, where: Listening, *, serve: bool) -> int:
    """Start from an empty data directory, walk the journey, print the sign-ins, serve. Returns the exit status."""
    end_at_once_when_told()
    refuse_other_places()
    if serve:
        hold_port(where).close()  # to learn now, and not after the journey, that it is taken
    _empty(data)
    os.environ["GRADPHOTO_DATA"] = str(data.resolve())
    os.environ.setdefault("GRADPHOTO_LOG", str(data.resolve() / "gradphoto.log"))
    os.environ.setdefault("GRADPHOTO_SITE_URL", where.own_address)
    server.prepare()

    from gradphoto.apps.core.models import Job, JobState
    from gradphoto.demo.journey import Journey

    def finish(job: Job) -> None:
        shown = -1
        while True:
            job.refresh_from_db()
            if job.percent != shown and not job.is_over:
                shown = job.percent
                click.echo(f"    {job.title['zh']} {shown}%", nl=True)
            if job.is_over:
                break
            time.sleep(0.3)
        if job.state != JobState.DONE:
            raise click.ClickException(f"{job.kind}: {job.state} {job.error_code}")

    password = secrets.token_urlsafe(8)
    worker = server.start_worker()
    try:
        journey = Journey(password, click.echo, finish)
        journey.run()
    finally:
        server.stop(worker)
    _print_sign_ins(password)
    _print_papers()
    click.echo(f"以后再打开 to open it again: GRADPHOTO_DATA={data} {server.as_typed()} serve --port {where.port}\n")
    return server.serve_site(where, 2, with_worker=True) if serve else 0


def refuse_other_places() -> None:
    """A demo is a directory that may be deleted: settings that put people's records elsewhere are refused, not ignored."""
    from gradphoto.site.environment import DATABASE, KEYS, S3_BUCKET

    for one in (DATABASE, S3_BUCKET, KEYS):
        if one.read():
            raise GradPhotoError(
                "demo.not_here",
                Wording(f"已设置 {one.name}，演示不会用它。", f"{one.name} is set; the demo does not use it."),
                Wording("请在没有这项设置的环境中运行演示。", "Run the demo without that setting."),
            )


def _empty(data: Path) -> None:
    """Remove an earlier demo; a directory that is not one is never touched."""
    if data.exists() and any(data.iterdir()):
        if not (data / _MARK).exists():
            raise click.ClickException(
                f"{data} 不是演示目录，未作改动。 {data} is not a demo directory; nothing was done."
            )
        shutil.rmtree(data)
    data.mkdir(parents=True, exist_ok=True)
    (data / _MARK).touch()


def _print_sign_ins(password: str) -> None:
    from gradphoto.apps.core.addresses import site_address
    from gradphoto.apps.delivery.queries import card_data
    from gradphoto.apps.orgs.models import Membership, Role
    from gradphoto.apps.verification.models import VerificationCase

    click.secho(f"\n工作人员登录 staff sign-in  {site_address('/')}   密码 password: {password}", bold=True)
    for membership in Membership.objects.select_related("user", "organisation").order_by("pk"):
        click.echo(f"  {membership.user.username:<13} {Role(membership.role).label}  {membership.organisation.name}")
    case = VerificationCase.objects.filter(status="open").select_related("candidate").first()
    if case is not None:
        card = card_data(case.candidate)
        click.secho(f"\n毕业生校对 graduate's phone  {site_address('/verify/')}", bold=True)
        click.echo(f"  院校代码 {card.school_code}  学号 {card.student_no}  姓名 {card.name}  校对码 {card.code}\n")


def _print_papers() -> None:
    """Where the papers of one class are, open to everybody, and the pages of the money."""
    from django.urls import reverse

    from gradphoto.apps.core.addresses import site_address
    from gradphoto.apps.schedule import papers
    from gradphoto.apps.schedule.models import Slot

    slot = Slot.objects.select_related("department").order_by("starts_at").first()
    if slot is None:
        return
    click.secho(f"班级文件 papers of a class  {slot.department.name} {slot.class_name}", bold=True)
    token = papers.token_of(slot)
    for name, title in (
        ("class", "班级时间 time"),
        ("class_leaflet", "毕业生须知 leaflet"),
        ("class_leaflet_pdf", "毕业生须知 PDF"),
        ("class_flow", "流程图 flow chart"),
        ("class_flow_pdf", "流程图 PDF"),
    ):
        click.echo(f"  {title:<18} {site_address(reverse(f'schedule:{name}', args=[token]))}")
    for name, title in (
        ("schedule:papers", "须知和值勤表 papers (signed in)"),
        ("schedule:group_photos", "集体合影 group photographs"),
        ("fees:list", "缴费 fees"),
    ):
        click.echo(f"  {title:<18} {site_address(reverse(name))}")
    click.echo()
