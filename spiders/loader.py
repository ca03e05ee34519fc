"""Scrapy's spider loader over the register: ``scrapy list`` names every portal.

A spider's class is made from the portal's entry; there is no module per portal.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from spiders.base import PortalSpider
from spiders.registry import load

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.settings import BaseSettings

    from archive.model import Portal


def spider_class(portal: Portal) -> type[PortalSpider]:
    """The spider of a portal, in the register or not."""
    return type("PortalSpider", (PortalSpider,), {"name": portal.name, "portal": portal})


class RegisterLoader:
    """Scrapy's ``SPIDER_LOADER_CLASS``; further directories of portals come from ``NIANLUN_PORTALS``."""

    def __init__(self, portals: dict[str, Portal]) -> None:
        self._portals = portals

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Scrapy's constructor."""
        return cls(load(Path(directory) for directory in settings.getlist("NIANLUN_PORTALS")))

    def load(self, spider_name: str) -> type[PortalSpider]:
        """The class of a spider; raises KeyError for a name that is not in the register."""
        if spider_name not in self._portals:
            raise KeyError(f"Spider not found: {spider_name}")
        return spider_class(self._portals[spider_name])

    def list(self) -> list[str]:
        """Every portal's name."""
        return sorted(self._portals)

    def find_by_request(self, request: Request) -> list[str]:  # type: ignore[valid-type]
        """The portals on whose site an address lies."""
        from spiders.addresses import belongs  # noqa: PLC0415

        return [name for name, portal in self._portals.items() if belongs(request.url, portal.home, portal.hosts)]
