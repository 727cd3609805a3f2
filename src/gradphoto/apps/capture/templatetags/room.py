"""What every station page shows of its computer."""

from __future__ import annotations

from typing import Any

from django import template

from gradphoto.apps.capture.room_state import troubles
from gradphoto.apps.schedule.models import CaptureSession

register = template.Library()


@register.inclusion_tag("capture/packets/troubles.html")
def room_troubles(session: CaptureSession) -> dict[str, Any]:
    """A line for a full disk or a wrong clock; nothing on a good day."""
    return {"troubles": troubles(session)}
