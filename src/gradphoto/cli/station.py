"""``gradphoto station``: a kit goes out to a room without network, packets come back."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gradphoto.cli.exit_status import EXIT_FOUND
from gradphoto.cli.supervision import end_with_parent

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_DATA = click.Path(file_okay=False, path_type=Path)


@click.group()
def station() -> None:
    """The capture station (采集站): kits, packets, and the site in the room."""


@station.command("key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def station_key(file: Path) -> None:
    """Make the laptop's own keys in FILE, to receive and to sign; send FILE's .pub.pem to the centre, keep FILE."""
    from gradphoto.engine.packet.box import fingerprint, load_or_create_laptop

    box, signing = load_or_create_laptop(file)
    click.echo(f"{file.with_suffix('.pub.pem')}  指纹 fingerprint {fingerprint(box.public_key())}")
    if signing is not None:
        click.echo(f"  签名 signing {fingerprint(signing.public_key())}")


@station.command("kit")
@click.argument("campaign", type=int)
@click.option("--station", "code", required=True, help="The station's code, e.g. A1.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Write the kit here.")
@click.option("--for", "public_key", type=_FILE, help="The laptop's public key (station key).")
@click.option("--passphrase-file", type=_FILE, help="Read the passphrase from this file instead of asking.")
@click.option("--session", "sessions", type=int, multiple=True, help="A session; repeatable. Default: all not closed.")
@click.option("--user", "users", multiple=True, help="Who may sign in; repeatable. Default: photographers, checkers.")
@click.option("--numbers", type=click.IntRange(1, 50_000), help="How many shooting numbers the station may give.")
@click.option("--days", type=click.IntRange(1, 90), help="Valid for so many days.")
@click.option(
    "--chair",
    "chairs",
    type=click.IntRange(1, 20),
    multiple=True,
    help="A chair of the room that this laptop works; repeatable. Default: all.",
)
def station_kit(
    campaign: int,
    code: str,
    out: Path,
    public_key: Path | None,
    passphrase_file: Path | None,
    sessions: tuple[int, ...],
    users: tuple[str, ...],
    numbers: int | None,
    days: int | None,
    chairs: tuple[int, ...],
) -> None:
    """At the centre: make the kit of a station for CAMPAIGN (its number). The PINs are shown once."""
    passphrase = None
    if public_key is None or passphrase_file is not None:
        passphrase = _passphrase(passphrase_file, confirm=True)
    from gradphoto.cli.station_work import write_kit

    write_kit(campaign, code, out, public_key, passphrase, sessions, users, numbers, days, chairs)


@station.command("open")
@click.argument("kit", type=_FILE)
@click.option("--data", type=_DATA, required=True, help="An empty directory: it becomes the station.")
@click.option("--key", type=_FILE, help="The laptop's own key instead of a passphrase.")
@click.option("--passphrase-file", type=_FILE, help="Read the passphrase from this file instead of asking.")
@click.option("--trust", type=_FILE, help="The centre's public signing key (PEM); else compare the fingerprint.")
def station_open(kit: Path, data: Path, key: Path | None, passphrase_file: Path | None, trust: Path | None) -> None:
    """On the laptop: open KIT into an empty data directory. Needs no network."""
    passphrase = None if key and not passphrase_file else _passphrase(passphrase_file, confirm=False)
    from gradphoto.cli.station_opening import open_kit

    open_kit(kit, data, key, passphrase, trust)


@station.command("serve")
@click.option("--data", type=_DATA, help="The station's data directory (default: GRADPHOTO_DATA or ./var).")
@click.option("--port", default=8000, show_default=True)
@click.option("--reader", help="Card reader: a port (COM3, /dev/ttyUSB0), or auto to look for it.")
@click.option("--frames", type=_FOLDER, help="The folder the camera program writes to.")
@click.option("--scanner", help="Serial code scanner: a port, or auto for a USB port that is not the reader's.")
@click.option("--camera", is_flag=True, help="Tethered cameras (gphoto2; not on Windows).")
@click.option(
    "--chair",
    "chairs",
    multiple=True,
    metavar="N:DEVICE=VALUE,...",
    help="Devices of a further chair on this laptop: 2:reader=COM4,frames=D:\\two (reader, frames, scanner); repeatable.",
)
def station_serve(
    data: Path | None,
    port: int,
    reader: str | None,
    frames: Path | None,
    scanner: str | None,
    camera: bool,
    chairs: tuple[str, ...],
) -> None:
    """Serve the room's pages on 127.0.0.1, with the devices of its chairs."""
    from gradphoto.cli.station_chairs import Devices, read_chairs

    further = read_chairs(chairs)
    _station_mode(data)
    from gradphoto.cli.station_work import serve_station

    first = Devices(None, reader, frames, scanner, with_cameras=camera)
    status = serve_station(port, [first, *further])
    sys.exit(status)


@station.command("training")
@click.option("--data", type=_DATA, default=Path("var/training"), show_default=True, help="Where the training lies.")
@click.option("--port", default=8000, show_default=True)
@click.option("--pace", default=12.0, show_default=True, help="Seconds between two people.")
@click.option("--wipe", is_flag=True, help="Remove the training with everything in it.")
def station_training(data: Path, port: int, pace: float, wipe: bool) -> None:
    """Learn the room at home: made-up people come one by one, with a simulated reader and camera."""
    from gradphoto.cli import training_mode
    from gradphoto.cli.listening import Listening

    if wipe:
        training_mode.wipe(data)
    else:
        sys.exit(training_mode.run_training(data, Listening(port=port), serve=True, pace_s=pace, crew_only=True))


@station.command("devices", hidden=True)
@click.option("--reader")
@click.option("--frames", type=_FOLDER)
@click.option("--scanner")
@click.option("--camera", is_flag=True)
@click.option("--chair", type=click.IntRange(1, 20))
@click.option("--with-parent", is_flag=True)
def station_devices(
    reader: str | None, frames: Path | None, scanner: str | None, camera: bool, chair: int | None, with_parent: bool
) -> None:
    """The devices' own process; ``serve`` starts it."""
    if with_parent:
        end_with_parent(5)
    _station_mode(None)
    from gradphoto.cli.station_devices import run_devices

    run_devices(reader, frames, scanner, with_cameras=camera, chair=chair)


@station.command("packet")
@click.option("--to", "folder", type=_FOLDER, required=True, help="The stick, or any folder.")
@click.option("--data", type=_DATA, help="The station's data directory (default: GRADPHOTO_DATA or ./var).")
@click.option("--again", is_flag=True, help="Everything once more, because a stick was lost.")
@click.option("--despite", default="", help="Why the centre is to settle what is in doubt in the pairing.")
def station_packet(folder: Path, data: Path | None, again: bool, despite: str) -> None:
    """On the laptop: hand over. Interrupted, it goes on where it stopped."""
    _station_mode(data)
    from gradphoto.cli.station_work import write_out

    write_out(folder, again=again, despite=despite)


@station.command("import")
@click.argument("folder", type=_FOLDER)
@click.option("--receipts", type=_FOLDER, help="Write a signed receipt for each station here.")
def station_import(folder: Path, receipts: Path | None) -> None:
    """At the centre: take in every packet below FOLDER. Exit status 1 when something could not be taken in."""
    from gradphoto.cli.station_work import take_in

    sys.exit(EXIT_FOUND if take_in(folder, receipts) else 0)


@station.command("receipt")
@click.argument("file", type=_FILE)
@click.option("--data", type=_DATA, help="The station's data directory (default: GRADPHOTO_DATA or ./var).")
@click.option("--clear", is_flag=True, help="Remove the frames it names from this laptop.")
def station_receipt(file: Path, data: Path | None, clear: bool) -> None:
    """On the laptop: read in the centre's receipt FILE; shows what is safe there. Exit status 1 when not all is."""
    _station_mode(data)
    from gradphoto.cli.station_work import read_receipt

    sys.exit(EXIT_FOUND if read_receipt(file, clear=clear) else 0)


def _station_mode(data: Path | None) -> None:
    if data is not None:
        os.environ["GRADPHOTO_DATA"] = str(data.resolve())
    from gradphoto.site.environment import DATA

    for name in ("GRADPHOTO_DATABASE", "GRADPHOTO_KEYS", "GRADPHOTO_KEYS_FILE", "GRADPHOTO_KEYS_DIR"):
        os.environ.pop(name, None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "gradphoto.site.station_settings"
    if not (DATA.read() / "judgement.json").exists():
        from gradphoto.engine.errors import GradPhotoError
        from gradphoto.engine.wording import Wording

        # Looked for before anything is set up: a directory that became an installation could not become a station.
        raise GradPhotoError(
            "capture.not_a_station",
            Wording("这个数据目录不是采集站。", "This data directory is not a station."),
            Wording(
                "请用 --data 指明采集站的目录；还没有的，请先用 gradphoto station open 打开采集箱。",
                "Name the station's directory with --data; if there is none yet, open a kit with gradphoto station open.",
            ),
        )


def _passphrase(file: Path | None, *, confirm: bool) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    return str(click.prompt("口令 passphrase", hide_input=True, confirmation_prompt=confirm))
