"""The index of a WARC: CDXJ lines sorted by address and time, with addresses turned round (SURT)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.times import shown_time

if TYPE_CHECKING:
    from archive.exporters.warc import Written

_PORTS = {"http": 80, "https": 443}


def surt(url: str) -> str:
    """An address's sort key: ``cn,gov,example)/path?a=1&b=2``, in lower case, without scheme, ``www.`` and default port.

    The canonical form of Heritrix and OpenWayback that CDX servers look addresses up by (Sort-friendly URI
    Reordering Transform).
    """
    parts = urlsplit(url)
    host = re.sub(r"^www\d*\.", "", (parts.hostname or "").lower())
    turned = host if ":" in host else ",".join(reversed(host.split(".")))
    port = f":{parts.port}" if parts.port and parts.port != _PORTS.get(parts.scheme) else ""
    path = parts.path.lower()
    path = path.rstrip("/") if len(path) > 1 else path
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    return f"{turned}{port}){path or '/'}{'?' + query if query else ''}"


def stamp(at: int) -> str:
    """Fourteen digits of a time in UTC."""
    return "".join(re.findall(r"\d+", shown_time(at) or ""))[:14]


def cdxj(written: Written, filename: str) -> tuple[str, str]:
    """A record's key in the index, and its line."""
    fields = {
        "url": written.url,
        "mime": written.mime,
        "status": str(written.status),
        "digest": written.digest,
        "length": str(written.length),
        "offset": str(written.offset),
        "filename": filename,
    }
    key = f"{surt(written.url)} {stamp(written.at)}"
    return f"{key} {written.offset:020d}", f"{key} {json.dumps(fields, ensure_ascii=True)}\n"
