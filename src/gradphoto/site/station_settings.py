"""The site in station mode: the same product on a laptop without network, with only the pages the room needs."""

from __future__ import annotations

import json

from gradphoto.site.settings import *  # noqa: F403
from gradphoto.site.settings import DATA_DIR

ROOT_URLCONF = "gradphoto.site.station_urls"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
LOGIN_URL = "station:sign_in"
LOGIN_REDIRECT_URL = "capture:list"
STAFF_IDLE_LIMIT_S = STAFF_SESSION_LIMIT_S = SESSION_COOKIE_AGE = 12 * 3600
REAUTHENTICATION_AGE_S = 0  # a station signs in by PIN; nothing is approved or given out there
SECOND_FACTOR = False

ROOM_CLOCK = DATA_DIR / "room-clock.json"
"""The times of the room count from one anchor: whoever sets the computer's clock changes no order (``capture.room_clock``)."""

_judgement = DATA_DIR / "judgement.json"
CENTRE_JUDGEMENT = json.loads(_judgement.read_bytes()) if _judgement.exists() else {}
"""By what the centre judges photographs, by profile: the kit brought it (``capture.verdicts``)."""
