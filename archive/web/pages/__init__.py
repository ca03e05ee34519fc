"""Pages for people, in Chinese and English; each module lists its own as ``ROUTES``."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.web.exchange import Handler

NAMES = (
    "home",
    "coverage",
    "reports",
    "report",
    "figure",
    "compare",
    "search",
    "changes",
    "originals",
    "series",
    "static",
)


def routes() -> tuple[tuple[str, Handler], ...]:
    """Every page; the first that fits answers."""
    modules = [importlib.import_module(f"archive.web.pages.{name}") for name in NAMES]
    return tuple(route for module in modules for route in module.ROUTES)
