"""The site in station mode: the same product on a laptop without network, with only the pages the room needs."""

from __future__ import annotations

from gradphoto.site.settings import *  # noqa: F403

ROOT_URLCONF = "gradphoto.site.station_urls"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
LOGIN_URL = "station:sign_in"
LOGIN_REDIRECT_URL = "capture:list"
SESSION_COOKIE_AGE = 12 * 3600
