"""The command ``gradphoto``: everything that is not done on a page."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gradphoto import __version__
from gradphoto.cli.audit import audit
from gradphoto.cli.cards import cards
from gradphoto.cli.exit_status import EXIT_CANNOT, EXIT_FOUND
from gradphoto.cli.installation import open_installation
from gradphoto.cli.keys import keys
from gradphoto.cli.notices import notices
from gradphoto.cli.package import package
from gradphoto.cli.retention import retention
from gradphoto.cli.totals import totals
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


class SpeakingGroup(click.Group):
    """Prints a refusal as its sentence and remedy instead of a traceback; so, too, a database that cannot be reached."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except GradPhotoError as error:
            self._say(error)
        except Exception as error:
            if not _is_database_away(error):
                raise
            self._say(_database_away(error))
        sys.exit(EXIT_CANNOT)

    def _say(self, error: GradPhotoError) -> None:
        click.secho(f"{error.message.zh}\n{error.message.en}", fg="red", err=True)
        click.echo(f"→ {error.remedy.zh}\n→ {error.remedy.en}  [{error.code}]", err=True)


def _is_database_away(error: Exception) -> bool:
    """Whether Django could not reach its database; most commands never load Django."""
    known = sys.modules.get("django.db.utils")
    return known is not None and isinstance(error, known.OperationalError | known.InterfaceError)


def _database_away(error: Exception) -> GradPhotoError:
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    return GradPhotoError(
        "database.away",
        Wording(f"数据库无法使用：{said}", f"The database cannot be used: {said}"),
        Wording(
            "请检查数据库是否在运行、GRADPHOTO_DATABASE 的主机、库名、用户和口令是否正确，再运行一次。",
            "See that it runs and that host, name, user and password in GRADPHOTO_DATABASE are right, and run "
            "this again.",
        ),
    )


@click.group(cls=SpeakingGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """GradPhoto 毕业生图像采集与校对平台: from the roster to the registered certificate photograph."""


_PORT = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
_HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Listen there; 0.0.0.0: on every address.")
_READABLE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_TLS_CERT = click.option("--tls-cert", type=_READABLE, help="Certificate chain (PEM), for a site without a proxy.")
_TLS_KEY = click.option("--tls-key", type=_READABLE, help="Its private key (PEM, PKCS#8).")


@main.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    envvar="GRADPHOTO_DATA",
    show_envvar=True,
    help="Data directory; one that is not empty and no demo is never touched.",
)
@_PORT
@click.option("--no-serve", is_flag=True, help="Stop after the journey instead of serving the site.")
def demo(data: Path, port: int, no_serve: bool) -> None:
    """Walk one class from roster to ledger on made-up data, then serve the site. Starts from nothing each time."""
    from gradphoto.cli.demo import run_demo
    from gradphoto.cli.listening import Listening

    sys.exit(run_demo(data, Listening(port=port), serve=not no_serve))


@main.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/training"),
    show_default=True,
    help="Data directory of the training; one that is not empty and no training is never touched.",
)
@_PORT
@click.option("--pace", default=12.0, show_default=True, help="Seconds between two people of the simulated room.")
@click.option("--no-serve", is_flag=True, help="Only make it.")
@click.option("--wipe", is_flag=True, help="Remove the training with everything in it.")
@click.option("--simulate", is_flag=True, hidden=True)
def training(data: Path, port: int, pace: float, no_serve: bool, wipe: bool, simulate: bool) -> None:
    """A made-up school marked 演练 on every page and paper, its room with a simulated reader and camera."""
    from gradphoto.cli import training_mode as work
    from gradphoto.cli.listening import Listening

    if simulate:
        work.simulate(pace)
    elif wipe:
        work.wipe(data)
    else:
        sys.exit(work.run_training(data, Listening(port=port), serve=not no_serve, pace_s=pace, crew_only=False))


@main.command()
@click.option("--name", help="The organisation at the root: a school, a collection centre, a province.")
@click.option(
    "--kind",
    type=click.Choice(["school", "collection_centre", "agency", "province", "national_centre"]),
    default="school",
    show_default=True,
)
@click.option("--code", default="", help="Its official code, such as the five figures of a school.")
@click.option("--admin", default="admin", show_default=True, help="The administrator's user name.")
@click.option("--display-name", default="系统管理员", show_default=True)
@click.option("--new-password", metavar="USERNAME", help="Only give this administrator a new password.")
def setup(name: str | None, kind: str, code: str, admin: str, display_name: str, new_password: str | None) -> None:
    """Begin an installation: its first organisation and administrator. The password is shown once."""
    from gradphoto.cli import setting_up

    if new_password:
        setting_up.new_password(new_password)
    elif name:
        setting_up.set_up(name, kind, code, admin, display_name)
    else:
        raise click.UsageError("--name or --new-password is needed")


@main.command()
@_HOST
@_PORT
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Server processes.")
@click.option("--no-worker", is_flag=True, help="Do not start the background worker beside the server.")
@_TLS_CERT
@_TLS_KEY
def serve(host: str, port: int, workers: int, no_worker: bool, tls_cert: Path | None, tls_key: Path | None) -> None:
    """Serve the site with its background worker, until Ctrl+C or SIGTERM. docs/deploy.md: behind a proxy, with TLS."""
    from gradphoto.cli.listening import Listening
    from gradphoto.cli.server import serve_site

    sys.exit(serve_site(Listening(host, port, tls_cert, tls_key), workers, with_worker=not no_worker))


@main.command("web-process", hidden=True)
@_HOST
@_PORT
@click.option("--workers", type=int, default=2)
@_TLS_CERT
@_TLS_KEY
def web_process(host: str, port: int, workers: int, tls_cert: Path | None, tls_key: Path | None) -> None:
    """The server's own process; ``serve`` starts it."""
    from gradphoto.cli.web_process import run_server

    run_server(host, port, workers, tls_cert, tls_key)


@main.command()
@click.option("--behind", is_flag=True, hidden=True)
@click.option("--with-parent", is_flag=True, hidden=True)
@click.option("--queues", default="quick,bulk,pictures", show_default=True, help="Take jobs of these queues only.")
def worker(behind: bool, with_parent: bool, queues: str) -> None:
    """Run a background worker with its sweeper (``serve`` starts two by itself). docs/scale.md: which queues where."""
    from gradphoto.apps.core.queues import read
    from gradphoto.cli.supervision import end_with_parent

    try:
        taken = read(queues)
    except ValueError as error:
        raise click.BadParameter(f"{queues}: quick, bulk, pictures", param_hint="--queues") from error
    if not taken:
        raise click.BadParameter("quick, bulk, pictures", param_hint="--queues")

    if with_parent:
        end_with_parent(0)  # jobs are taken up again by whoever lives
    open_installation()
    from gradphoto.cli.server import run_worker, step_back

    if behind:
        step_back()
    run_worker(taken)


@main.command("fonts")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def font_coverage(files: tuple[Path, ...]) -> None:
    """How much of GB 18030-2022 the fonts of the papers draw: alone, and one behind the other."""
    from gradphoto.engine.documents import fonts

    click.echo("\t".join(["", *(f"{block.name} (level {block.level})" for block in fonts.GB18030_BLOCKS)]))
    paths = [fonts.first_file(), *fonts.fallback_files(), *files]
    for title, group in [*((path.name, [path]) for path in paths), *([("together", paths)] if len(paths) > 1 else [])]:
        found = fonts.coverage(*group)
        cells = (f"{found[block]}/{block.last - block.first + 1}" for block in fonts.GB18030_BLOCKS)
        click.echo("\t".join([title, *cells]))


@main.command()
def migrate() -> None:
    """Bring the database to this version's schema; of several at once one works and the others wait."""
    from gradphoto.cli.server import prepare

    prepare()
    click.echo("数据库已是最新 the database is up to date")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:
    """Look at settings, database, storage, workers, keys, disk, certificate... Exit status 1 when something is ill."""
    open_installation()
    from gradphoto.cli.doctor import report

    sys.exit(0 if report(as_json=as_json) else EXIT_FOUND)


_PASSPHRASE_FILE = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the passphrase of the keys from this file instead of asking.",
)


@main.command()
@click.argument("destination", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--keys", type=click.Path(dir_okay=False, path_type=Path), help="Seal the keys into this file, elsewhere."
)
@_PASSPHRASE_FILE
@click.option("--keep", type=click.IntRange(1, 1000), help="Keep so many snapshots and remove older ones.")
def backup(destination: Path, keys: Path | None, passphrase_file: Path | None, keep: int | None) -> None:
    """Add a snapshot of the whole installation to DESTINATION, while it serves. Exit status 1 when a file was missing."""
    passphrase = _passphrase(passphrase_file, confirm=True) if keys else None
    open_installation()
    from gradphoto.cli.backing_up import back_up

    sys.exit(0 if back_up(destination, keys, passphrase, keep) else EXIT_FOUND)


@main.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--keys", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The sealed keys of the backup."
)
@_PASSPHRASE_FILE
@click.option(
    "--verify/--no-verify", default=True, show_default=True, help="Prove chains, rows, files and keys afterwards."
)
def restore(source: Path, keys: Path | None, passphrase_file: Path | None, verify: bool) -> None:
    """Fill the empty GRADPHOTO_DATA (and GRADPHOTO_DATABASE) from a backup SOURCE. Exit status 1 when it is not proven."""
    from gradphoto.cli import restoring

    passphrase = _passphrase(passphrase_file, confirm=False) if keys else None
    sys.exit(0 if restoring.restore(source, keys, passphrase, verify=verify) else EXIT_FOUND)


def _passphrase(file: Path | None, *, confirm: bool) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    return str(click.prompt("密钥口令 passphrase of the keys", hide_input=True, confirmation_prompt=confirm))


@main.command("config")
@click.option("--markdown", is_flag=True, help="Print docs/configuration.md.")
def config(markdown: bool) -> None:
    """The settings in force, secrets hidden; a wrong one is refused by name."""
    from gradphoto.cli import configuration

    if markdown:
        click.echo(configuration.as_markdown(), nl=False)
    else:
        configuration.print_settings()


@main.group()
def roster() -> None:
    """Roster files."""


@roster.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the marked-up xlsx here.")
@click.option(
    "--fix",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Make the safe fixes and write the marked-up xlsx here.",
)
@click.option(
    "--admissions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compare the key fields with these admissions data.",
)
@click.option("--sheet", help="The sheet to read, if not the one with the best heading.")
@click.option("--leave-hidden", is_flag=True, help="Leave out rows that are hidden or filtered out in FILE.")
@click.option("--leave-struck", is_flag=True, help="Leave out rows that are struck through in FILE.")
@click.option("--class-of", "class_of", type=int, help="Graduation year: entry dates are checked against it.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--test-region", "test_regions", multiple=True, help="Region code to accept as made-up (demo data).")
def roster_check(
    file: Path,
    out: Path | None,
    fix: Path | None,
    admissions: Path | None,
    sheet: str | None,
    leave_hidden: bool,
    leave_struck: bool,
    class_of: int | None,
    as_json: bool,
    test_regions: tuple[str, ...],
) -> None:
    """Check a roster FILE (xlsx, xls, csv, dbf) without any server.

    Exit status 0: nothing to mend; 1: a row must be mended or differs from the admissions data; 2: the file cannot be
    read. FILE itself is never changed.
    """
    from gradphoto.cli.roster_check import Asked, check_roster

    asked = Asked(file, out, fix, admissions, sheet, class_of, as_json, test_regions, leave_hidden, leave_struck)
    sys.exit(EXIT_FOUND if check_roster(asked) else 0)


main.add_command(cards)


main.add_command(audit)
main.add_command(keys)
main.add_command(notices)
main.add_command(package)
main.add_command(retention)
main.add_command(totals)


from gradphoto.cli.models import models  # noqa: E402  the group above must exist first
from gradphoto.cli.portrait import portrait  # noqa: E402
from gradphoto.cli.station import station  # noqa: E402

main.add_command(models)
main.add_command(portrait)
main.add_command(station)
