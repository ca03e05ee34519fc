"""The one place where bytes become text.

The ladder, and why (docs: measured on pages of five families): a byte order mark is never wrong; bytes
that are valid UTF-8 are UTF-8, whatever the page says; GB2312 and GBK pages hold characters only GB18030
has, so they are always read as that; then the declared charset, then a guess.  A declaration is wrong so
often that it comes last but one.
"""

from __future__ import annotations

import codecs
import re

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DECLARED = re.compile(rb"""(?:charset|encoding)\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
HEAD = 4096
CHINESE = re.compile("[一-鿿]")
COMMON = re.compile("[的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出公开年信息政府]")


def decode(payload: bytes, declared: str | None = None) -> tuple[str, str]:
    """The text of ``payload`` and the charset that gave it.

    ``declared`` is the transport's charset, when there was one; a declaration within the first 4 KiB is
    found here.  Never raises: at worst undecodable bytes become U+FFFD.
    """
    for mark, charset in BOMS:
        if payload.startswith(mark):
            return payload.decode(charset, "replace").removeprefix("\ufeff"), charset
    text = _strict(payload, "utf-8")
    if text is not None:
        return text, "utf-8"
    names = _declarations(payload, declared)
    if not any(name.startswith(("big5", "utf-16", "shift", "euc-", "iso-2022")) for name in names):
        text = _strict(payload, "gb18030")
        if text is not None:
            return text, "gb18030"
    return _by_declaration(payload, names) or _by_damage(payload) or _by_guess(payload)


def charset_of(media_type: str | None) -> str | None:
    """The charset parameter of a Content-Type, or None."""
    match = DECLARED.search((media_type or "").encode("utf-8", "replace"))
    return match.group(1).decode("ascii") if match else None


def file_name(raw: bytes) -> str:
    """A file name from an archive or a header: UTF-8 when valid, else GB18030, else Latin-1."""
    return _strict(raw, "utf-8") or _strict(raw, "gb18030") or raw.decode("latin-1")


def _strict(payload: bytes, charset: str) -> str | None:
    try:
        return payload.decode(charset)
    except (UnicodeError, LookupError):
        return None


def _declarations(payload: bytes, declared: str | None) -> list[str]:
    found = DECLARED.search(payload[:HEAD])
    names = [declared or "", found.group(1).decode("ascii") if found else ""]
    return [name.strip().lower() for name in names if name.strip()]


def _by_declaration(payload: bytes, names: list[str]) -> tuple[str, str] | None:
    for name in names:
        charset = "gb18030" if name in {"gb2312", "gbk", "gb_2312-80", "x-gbk"} else name
        text = _strict(payload, charset)
        if text is not None:
            return text, charset
    return None


def _by_damage(payload: bytes) -> tuple[str, str] | None:
    """One flipped byte must not cost a page: the charset that loses least, when it loses little."""
    best: tuple[int, str, str] | None = None
    for charset in ("utf-8", "gb18030"):
        text = payload.decode(charset, "replace")
        lost = text.count("�")
        if best is None or lost < best[0]:
            best = (lost, text, charset)
    if best and best[0] * 50 <= len(best[1]) and len(COMMON.findall(best[1])) * 20 >= len(CHINESE.findall(best[1])):
        return best[1], best[2]
    return None


def _by_guess(payload: bytes) -> tuple[str, str]:
    import charset_normalizer  # noqa: PLC0415  rarely reached, slow to load

    guess = charset_normalizer.from_bytes(payload[:65536]).best()
    charset = guess.encoding if guess else "utf-8"
    return payload.decode(charset, "replace"), charset
