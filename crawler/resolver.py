"""DNS answers checked where they are used: a name that leads to a private address is not connected to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

from crawler.addresses import is_public

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.defer import Deferred


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver with one more step: every answer must be a public address.

    The answer given here is the one connected to, so a name that first resolves to a public address and
    then to 127.0.0.1 (DNS rebinding) gains nothing.  ``NIANLUN_ALLOW_PRIVATE`` in the settings lifts the rule.
    """

    allow_private = False

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> PublicResolver:
        """Scrapy's constructor; ``crawler`` is the process."""
        resolver = super().from_crawler(crawler, reactor)
        resolver.allow_private = crawler.settings.getbool("NIANLUN_ALLOW_PRIVATE")
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802  # Twisted's name
        """Resolve ``name``; fails with DNSLookupError for a private address."""
        return super().getHostByName(name, timeout).addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if self.allow_private or is_public(address):
            return address
        raise DNSLookupError(f"{name} resolves to {address}, which is not public")
