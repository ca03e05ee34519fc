"""Answers for programs: Memento, OAI-PMH, Atom, JSON described by OpenAPI, the sitemap; each module lists its ``ROUTES``."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.web.exchange import Handler

NAMES = ("memento", "oai", "atom", "api", "openapi", "sitemap")


def routes() -> tuple[tuple[str, Handler], ...]:
    """Every answer; the first that fits answers."""
    modules = [importlib.import_module(f"archive.web.machines.{name}") for name in NAMES]
    return tuple(route for module in modules for route in module.ROUTES)
