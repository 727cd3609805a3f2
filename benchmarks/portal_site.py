"""The site's settings with two more pages to measure against; the server and everything else is the real one."""

from gradphoto.site.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.portal_pages"
