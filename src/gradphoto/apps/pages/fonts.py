"""Fonts that an administrator adds for rare characters: checked, kept in the store, and at hand on every node.

The papers ask for font files. Each node keeps a copy of every added font in its data directory, made when a paper is set
there first; what was taken away is asked for no more.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePath

from django.conf import settings
from django.db import DatabaseError

from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, refuse
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.pages.models import AddedFont
from gradphoto.engine.bounded.limits import TRIAL_PAPER, for_upload
from gradphoto.engine.bounded.reader import reader_failed, run
from gradphoto.engine.documents import fonts
from gradphoto.engine.font_file import CharacterMap, FontError

_SUFFIXES = {b"OTTO": ".otf", b"ttcf": ".ttc"}


@action("pages.add_font", permission="desk.fonts")
def add_font(actor: Actor, organisation: Organisation, *, file_name: str, data: bytes) -> AddedFont:
    """Check a font file and keep it for all papers of the installation, whose root ``organisation`` is.

    Raises ``documents.font_unreadable``, ``documents.font_unusable``, ``pages.font_known``, ``PermissionRefusal``.
    """
    if organisation.parent_id is not None:
        raise PermissionRefusal("pages.add_font")
    sha256 = hashlib.sha256(data).hexdigest()
    if AddedFont.objects.filter(sha256=sha256).exists():
        raise refuse(
            "pages.font_known",
            "这个字库已经添加。",
            "This font is there already.",
            "请在下表中查看。",
            "See the table.",
        )
    family, found = look_at(data)
    suffix = _SUFFIXES.get(data[:4], ".ttf")
    with tempfile.TemporaryDirectory(prefix="gradphoto-font-") as folder:
        fonts.lay_proof(Path(folder), data, suffix, found)
        list(run("font.prove", b"", {"folder": folder}, TRIAL_PAPER, FontError))
    made = AddedFont.objects.create(
        organisation=organisation,
        blob=blobs.put(data, "font/collection" if suffix == ".ttc" else "font/sfnt"),
        sha256=sha256,
        family=family or PurePath(file_name).stem[:80],
        file_name=PurePath(file_name).name[-120:],
        suffix=suffix,
        characters=sum(last - first + 1 for first, last in found),
        covered={block.name: count for block, count in fonts.coverage_of([found]).items()},
        added_by=actor.user,
    )
    audit.note(font=made.pk, family=made.family, sha256=sha256)
    return made


@action("pages.remove_font", permission="desk.fonts")
def remove_font(actor: Actor, font: AddedFont, *, reason: str) -> None:
    """No paper is set with this font any more; papers that were printed stay as they are."""
    audit.note(family=font.family, sha256=font.sha256, reason=reason)
    font.delete()


def look_at(data: bytes) -> tuple[str, CharacterMap]:
    """Family and characters of a font, read by the bounded reader. Raises ``FontError`` and ``BoundedError``."""
    (said,) = run("font.look", data, {}, for_upload(len(data)), FontError)
    try:
        return str(said["family"]), tuple((int(first), int(last)) for first, last in said["ranges"])
    except (KeyError, TypeError, ValueError) as error:
        raise reader_failed() from error


def files_at_hand() -> Sequence[Path]:
    """The files of all added fonts on this node, fetched from the store where they are missing."""
    try:
        added = list(AddedFont.objects.select_related("blob"))
    except (DatabaseError, RuntimeError):  # no database at hand: the built-in fonts set the paper
        return ()
    return [_file_of(font) for font in added]


def _file_of(font: AddedFont) -> Path:
    # A folder each: the typesetter takes all that lies in a folder.
    path = settings.DATA_DIR / "fonts" / font.sha256 / f"font{font.suffix}"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent.parent, delete=False) as part:
            part.write(blobs.read(font.blob))
        os.replace(part.name, path)
    return path
