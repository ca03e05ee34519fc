"""The bytes of RTF: its tokens, the charsets of its fonts, the headings of its style sheet.

Rich Text Format 1.9.1, "Conventions of an RTF reader", "Font table", "Character set".  Bytes above 127 mean
what the font at that place says; writers for Chinese pages also leave fonts at charset 0 and write the bytes
of the document's own code page, which pairs in the range of GB 2312 give away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+"
    rb"|((?:[\x81-\xfe][\x40-\x7e\x80-\xfe]|[^\\{}\r\n])+)",
    re.DOTALL,
)
"""Groups: a control word and its number, a byte in hexadecimal, a control symbol, a brace, text."""
BRACE = re.compile(rb"\\bin([0-9]{1,9}) ?|\\[^a-zA-Z]|[{}]", re.DOTALL)
GB2312 = re.compile(rb"(?:[\x00-\x7f]|[\xa1-\xf7][\xa1-\xfe])+")
CHARSETS = {
    0: "cp1252",
    2: "symbol",
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    134: "gb18030",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
    255: "cp437",
}
CODE_PAGES = {936: "gb18030", 54936: "gb18030", 65001: "utf-8", 10000: "mac_roman", 10008: "gb18030"} | {
    page: f"cp{page}" for page in (437, 850, 874, 932, 949, 950, *range(1250, 1259))
}
DOUBLE = frozenset({"gb18030", "cp932", "cp949", "cp950"})
LEVEL = re.compile(rb"heading\s{1,3}([1-9])\b", re.IGNORECASE)


@dataclass
class Codes:
    """What the header says: code page, fonts with their charsets, default font, heading levels of styles."""

    page: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    default: int = 0
    headings: dict[int, int] = field(default_factory=dict)

    def text(self, raw: bytes, font: int, far_east: int) -> str:
        """Bytes as a font means them; ``far_east`` is the font named for double-byte characters, if any."""
        if raw.isascii():
            return raw.decode("ascii")
        charset = self.fonts.get(font, self.page)
        if charset == "symbol":
            return "".join(chr(byte if byte < 128 else 0xF000 + byte) for byte in raw)
        if charset not in DOUBLE and GB2312.fullmatch(raw):
            other = next((c for c in (self.fonts.get(far_east), self.page) if c in DOUBLE), None)
            charset = other or charset
        return raw.decode(charset, "replace")


def end_of_group(source: bytes, at: int) -> int:
    """Where the group that ``at`` lies in ends: the position of its closing brace, or the end of the source."""
    depth = 1
    while True:
        match = BRACE.search(source, at)
        if match is None:
            return len(source)
        at = match.end()
        if match[1] is not None:
            at += int(match[1])
        elif match[0] == b"{":
            depth += 1
        elif match[0] == b"}":
            depth -= 1
            if depth == 0:
                return match.start()


def read_fonts(source: bytes, codes: Codes) -> None:
    r"""Font number → charset, from a font table; ``\cpg`` overrides ``\fcharset``."""
    font = 0
    for match in TOKEN.finditer(source):
        if match[1] == b"f" and match[2]:
            font = int(match[2])
        elif match[1] == b"fcharset" and match[2]:
            number = int(match[2])
            if number == 1:
                codes.fonts.setdefault(font, codes.page)
            else:
                codes.fonts.setdefault(font, CHARSETS.get(number, codes.page))
        elif match[1] == b"cpg" and match[2] and int(match[2]) in CODE_PAGES:
            codes.fonts[font] = CODE_PAGES[int(match[2])]


def read_styles(source: bytes, codes: Codes) -> None:
    """Style number → heading level, by its outline level or its name (``heading 1``)."""
    style = 0
    for match in TOKEN.finditer(source):
        if match[5] == b"{":
            style = 0
        elif match[1] == b"s" and match[2]:
            style = int(match[2])
        elif match[1] == b"outlinelevel" and match[2] and int(match[2]) < 6:
            codes.headings[style] = int(match[2]) + 1
        elif match[6]:
            name = LEVEL.search(match[6])
            if name and int(name[1]) <= 6:
                codes.headings.setdefault(style, int(name[1]))
