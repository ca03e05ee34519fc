"""Whether an answer is another page than the one asked for: the home page, what a wrong address gets, a cloned copy.

Field guide: A9 (a throttled article is answered with the home page), D1 (a soft 404 looks like the answer to an
address that never was), section 9 (copies on foreign hosts with pinyin between the words).
"""

from __future__ import annotations

import re

ALIKE = 0.85
"""Share of common pieces from which two pages count as one; counters and dates on a page are left out."""
_LONGEST = 200_000
_PIECE = 6
_UNSEEN = re.compile(rb"<(script|style)\b.*?</\1|<!--.*?-->|<[^>]*>|&[a-z#0-9]+;|[\s\d]+", re.DOTALL | re.IGNORECASE)
_TITLE = re.compile(rb"<title[^>]{0,80}>\s{0,80}([^<]{0,300}?)\s{0,80}</title", re.IGNORECASE)
_PINYIN = re.compile(rb"[\xe4-\xe9][\x80-\xbf]{2}(?:\([a-z]{1,6}\)|\xef\xbc\x88[a-z]{1,6}\xef\xbc\x89)")
_PINYINS = 3


def title(body: bytes) -> bytes:
    """The title of a page, as bytes."""
    found = _TITLE.search(body[:65536])
    return found[1] if found else b""


def pieces(body: bytes) -> frozenset[bytes]:
    """The short runs of bytes a page's visible text consists of, without digits and white space."""
    text = _UNSEEN.sub(b"", body[:_LONGEST])
    return frozenset(text[at : at + _PIECE] for at in range(max(0, len(text) - _PIECE)))


def alike(left: frozenset[bytes], right: frozenset[bytes]) -> bool:
    """Whether two pages say the same."""
    if not left or not right:
        return left == right
    return len(left & right) >= ALIKE * len(left | right)


def tainted(body: bytes) -> str | None:
    """Why a page is a cloned copy of another site's; None: nothing says so.

    The tag SiteDomain proves nothing: it is copied from template to template, and stays when a portal moves.
    """
    found = len(_PINYIN.findall(body[:_LONGEST]))
    return "tainted: pinyin between the words, as cloned copies have" if found >= _PINYINS else None
