"""``gradphoto training``: a school of made-up people marked 演练 everywhere, its room with a simulated reader and camera.

Everything lies in one data directory that bears a mark; no other directory is ever touched, and one command removes it.
"""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

import click

from gradphoto.cli import server
from gradphoto.cli.demo import refuse_other_places
from gradphoto.cli.listening import Listening, hold_port
from gradphoto.cli.supervision import Part, end_at_once_when_told
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

MARK = ".gradphoto-training"
"""Settings read it: pages and papers of such a directory say 演练."""
_PASSWORD = "training-password.txt"  # noqa: S105 - the name of a file; the people in it do not exist


def run_training(data: Path, where: Listening, *, serve: bool, pace_s: float, crew_only: bool) -> int:
    """Make the training once, then serve it with its simulated room. Returns the exit status.

    Raises ``training.not_here`` for a directory that holds anything else.
    """
    end_at_once_when_told()
    refuse_other_places()
    if serve:
        hold_port(where).close()
    is_new = _claim(data)
    os.environ["GRADPHOTO_DATA"] = str(data.resolve())
    os.environ.setdefault("GRADPHOTO_LOG", str(data.resolve() / "gradphoto.log"))
    os.environ.setdefault("GRADPHOTO_SITE_URL", where.own_address)
    server.prepare()
    if is_new:
        _make(data)
    _tell(data, where, crew_only=crew_only)
    if not serve:
        return 0
    room = Part("模拟采集 the simulated room", ["training", "--simulate", "--pace", str(pace_s)])
    return server.serve_site(where, 1, with_worker=True, beside=[room], for_others=False)


def wipe(data: Path) -> None:
    """Remove a training with everything in it. Raises ``training.not_here``."""
    if data.exists() and not (data / MARK).exists():
        raise _not_here(data)
    if data.exists():
        shutil.rmtree(data)
    click.secho(f"已清除演练 the training is gone: {data}", fg="green")


def simulate(pace_s: float) -> None:
    """The reader and the camera of the training's room, until the process ends."""
    server.prepare()
    from gradphoto.demo.training_room import run_room

    run_room(pace_s, click.echo)


def _claim(data: Path) -> bool:
    """Whether the directory is new; one with something else in it is refused."""
    if data.exists() and any(data.iterdir()):
        if not (data / MARK).exists():
            raise _not_here(data)
        return not (data / _PASSWORD).exists()
    data.mkdir(parents=True, exist_ok=True)
    (data / MARK).touch()
    return True


def _not_here(data: Path) -> GradPhotoError:
    return GradPhotoError(
        "training.not_here",
        Wording(f"{data} 不是演练目录，未作改动。", f"{data} is no training directory; nothing was done."),
        Wording("请用 --data 指定一个新的目录。", "Name a new directory with --data."),
    )


def _make(data: Path) -> None:
    """People, rules, an approved roster and a session of today, by the same steps as the demo; nothing is shot yet."""
    from gradphoto.apps.core import jobs
    from gradphoto.apps.core.models import Job
    from gradphoto.demo.journey import Journey

    def finish(job: Job) -> None:
        jobs.run(job.pk)

    password = secrets.token_urlsafe(8)
    journey = Journey(password, click.echo, finish)
    for step in (journey.set_up, journey.import_roster, journey.check_roster, journey.plan):
        step()
    (data / _PASSWORD).write_text(password, encoding="utf-8")


def _tell(data: Path, where: Listening, *, crew_only: bool) -> None:
    from gradphoto.apps.orgs.models import Membership, Role

    password = (data / _PASSWORD).read_text(encoding="utf-8")
    click.secho(f"\n演练 training  {where.own_address}/   密码 password: {password}", bold=True)
    crew = (Role.PHOTOGRAPHER, Role.SITE_STAFF)
    for held in Membership.objects.select_related("user", "organisation").order_by("pk"):
        if not crew_only or held.role in crew:
            click.echo(f"  {held.user.username:<13} {Role(held.role).label}  {held.organisation.name}")
    click.echo(
        f"采集室 the room: {where.own_address}/capture/  （摄影师“开始场次”后，模拟读卡器和相机自动工作 "
        "the simulated reader and camera work once the photographer opens the session）"
    )
    click.echo(f"清除 to wipe: {server.as_typed()} training --data {data} --wipe\n")
