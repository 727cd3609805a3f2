"""What the commands of a station do once the settings are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from gradphoto.cli import server, supervision
from gradphoto.cli.listening import Listening
from gradphoto.cli.station_chairs import Devices, require_apart
from gradphoto.cli.supervision import Part


def write_kit(
    campaign_pk: int,
    code: str,
    out: Path,
    public_key: Path | None,
    passphrase: str | None,
    sessions: tuple[int, ...],
    users: tuple[str, ...],
    numbers: int | None,
    days: int | None,
    chairs: tuple[int, ...] = (),
) -> None:
    """Make a kit, write it, and print its PINs once."""
    from gradphoto.cli.server import prepare

    prepare()
    from gradphoto.apps.campaigns.models import Campaign
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.core.errors import invalid
    from gradphoto.apps.schedule.models import CaptureSession
    from gradphoto.apps.stations.kits import centre_signing_key, make_kit
    from gradphoto.engine.packet.box import fingerprint, load_laptop_public
    from gradphoto.engine.packet.durable import write_durably
    from gradphoto.engine.packet.envelope import Receiver

    campaign = Campaign.objects.filter(pk=campaign_pk).first()
    if campaign is None:
        raise invalid(
            "capture.no_campaign", "没有这个批次。", "There is no such campaign.", "请核对编号。", "Check its number."
        )
    chosen = CaptureSession.objects.filter(pk__in=sessions, campaign=campaign)
    if missing := sorted(set(sessions) - set(chosen.values_list("pk", flat=True))):
        named = ", ".join(map(str, missing))
        raise invalid(
            "capture.no_session",
            f"本批次没有编号为 {named} 的场次。",
            f"This campaign has no session {named}.",
            "编号在“现场采集”中场次页面的地址里；不写 --session 则包含全部未结束的场次。",
            "The number stands in the address of the session's page; without --session all that are not closed go in.",
        )
    box, signing = load_laptop_public(public_key.read_bytes()) if public_key else (None, None)
    receivers = [Receiver(public_key=box)] if box else []
    receivers += [Receiver(passphrase=passphrase)] if passphrase else []
    made = make_kit(
        Actor.system("command line"),
        campaign,
        station=code,
        receivers=receivers,
        sessions=chosen,
        usernames=users,
        numbers=numbers,
        valid_days=days,
        signing_public=signing,
        chairs=chairs,
    )
    write_durably(out, made.data)
    row = made.row
    click.secho(
        f"{out}  {row.station} {row.number_first:05d}-{row.number_last:05d}  {row.people} 人 persons", fg="green"
    )
    click.echo(f"中心密钥指纹 the centre's fingerprint: {fingerprint(centre_signing_key().public_key())}")
    for username, pin in made.pins.items():
        click.echo(f"  {username:<16} PIN {pin}")


def write_out(folder: Path, *, again: bool, despite: str = "") -> None:
    """Hand over to ``folder`` and say what was written."""
    from gradphoto.cli.server import prepare

    prepare()
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.stations.handover import plan_packet, this_station, write_packet

    packet = plan_packet(Actor.system("command line"), this_station(), again=again, despite=despite)
    target = write_packet(packet, folder, lambda done, total: click.echo(f"  {done}/{total}"))
    click.secho(f"已写好，可以拔出 U 盘 written, the stick may be pulled: {target}", fg="green")


def take_in(folder: Path, receipts: Path | None = None) -> int:
    """Take packets in, print the report, return how many things need a person."""
    from gradphoto.cli.server import prepare

    prepare()
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.stations.intake import take_in_folder

    report = take_in_folder(Actor.system("command line"), folder)
    placed = report.placed
    click.echo(
        f"文件 parts {report.parts}, 照片 frames {report.frames}; 记录 records: 新 new {report.new}, 变更 changed "
        f"{report.changed}, 相同 same {report.same}, 较旧 older {report.older}"
    )
    click.echo(f"并入 taken in {placed.applied}, 等待 waiting {placed.waiting}, 待裁定 conflicts {placed.conflicts}")
    if receipts is not None:
        _write_receipts(report.kits, receipts)
    for label, error in report.refused:
        click.secho(f"{label}: {error.message.zh} {error.message.en}", fg="red")
        click.echo(f"    → {error.remedy.zh} {error.remedy.en}  [{error.code}]")
    lacking = _lacking(report.kits)
    for said in lacking:
        click.secho(said, fg="yellow")
    if not report.parts and not report.refused and not lacking:
        click.secho(
            f"{folder} 中没有采集包。请选择含 part-*.gpp 和 packet.json 的文件夹。 No packet lies below this folder; "
            "choose the one with part-*.gpp and packet.json.",
            fg="yellow",
        )
        return 1
    if placed.conflicts:
        click.secho("请在“采集站 → 待裁定”页面裁定。 Decide the conflicts on the page Stations.", fg="yellow")
    return len(report.refused) + placed.conflicts + len(lacking)


def _lacking(kits: set[int]) -> list[str]:
    """One line for each packet of these kits that has not come whole."""
    from gradphoto.apps.stations.models import PacketIntake

    found = [one for one in PacketIntake.objects.filter(kit__in=kits).select_related("kit") if not one.is_whole]
    return [
        f"{one.kit.station} 采集包 packet {one.number}: 不完整，请再拷贝缺少的文件后重新导入 not whole, copy what is "
        f"missing and import again: {', '.join(one.parts_missing) or 'packet.json'}"
        for one in found
    ]


def _write_receipts(kits: set[int], folder: Path) -> None:
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.stations.models import StationKit
    from gradphoto.apps.stations.receipts import receipts_of
    from gradphoto.engine.packet.durable import write_durably

    for kit in StationKit.objects.filter(pk__in=kits).order_by("pk"):
        for name, data in receipts_of(Actor.system("command line"), kit).items():
            write_durably(folder / name, data)
            click.echo(f"回执 receipt: {folder / name}")


def read_receipt(file: Path, *, clear: bool) -> int:
    """Keep a receipt, say what is safe, clear that if asked; returns how many frames are not safe."""
    server.prepare()
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.stations.handover import this_station
    from gradphoto.apps.stations.receipts import clear_frames, safety, take_receipt

    actor, station = Actor.system("command line"), this_station()
    take_receipt(actor, station, data=file.read_bytes())
    now = safety(station)
    click.echo(
        f"已签收 signed for: 照片 frames {now.safe}/{now.frames}, 登记 check-ins {now.check_ins_safe}/{now.check_ins}"
    )
    if now.unsafe:
        click.secho(f"{now.unsafe} 张照片尚未签收，请勿删除 frames are not signed for: keep them", fg="yellow")
    if clear:
        gone = clear_frames(actor, station) if now.clearable else 0
        click.secho(f"已从本机删除 removed from this computer: {gone}", fg="green" if gone else "yellow")
        if not gone:
            click.echo("没有可删除的照片：未签收、已删除，或场次还没有结束。")
            click.echo("Nothing could be removed: not signed for, gone already, or of an open session.")
    elif now.clearable:
        click.echo(
            f"可以删除 {len(now.clearable)} 张：加上 --clear。 {len(now.clearable)} may be removed: add --clear."
        )
    return now.unsafe


def serve_station(port: int, chairs: Sequence[Devices]) -> int:
    """The site in station mode until interrupted; each chair's devices run in a process of their own. Returns the exit
    status."""
    supervision.end_at_once_when_told()
    server.prepare()
    from gradphoto.apps.core.blobs import forget, tidy
    from gradphoto.apps.stations.handover import own_chairs_here, this_station

    require_apart(chairs, own_chairs_here() or [1])

    forget(list(this_station().cleared.values_list("blob_id", flat=True)))
    tidied = tidy()
    if tidied:
        click.echo(f"清理未完成的写入 removed {tidied} unfinished files")
    # The devices' process begins anew when it ends by itself: a room never sits before a dead reader.
    devices = [
        Part(one.title, ["station", "devices", "--with-parent", *one.arguments]) for one in chairs if one.arguments
    ]
    return server.serve_site(Listening(port=port), 1, with_worker=True, behind=True, beside=devices, for_others=False)
