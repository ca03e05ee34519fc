"""A report's substance as HTML: clean, or as a word processor pastes it.

Pasted markup is what real portals hold: figures and labels split over nested spans, ``&nbsp;`` beside
figures, ``<o:p>``, unquoted attributes, the whole in a table that only lays it out.  Which cell is split is
decided by a checksum of its position, so that an edit changes its own cell and nothing else.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.simulator.sheet import Block, Sheet, Slot

STYLES = ("word", "clean", "nested")

_P = '<p class="MsoNormal" style="text-indent: 32pt; line-height: 29pt; mso-char-indent-count: 2.0">'
_CHINESE = '<span style="font-size: 16pt; font-family: 仿宋_GB2312; mso-hansi-font-family: 宋体">'
_LATIN = """<span lang="EN-US" style="font-size: 16pt; font-family: 'Times New Roman'">"""

Split = Callable[[str, int], bool]


def body(blocks: tuple[Block, ...], style: str, key: str, *, titled: bool = True) -> str:
    """The report as an HTML fragment in one of :data:`STYLES`; ``key`` decides where markup splits text."""
    shown = [(index, block) for index, block in enumerate(blocks) if titled or block.kind != "title"]
    pieces = "\n".join(_block(block, style, f"{key}:{index}") for index, block in shown)
    if style == "nested":
        return f'<table width="100%" border="0" cellpadding="0"><tbody><tr><td class="bt_content">{pieces}</td></tr></tbody></table>'
    return pieces


def spice(*parts: object) -> int:
    """A number that depends on nothing but its arguments."""
    return zlib.crc32(":".join(map(str, parts)).encode())


def _block(block: Block, style: str, key: str) -> str:
    if block.kind == "table":
        return table(block.sheet, style, key)
    if style == "clean":
        tag = {"title": 'p align="center"', "heading": "p", "paragraph": "p"}[block.kind]
        inner = html.escape(block.text)
        inner = f"<strong>{inner}</strong>" if block.kind != "paragraph" else f"　　{inner}"
        return f"<{tag}>{inner}</p>"
    inner = _pasted(block.text, key)
    if block.kind != "paragraph":
        inner = f'<b style="mso-bidi-font-weight: normal">{inner}</b>'
    return f'{_P}{inner}<span lang="EN-US"><o:p></o:p></span></p>'


def _pasted(text: str, key: str) -> str:
    """Text in spans by script, runs of digits now and then cut in two."""
    runs = re.findall(r"[0-9A-Za-z.%+\-]+|[^0-9A-Za-z.%+\-]+", text)
    return "".join(_run(run, spice(key, index)) for index, run in enumerate(runs))


def _run(run: str, chance: int) -> str:
    if not run[0].isascii():
        return f"{_CHINESE}{html.escape(run)}</span>"
    if len(run) > 2 and chance % 4 == 0:
        return f"{_LATIN}{run[:-1]}</span>{_LATIN}<span>{run[-1]}</span></span>"
    return f"{_LATIN}{html.escape(run)}</span>"


def table(sheet: Sheet, style: str, key: str) -> str:
    """A table with its spans; pasted styles split figures and pad them with ``&nbsp;``."""
    rows = "\n".join(
        f"<tr>{''.join(_cell(slot, style, f'{key}:{row}:{index}') for index, slot in enumerate(cells))}</tr>"
        for row, cells in enumerate(sheet)
    )
    if style == "clean":
        return f'<table border="1" cellspacing="0" cellpadding="2" width="100%"><tbody>{rows}</tbody></table>'
    attributes = 'class="MsoNormalTable" style="border-collapse: collapse; mso-padding-alt: 0cm 5.4pt 0cm 5.4pt"'
    return f"<table {attributes} border=1 cellspacing=0 cellpadding=0 width=100%><tbody>{rows}</tbody></table>"


def _cell(slot: Slot, style: str, key: str) -> str:
    spans = (f' rowspan="{slot.rows}"' if slot.rows > 1 else "") + (
        f' colspan="{slot.columns}"' if slot.columns > 1 else ""
    )
    if style == "clean":
        return f"<td{spans}>{html.escape(slot.text)}</td>"
    chance = spice(key)
    inner = _figure(slot.text, chance) if slot.code else _label(slot.text, chance)
    return (
        f'<td{spans} valign="top" style="border: windowtext 1pt solid"><p class=MsoNormal align=center>{inner}</p></td>'
    )


def _figure(text: str, chance: int) -> str:
    if not text:
        return ("&nbsp;", "<o:p>&nbsp;</o:p>", "")[chance % 3]
    inner = _run(text, chance) if text.isascii() else html.escape(text)
    if len(text) > 1 and text.isdigit() and text.isascii() and chance % 5 == 0:
        inner = f"{_LATIN}{text[0]}</span>{_LATIN}{text[1:]}</span>"
    return inner + ("&nbsp;" * (chance % 4) if chance % 7 == 0 else "")


def _label(text: str, chance: int) -> str:
    safe = html.escape(text)
    if len(text) > 4 and chance % 6 == 0:
        middle = len(text) // 2
        return (
            f"{_CHINESE}{html.escape(text[:middle])}</span>{_CHINESE}<span>{html.escape(text[middle:])}</span></span>"
        )
    if len(text) > 4 and chance % 11 == 0:
        return f"{_CHINESE}{safe}</span>&nbsp;"
    return f"{_CHINESE}{safe}</span>"


def as_word(blocks: tuple[Block, ...], title: str) -> bytes:
    """A ``.doc`` that is HTML saved by a word processor, in gb2312 as the program wrote it."""
    head = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word" '
        'xmlns="http://www.w3.org/TR/REC-html40"><head><meta http-equiv=Content-Type content="text/html; charset=gb2312">'
        f"<meta name=ProgId content=Word.Document><title>{html.escape(title)}</title></head><body lang=ZH-CN>"
        "<div class=Section1>"
    )
    return f"{head}{body(blocks, 'word', title)}</div></body></html>".encode("gb18030")
