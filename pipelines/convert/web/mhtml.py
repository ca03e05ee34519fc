"""MHTML (a page saved as one file, Word's "web archive", also under ``.doc``) → the conversion of its HTML part.

RFC 2557: the root is the part that the ``start`` parameter names, else the first HTML part.  Its own charset and
address are hints for :mod:`pipelines.convert.web.html`; frames, pictures and headers of pages are left out.
"""

from __future__ import annotations

import re
from dataclasses import replace
from email import policy
from email.errors import CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect
from email.parser import BytesParser
from typing import Any

from archive.model import Conversion, Software
from pipelines.convert.interface import Context, failed
from pipelines.convert.office.story import DAMAGE
from pipelines.convert.web import html

MHTML = "multipart/related"
SOFTWARE = Software("nianlun.mhtml", "1", html.SOFTWARE.parameters)
TAKES = (MHTML,)
PARTS_CAP = 2000
CLOSED = re.compile(rb"</(?:html|body)\s{0,9}>\s*\Z", re.IGNORECASE)


def convert(payload: bytes, context: Context) -> Conversion:
    """Read the HTML part; ``unreadable`` when it is missing, cut short or cannot be decoded."""
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(payload)
        part = _root(message)
        if part is None:
            return failed("unreadable", MHTML, "文件中没有网页部分 · The file holds no HTML part", SOFTWARE)
        source = part.get_payload(decode=True)
        if not isinstance(source, bytes) or _is_cut(message, part, source):
            return failed(
                "unreadable", MHTML, "文件不完整：没有结尾 · The file is truncated: its end is missing", SOFTWARE
            )
    except (*DAMAGE, RecursionError) as error:
        name = type(error).__name__
        return failed(
            "unreadable", MHTML, f"文件已损坏（{name}） · The file is damaged ({name}: {error})"[:300], SOFTWARE
        )
    charset = str(part.get_param("charset") or "")
    address = str(part.get("Content-Location") or "") or context.url
    hint = f"text/html; charset={charset}" if charset else "text/html"
    inner = html.convert(source, Context(address, hint, context.name))
    return replace(inner, converter=SOFTWARE, media_type=MHTML)


def _root(message: Any) -> Any | None:
    """The part that holds the page."""
    parts = []
    for part in message.walk():
        parts.append(part)
        if len(parts) >= PARTS_CAP:
            break
    pages = [part for part in parts if part.get_content_type() in {"text/html", "application/xhtml+xml"}]
    start = str(message.get_param("start") or "").strip("<> ")
    named = [part for part in pages if start and str(part.get("Content-ID") or "").strip("<> ") == start]
    return next(iter((*named, *pages)), None)


def _is_cut(message: Any, part: Any, source: bytes) -> bool:
    """Whether the file ends within the page: no boundary follows it and the page itself is not closed."""
    defects = [type(defect) for each in message.walk() for defect in each.defects]
    if not {CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect} & set(defects):
        return False
    leaves = [each for each in message.walk() if not each.is_multipart()]
    return leaves[-1] is part and not CLOSED.search(source[-2000:])
