"""The identity of an address: which spellings of a URL are the same resource.

Sources: portals.md C1 and C4 (captured twins http/https, www/bare, default ports, ``/index.html``, session ids
and trackers); RFC 3986 section 6 for the rest.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#]*", re.IGNORECASE)
_NOISE = {"_", "eqid", "from", "spm", "jsessionid", "phpsessid", "sessionid", "rand", "timestamp", "isappinstalled"}
_SESSIONS = {"sid", "ssid", "session", "session_id", "sessionkey", "token"}
_RANDOM = re.compile(r"(?=[^\d]*\d)(?=[^a-z]*[a-z])[0-9a-z_-]{8,}", re.IGNORECASE)
"""What a session's id looks like: ``sid=12`` is a section's number, ``sid=9f3a02c1`` nobody's."""
_INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|jsp|aspx?|php)$", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}


def _path(path: str) -> str:
    clean = quote(unquote(_SESSION.sub("", path)), safe="/:@!$&'()*+,;=~-._")
    return _INDEX.sub("/", re.sub(r"/{2,}", "/", clean)) or "/"


def _is_noise(name: str, value: str) -> bool:
    return name in _NOISE or (name in _SESSIONS and _RANDOM.fullmatch(value) is not None)


@lru_cache(maxsize=8192)  # each exchange asks for the key of its address some six times
def url_key(url: str) -> str:
    """Return the canonical key of ``url``: equal for all spellings of one resource.

    Scheme, ``www.``, default port, fragment, session ids, trackers, a trailing index file and the order
    of the query's parameters do not count; everything else does.  A malformed address is its own key.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url
    host = (parts.hostname or "").rstrip(".")
    host = host.removeprefix("www.")
    if port and port != _PORTS.get(parts.scheme.lower()):
        host = f"{host}:{port}"
    pairs = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _is_noise(k.lower(), v)]
    query = urlencode(sorted(pairs))
    return f"{host}{_path(parts.path)}{'?' + query if query else ''}"


def host_of(url: str) -> str:
    """Return ``host`` or ``host:port`` (a port that is not the scheme's own) in lower case; ``""`` when there is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".")
    return f"{host}:{port}" if port and port != _PORTS.get(parts.scheme.lower()) else host


def key_number(key: str) -> int:
    """Return the 63 bits under which the frontier keeps a key; the chance of a clash in 1e5 is below 1e-9."""
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8], "big") >> 1
