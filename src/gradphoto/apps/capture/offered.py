"""What the rules of the capture room may be chosen from, in words."""

from __future__ import annotations

from gradphoto.apps.campaigns.options import offer
from gradphoto.apps.campaigns.settings_keys import IDENTIFICATION
from gradphoto.apps.capture.models import Identification

# Who may photograph themselves is a rule of its own (``self_photo.for``), not a way of the room.
offer(IDENTIFICATION, lambda: [one for one in Identification.choices if one[0] != Identification.SELF_PHOTO])
