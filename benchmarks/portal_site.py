"""The site's settings with a few more pages to measure against; the server and everything else is the real one."""

from pathlib import Path

from gradphoto.site.settings import *  # noqa: F403
from gradphoto.site.settings import TEMPLATES

ROOT_URLCONF = "benchmarks.portal_pages"
TEMPLATES = [{**TEMPLATES[0], "DIRS": [Path(__file__).parent / "templates"]}]
