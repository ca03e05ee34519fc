"""Which addresses a crawl may ask: schemes, hosts, and public addresses only.  Pure rules.

Sources: the IANA special-purpose registries (through :mod:`ipaddress`), RFC 6052 for NAT64, and the
spellings of an address that URL parsers disagree about (decimal, octal, hexadecimal, full-width dots).
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NUMERIC = re.compile(r"^(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}$", re.IGNORECASE)
MAX_URL = 2000
MAX_SEGMENTS = 16


def is_public(address: str) -> bool:
    """Whether an IP address is globally reachable, also when it is wrapped in IPv6."""
    try:
        found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            found = found.ipv4_mapped
        elif found.sixtofour:
            found = found.sixtofour
        elif found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.is_global and not found.is_multicast


def literal_address(host: str) -> str | None:
    """The IP address a host name spells (``127.1``, ``2130706433``, ``0x7f.1``, ``::1``), or None for a real name."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        pass
    if _NUMERIC.match(host):
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            return "0.0.0.0"  # noqa: S104  # a numeric host that is no address is treated as not public
    return None


def host_allowed(host: str, globs: Iterable[str]) -> bool:
    """Whether ``host`` (``name`` or ``name:port``) matches one of the globs; ``*.gov.cn`` also means ``gov.cn``."""
    name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    for glob in globs:
        wanted = glob.lower()
        if fnmatchcase(host, wanted) or fnmatchcase(name, wanted):
            return True
        if wanted.startswith("*.") and name == wanted[2:]:
            return True
    return False


def refusal(url: str, globs: Iterable[str], *, allow_private: bool) -> str | None:
    """Why ``url`` must not be asked for, in the interface's words, or None.

    ``scheme``, ``malformed``, ``private-address``, ``off-host``, ``trap``.
    """
    if len(url) > MAX_URL:
        return "trap"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        return "malformed"
    if parts.scheme not in ("http", "https"):
        return "scheme"
    if _malformed(url, parts.netloc, host):
        return "malformed"
    address = literal_address(host)
    if address and not allow_private and not is_public(address):
        return "private-address"
    full = f"{host}:{port}" if port else host
    if not host_allowed(full, globs):
        return "off-host"
    return "trap" if _is_trap(parts.path) else None


def _malformed(url: str, netloc: str, host: str) -> bool:
    odd = any(ord(char) <= 32 or char == "\\" for char in url)
    return odd or not host or "@" in netloc or unicodedata.normalize("NFKC", host) != host


def _is_trap(path: str) -> bool:
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > MAX_SEGMENTS:
        return True
    return any(segments.count(segment) > 3 for segment in set(segments))
