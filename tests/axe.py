"""What axe-core has against a page in the browser."""

from __future__ import annotations

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG_AA = {"runOnly": ["wcag2a", "wcag2aa"]}


def violations(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """Each as the rule and the element. What passed stays in the browser: to carry it out takes longer than to look."""
    page.evaluate(AXE_SCRIPT + ";0")
    asked = {"resultTypes": ["violations"], **(options or {})}
    found = page.evaluate(f"axe.run({json.dumps(asked)}).then(told => told.violations)")
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"][:3]]
