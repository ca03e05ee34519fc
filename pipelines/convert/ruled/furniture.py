"""What stands on a page beside its text: page numbers, running heads and running feet.

Only lines at the upper and lower edge count.  What several pages repeat at one place is furniture; on a single page
a line is only when it is set apart in small type and says nothing but a part of the title, or the name all such
reports have.  Everything else is text, whatever it looks like.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from pipelines.convert.ruled.flow import PAGE_NUMBER, Line, body_size, is_large

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.convert.ruled.lattice import Stroke

HEAD, FOOT = 0.1, 0.88
"""The shares of a page's height above and below which lines may be furniture."""
DRIFT = 0.05
"""How far, in shares of the height, a running head moves from page to page."""
SMALL = 0.92
"""A running head or foot is set in type of at most this share of the text's."""
LARGER = 1.2
"""How many times as large as a running head the title is set."""
NEAR = 14.0
"""Points between a running head and the rule under it."""
RULE_CAP = 50
GENERIC = re.compile(
    r"(?:(?:19|20)\d{2}年?度?)?(?:政府信息|政务信息|信息|政务|政府)公开(?:工作)?(?:情况)?(?:年度工作报告|年度报告|年报)"
)
ANNUAL = re.compile(r"报告|年报")


class Sheet(NamedTuple):
    """A page's lines of text from top to bottom, its height in points, and the rules across it outside tables."""

    lines: Sequence[Line]
    height: float
    rules: Sequence[Stroke] = ()


class _Seen(NamedTuple):
    """A line at a page's edge: on which page, what it says and roughly where, whether set apart."""

    page: int
    line: Line
    bucket: tuple[str, int]
    is_apart: bool
    """Whether it is in smaller type than the text, or a rule parts it from it."""


def without_furniture(sheets: Sequence[Sheet]) -> list[list[Line]]:
    """Every page's lines without page numbers, running heads and running feet."""
    body = body_size(line for sheet in sheets for line in sheet.lines if not _is_at_edge(line, sheet.height))
    seen = [
        _Seen(number, line, _bucket(line, sheet), _is_apart(line, sheet, body))
        for number, sheet in enumerate(sheets)
        for line in sheet.lines
        if _is_at_edge(line, sheet.height)
    ]
    dropped = {id(one.line) for one in seen if PAGE_NUMBER.match(one.line.text)}
    dropped |= _repeated(seen, len(sheets), body)
    title = _title(sheets[0], body) if sheets else []
    outermost = {id(line) for sheet in sheets for line in _outermost(sheet)}
    dropped |= {
        id(one.line) for one in seen if one.is_apart and id(one.line) in outermost and _says_title(one.line, title)
    }
    return [[line for line in sheet.lines if id(line) not in dropped] for sheet in sheets]


def _is_at_edge(line: Line, height: float) -> bool:
    return line.box[1] < HEAD * height or line.box[3] > FOOT * height


def _bucket(line: Line, sheet: Sheet) -> tuple[str, int]:
    """What a line says, the number of its own page taken out, and where it stands in coarse steps."""
    words = re.sub(rf"(?<!\d){line.page}(?!\d)", "#", _plain(line.text))
    return words, round(line.box[1] / sheet.height / DRIFT)


def _is_apart(line: Line, sheet: Sheet, body: float) -> bool:
    if body and (line.em or line.size) <= SMALL * body:
        return True
    above = line.box[1] < HEAD * sheet.height
    edge = line.box[3] if above else line.box[1]
    return any(-2 <= (rule.y0 - edge if above else edge - rule.y0) <= NEAR for rule in sheet.rules[:RULE_CAP])


def _repeated(seen: Sequence[_Seen], count: int, body: float) -> set[int]:
    """The lines that most pages have at the same place; of two pages both, and set apart.

    The title that stands close under a running head of the same words is larger than it, and stays.
    """
    groups: dict[tuple[str, int], list[_Seen]] = {}
    for one in seen:
        groups.setdefault(one.bucket, []).append(one)
    dropped = set()
    for (words, at), group in groups.items():
        near = [groups.get((words, at + step), []) for step in (-1, 0, 1)]
        on = len({other.page for others in near for other in others})
        least = min(other.line.size for others in near for other in others)
        dropped |= {
            id(one.line)
            for one in group
            if 2 * on > count
            and on >= (2 if one.is_apart else 3)
            and not (is_large(one.line, body) and one.line.size > 1.1 * least)
        }
    return dropped


def _outermost(sheet: Sheet) -> Iterator[Line]:
    """A page's first and last line where they stand by themselves, page numbers left aside."""
    lines = [line for line in sheet.lines if not PAGE_NUMBER.match(line.text)]
    if lines and (len(lines) == 1 or lines[1].box[1] - lines[0].box[3] > 0.6 * lines[0].size):
        yield lines[0]
    if len(lines) > 1 and lines[-1].box[1] - lines[-2].box[3] > 0.6 * lines[-1].size:
        yield lines[-1]


def _says_title(line: Line, title: Sequence[Line]) -> bool:
    """Whether a line says again what the title says in larger type, or only what every report is called."""
    printed = _plain("".join(other.text for other in title))
    said = _plain(line.text)
    if len(said) < 4 or not ANNUAL.search(printed) or max(other.em for other in title) < LARGER * line.em:
        return False
    return said in printed or bool(GENERIC.fullmatch(said))


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _title(sheet: Sheet, body: float) -> list[Line]:
    """The first page's lines in its largest type, where that is a title's."""
    large = [line for line in sheet.lines[:10] if is_large(line, body)]
    most = max((line.em for line in large), default=0.0)
    return [line for line in large if line.em > 0.94 * most]
