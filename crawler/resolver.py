"""DNS answers checked where they are used: a name that leads to a private address is not connected to.

``--resolve GLOB=ADDRESS`` stands in for DNS as curl's option of that name does: for a portal whose name a resolver
does not know from here, for a mirror of one's own, for the simulator's hosts.
"""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer
from twisted.internet.error import DNSLookupError

from crawler.addresses import is_public, literal_address
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.defer import Deferred


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver with one more step: every answer must be a public address.

    The answer given here is the one connected to, so a name that first resolves to a public address and
    then to 127.0.0.1 (DNS rebinding) gains nothing.  ``NIANLUN_ALLOW_PRIVATE`` in the settings lifts the rule.
    """

    allow_private = False
    given: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> PublicResolver:
        """Scrapy's constructor; ``crawler`` is the process."""
        resolver = super().from_crawler(crawler, reactor)
        resolver.allow_private = crawler.settings.getbool("NIANLUN_ALLOW_PRIVATE")
        resolver.given = tuple((glob, address) for glob, address in crawler.settings.getlist("NIANLUN_RESOLVE"))
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802  # Twisted's name
        """Resolve ``name``; fails with DNSLookupError for a private address."""
        told = address_of(name, self.given)
        if told is not None:
            return defer.succeed(told).addCallback(self._checked, name)
        return super().getHostByName(name, timeout).addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if self.allow_private or is_public(address):
            return address
        raise DNSLookupError(f"{name} resolves to {address}, which is not public")


def read_given(text: str) -> tuple[str, str]:
    """``GLOB=ADDRESS``; raises :class:`UsageError` for anything else."""
    glob, sign, address = text.partition("=")
    if not sign or not glob or literal_address(address) is None:
        raise UsageError(f"--resolve {text}: write it like --resolve www.example.gov.cn=203.0.113.7.")
    return glob, address


def address_of(name: str, given: Sequence[tuple[str, str]]) -> str | None:
    """The address the user gave for a host name, the first that fits; None: DNS is asked."""
    return next((address for glob, address in given if fnmatch(name.lower(), glob.lower())), None)
