"""Sets a report on pages: where every line of text, ruled line and shaded box lies, for formats with fixed pages.

Units are points (1/72 inch), the origin is the page's top left.  Lines of text are broken by width (ASCII half as
wide as Chinese), tables run over pages between rows or within them, with or without their head again.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from crawler.simulator.printing.layout import head, laid_out
from crawler.simulator.sheet import Slot, placed, width

if TYPE_CHECKING:
    from crawler.simulator.sheet import Block, Content, Sheet


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text: left edge, baseline, size, and the advance of each character but the last."""

    x: float
    y: float
    size: float
    text: str
    advances: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A ruled line."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Shade:
    """A filled box without a border, of a grey (1: white)."""

    x0: float
    y0: float
    x1: float
    y1: float
    grey: float


Page = list[Words | Rule | Shade]


@dataclass(frozen=True, slots=True)
class Habit:
    """What one program and one clerk do the same on every page."""

    page: tuple[float, float] = (595.3, 841.9)
    margin: float = 72.0
    size: float = 10.5
    leading: float = 1.5
    """Line pitch in sizes."""
    cell_size: float = 9.0
    padding: float = 3.0
    middle: bool = True
    """Text stands in the middle of its cell from top to bottom."""
    repeated: bool = False
    """A table's head is printed again on each page."""
    divided: bool = False
    """Rows may go on over the end of a page."""
    shaded: bool = False
    justified: bool = False
    indented: bool = True
    """The first line begins two characters further right; else two wide spaces are printed."""
    running: str = ""
    folio: str = ""
    """The page number's look: ``- {n} -``; empty: none."""
    even: bool = False
    """Columns are equally wide."""


def habit(rng: random.Random, content: Content) -> Habit:
    """A random habit."""
    wide = rng.random() < 0.2
    return Habit(
        page=(841.9, 595.3) if wide else (595.3, 841.9),
        margin=rng.choice((54.0, 72.0, 85.0)) if not wide else 50.0,
        size=rng.choice((10.5, 12.0, 14.0, 16.0)),
        leading=rng.choice((1.35, 1.5, 1.75)),
        cell_size=rng.choice((7.5, 9.0, 10.0)),
        padding=rng.choice((1.5, 3.0, 5.0)),
        middle=rng.random() < 0.7,
        repeated=rng.random() < 0.35,
        divided=rng.random() < 0.3,
        shaded=rng.random() < 0.25,
        justified=rng.random() < 0.5,
        indented=rng.random() < 0.5,
        running=rng.choice(("", "", content.publisher, "政府信息公开工作年度报告")),
        folio=rng.choice(("- {n} -", "— {n} —", "第 {n} 页", "{n}", "")),
        even=rng.random() < 0.25,
    )


def measure(text: str, size: float) -> float:
    """The width of a line of text."""
    return sum(_width(char) for char in text) * size


def _width(char: str) -> float:
    return 0.5 if char < "\x7f" else 1.0


def _stretches(before: str, after: str) -> bool:
    """Whether justified text is stretched between two characters: not within Latin words and figures."""
    return not (before.isascii() and after.isascii())


def wrapped(text: str, room: float, size: float, first: float = 0.0) -> list[str]:
    """Text broken into lines of at most ``room`` points, the first by ``first`` shorter; figures stay whole."""
    lines: list[str] = []
    for part in text.split("\n"):
        line, left = "", room - (first if not lines else 0)
        for word in _words(part):
            if line and measure(line + word, size) > left:
                lines.append(line)
                line, left = "", room
            rest = word
            while measure(rest, size) > left and len(rest) > 1:
                fits = max(1, int(left / (size * _width(rest[0]))))
                lines.append(rest[:fits])
                rest, left = rest[fits:], room
            line += rest
        lines.append(line)
    return lines


def _words(text: str) -> list[str]:
    """Chinese characters one by one; runs of figures and Latin letters whole."""
    words: list[str] = []
    for char in text:
        if words and char.isascii() and char != " " and words[-1].isascii() and words[-1] != " ":
            words[-1] += char
        else:
            words.append(char)
    return words


def pages(content: Content, seed: int, form: str) -> list[Page]:
    """The report set on pages by a habit drawn from the seed."""
    rng = random.Random(f"paper:{form}:{seed}")
    setter = Setter(habit(rng, content))
    for block in laid_out(content, rng, ragged=False, flowing=False).blocks:
        if block.kind == "table":
            setter.table(block.sheet)
        else:
            setter.paragraph(block)
    return setter.finished()


@dataclass(slots=True)
class Setter:
    """Sets blocks one below the other; ``used`` is how far down the last page is filled."""

    habit: Habit
    pages: list[Page] = field(default_factory=lambda: [[]])
    used: float = 0.0

    def __post_init__(self) -> None:
        self.used = self.habit.margin

    def finished(self) -> list[Page]:
        """The pages with running heads and page numbers."""
        habit = self.habit
        for number, page in enumerate(self.pages, 1):
            if habit.running:
                page.append(self.line(habit.running, habit.margin, habit.margin - 20, 9.0))
                page.append(Rule(habit.margin, habit.margin - 16, habit.page[0] - habit.margin, habit.margin - 16))
            if habit.folio:
                text = habit.folio.format(n=number)
                at = (habit.page[0] - measure(text, 9.0)) / 2
                page.append(self.line(text, at, habit.page[1] - habit.margin + 24, 9.0))
        return self.pages

    def line(self, text: str, x: float, y: float, size: float, extra: float = 0.0) -> Words:
        """A line of text stretched by ``extra`` points at each gap but those within Latin words and figures."""
        advances = (_width(a) * size + extra * _stretches(a, b) for a, b in pairwise(text))
        return Words(x, y, size, text, tuple(advances))

    def room(self) -> float:
        """How many points are left on the page."""
        return self.habit.page[1] - self.habit.margin - self.used

    def turn(self) -> None:
        """Begin a new page."""
        self.pages.append([])
        self.used = self.habit.margin

    def paragraph(self, block: Block) -> None:
        """Lines of a paragraph, heading or title; a heading does not stand last on a page."""
        habit = self.habit
        size = {"title": habit.size * 1.4, "heading": habit.size * 1.1}.get(block.kind, habit.size)
        pitch = size * habit.leading
        indent = 2 * size if block.kind == "paragraph" and habit.indented else 0.0
        text = f"　　{block.text}" if block.kind == "paragraph" and not habit.indented else block.text
        room = habit.page[0] - 2 * habit.margin
        lines = wrapped(text, room, size, indent)
        if block.kind == "heading" and self.room() < 4 * pitch:
            self.turn()
        for index, line in enumerate(lines):
            if self.room() < pitch:
                self.turn()
            self.used += pitch
            start = habit.margin + (0.0 if index else indent)
            spare = room - (0.0 if index else indent) - measure(line, size)
            if block.kind == "title":
                start += spare / 2
            gaps = sum(_stretches(a, b) for a, b in pairwise(line))
            justify = habit.justified and index < len(lines) - 1 and block.kind == "paragraph" and gaps > 10
            extra = spare / gaps if justify else 0.0
            self.pages[-1].append(self.line(line, start, self.used - (pitch - size) / 2 - size * 0.15, size, extra))
        self.used += size * 0.3

    # ------------------------------------------------------------ tables

    def table(self, sheet: Sheet) -> None:
        """A table with ruled cells, over as many pages as it takes."""
        table = _Table(self, sheet, *_measured(sheet, self.habit))
        self.used += 4
        table.set()
        self.used += 8


def _measured(sheet: Sheet, habit: Habit) -> tuple[list[float], list[float]]:
    """The columns' edges and the rows' heights."""
    room = habit.page[0] - 2 * habit.margin
    needs = [2 * habit.padding + habit.cell_size] * width(sheet)
    wants = [1.0] * width(sheet)
    for _, column, slot in placed(sheet):
        if slot.columns > 1:
            continue
        if slot.code:
            needs[column] = max(needs[column], measure(slot.text, habit.cell_size) + 2 * habit.padding + 0.5)
        else:
            wants[column] = max(wants[column], min(len(slot.text), 14))
    spare = max(room - sum(needs), 0.0)
    shares = [1.0] * len(wants) if habit.even else wants
    edges = [habit.margin]
    for need, share in zip(needs, shares, strict=True):
        edges.append(edges[-1] + need + spare * share / sum(shares))
    pitch = habit.cell_size * 1.3
    heights = [pitch + 2 * habit.padding] * len(sheet)
    for row, column, slot in sorted(placed(sheet), key=lambda cell: cell[2].rows):
        lines = wrapped(slot.text, edges[column + slot.columns] - edges[column] - 2 * habit.padding, habit.cell_size)
        missing = len(lines) * pitch + 2 * habit.padding - sum(heights[row : row + slot.rows])
        if missing > 0:
            heights[row + slot.rows - 1] += missing
    return edges, heights


@dataclass(slots=True)
class _Table:
    """A table being set: its cells, edges and heights."""

    setter: Setter
    sheet: Sheet
    edges: list[float]
    heights: list[float]

    def set(self) -> None:
        """Bands of rows, one a page; the head again where the habit says so."""
        first = head(self.sheet)
        row = 0
        if sum(self.heights[: first + 1]) > self.setter.room():
            self.setter.turn()
        while row < len(self.sheet):
            last = row
            while last < len(self.sheet) and sum(self.heights[row : last + 1]) <= self.setter.room():
                last += 1
            if self.setter.habit.divided and first <= last < len(self.sheet) and self._divide(row, last):
                last += 1
            if last == row:
                if self.heights[row] > self.setter.room() and self._fresh(first, row):
                    last = row + 1
                else:
                    self._turn(first, row)
                    continue
            self._band(row, last)
            row = last
            if row < len(self.sheet):
                self._turn(first, row)

    def _divide(self, start: int, row: int) -> bool:
        """Cut the lines of ``row`` where the page ends; its figures stay above.  False where nothing can be cut."""
        habit = self.setter.habit
        pitch = habit.cell_size * 1.3
        spare = self.setter.room() - sum(self.heights[start:row])
        fits = int((spare - 2 * habit.padding) / pitch)
        needed = round((self.heights[row] - 2 * habit.padding) / pitch)
        if not 0 < fits < needed:
            return False
        rows: list[list[tuple[int, Slot]]] = [[] for _ in range(len(self.sheet) + 1)]
        for at, column, slot in placed(self.sheet):
            if at == row and slot.rows == 1:
                room = self.edges[column + slot.columns] - self.edges[column] - 2 * habit.padding
                lines = wrapped(slot.text, room, habit.cell_size)
                above, below = ("".join(lines[:fits]), "".join(lines[fits:])) if not slot.code else (slot.text, "")
                rows[row].append((column, replace(slot, text=above)))
                rows[row + 1].append((column, Slot(below, columns=slot.columns)))
            else:
                crosses = at <= row < at + slot.rows
                rows[at if at <= row else at + 1].append((column, replace(slot, rows=slot.rows + crosses)))
        self.sheet = tuple(tuple(slot for _, slot in sorted(cells, key=lambda cell: cell[0])) for cells in rows)
        upper = fits * pitch + 2 * habit.padding
        self.heights[row : row + 1] = [upper, self.heights[row] - fits * pitch]
        return True

    def _fresh(self, first: int, row: int) -> bool:
        """Whether the page holds nothing yet but a repeated head: a row that does not fit here fits nowhere."""
        again = sum(self.heights[:first]) if self.setter.habit.repeated and row >= first else 0.0
        return self.setter.used <= self.setter.habit.margin + again + 1.0

    def _turn(self, first: int, row: int) -> None:
        """A new page, with the head again where it is repeated."""
        self.setter.turn()
        if self.setter.habit.repeated and first and row >= first and row > 0:
            self._band(0, first)

    def _band(self, first: int, last: int) -> None:
        """The rows ``first`` to ``last`` (exclusive) on the present page."""
        setter, habit = self.setter, self.setter.habit
        tops = {row: setter.used + sum(self.heights[first:row]) for row in range(first, last + 1)}
        for row, column, slot in placed(self.sheet):
            top, bottom = max(row, first), min(row + slot.rows, last)
            if top >= bottom:
                continue
            box = (self.edges[column], tops[top], self.edges[column + slot.columns], tops[bottom])
            if habit.shaded and not slot.code and row < head(self.sheet):
                setter.pages[-1].append(Shade(*box, 0.85))
            self._rules(*box)
            if row >= first:
                self._words(slot, *box)
        setter.used += sum(self.heights[first:last])

    def _rules(self, left: float, top: float, right: float, bottom: float) -> None:
        self.setter.pages[-1] += [
            Rule(left, top, right, top),
            Rule(left, bottom, right, bottom),
            Rule(left, top, left, bottom),
            Rule(right, top, right, bottom),
        ]

    def _words(self, slot: Slot, left: float, top: float, right: float, bottom: float) -> None:
        if not slot.text:
            return
        habit, size = self.setter.habit, self.setter.habit.cell_size
        lines = wrapped(slot.text, right - left - 2 * habit.padding, size)
        pitch = size * 1.3
        down = (bottom - top - len(lines) * pitch) / 2 if habit.middle else habit.padding
        down = max(down, min(habit.padding, 1.0))
        for index, line in enumerate(lines):
            at = (left + right - measure(line, size)) / 2 if slot.code or len(slot.text) < 8 else left + habit.padding
            baseline = top + down + pitch * index + size
            self.setter.pages[-1].append(self.setter.line(line, at, baseline, size))
