"""``manage.py interface``: the description of the interface in OpenAPI, for docs/openapi.json and for clients."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from gradphoto.apps.api.description import described


class Command(BaseCommand):
    help = "Print the description of the interface for programs (OpenAPI)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(described(), ensure_ascii=False, indent=1))
