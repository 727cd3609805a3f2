"""Whom the rule of the self-photograph may name, in words."""

from __future__ import annotations

from gradphoto.apps.campaigns.options import offer
from gradphoto.apps.campaigns.settings_keys import SELF_PHOTO_FOR
from gradphoto.apps.selfphoto.terms import GROUPS

offer(SELF_PHOTO_FOR, lambda: GROUPS)
