"""What the rules of the capture room may be chosen from, in words."""

from __future__ import annotations

from gradphoto.apps.campaigns.options import offer
from gradphoto.apps.campaigns.settings_keys import IDENTIFICATION
from gradphoto.apps.capture.models import Identification

offer(IDENTIFICATION, lambda: Identification.choices)
