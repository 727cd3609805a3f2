"""What the devices of a laptop have to say to the room."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from gradphoto.apps.capture.packets.models import StationNotice, StationSelf
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.policy import by
from gradphoto.engine.wording import Wording

CREW = by(Role.PHOTOGRAPHER, Role.SITE_STAFF)


@action("capture.note_device", permission=CREW)
def note_device(
    actor: Actor,
    station: StationSelf,
    *,
    source: str,
    code: str,
    sentence: Wording,
    remedy: Wording,
    until: datetime | None = None,
) -> StationNotice:
    """A device says something; what it said before is replaced. ``until``: when it goes by itself."""
    said = {
        "code": code,
        "sentence": {"zh": sentence.zh, "en": sentence.en},
        "remedy": {"zh": remedy.zh, "en": remedy.en},
        "at": timezone.now(),
        "until": until,
    }
    audit.note(source=source, code=code)
    return StationNotice.objects.update_or_create(station=station, source=source, defaults=said)[0]


@action("capture.device_fine", permission=CREW)
def device_fine(actor: Actor, station: StationSelf, *, source: str) -> None:
    """A device works again."""
    station.notices.filter(source=source).delete()
    audit.note(source=source)


@action("capture.devices_begin", permission=CREW)
def all_devices_fine(actor: Actor, station: StationSelf) -> None:
    """The devices' process begins: what an earlier one said no longer holds."""
    station.notices.all().delete()
