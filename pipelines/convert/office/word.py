"""DOC (and WPS, the same container) → conversion: paragraphs, headings, automatic numbers, tables with spans.

Tracked deletions, hidden and struck-out text, field codes, headers, footnotes and comments are not read; a picture
leaves a sign in a table's cell; text boxes are read, once, after the paragraph they are anchored in.  [MS-DOC] 2.4 describes how text, paragraphs and tables are found.
Word 6.0/95 is refused: it is another format.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING

from archive.model import Conversion, Software
from pipelines.convert.cells import BLANKS, CELL_CAP, OF_NUMBERS, UNSEEN, shifted
from pipelines.convert.interface import Context, failed
from pipelines.convert.office.story import DAMAGE, DocumentError, Flow, Paragraph, Table, composed
from pipelines.convert.office.word_file import WORD, WordFile, open_word
from pipelines.convert.office.word_lists import Lists
from pipelines.convert.office.word_properties import Looks, piece_run, runs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SOFTWARE = Software("nianlun.word", "1", (("olefile", version("olefile")), ("cells", str(CELL_CAP))))
TAKES = (WORD,)
GONE = "\0"
"""Stands for a character that is not printed, so that positions stay what they are."""
REACH = 40
"""How far the number beside raised text is looked for."""
FIELD = re.compile("[\x13-\x15]")
MARK = re.compile("[\r\x07\x0c]")
CHARACTERS = dict.fromkeys((*range(9), *range(15, 30), 31)) | {0x01: UNSEEN, 0x0B: "\n", 0x0E: "\n", 0x1E: "-"}
"""What control characters print (2.4.1 and the special characters of sprmCFSpec)."""


def convert(payload: bytes, _: Context) -> Conversion:
    """Read a Word 97–2003 document; ``encrypted``, ``refused`` (Word 6.0/95) and ``unreadable`` say why."""
    try:
        file = open_word(payload)
        return composed(_Document(file).nodes(), SOFTWARE, WORD, file.meta)
    except DocumentError as error:
        return failed(error.state, WORD, str(error), SOFTWARE)
    except DAMAGE as error:
        name = type(error).__name__
        return failed(
            "unreadable", WORD, f"文件已损坏（{name}） · The file is damaged ({name}: {error})"[:300], SOFTWARE
        )


class _Document:
    """One document being read: its printed text, CP for CP, and where everything stands in it."""

    def __init__(self, file: WordFile) -> None:
        self._file = file
        self._looks = Looks(file)
        self._lists = Lists(file)
        self._ends: set[int] = set()
        """Marks that end a cell or a row and are part of a tracked deletion."""
        self._text = self._printed()
        self._boxes = _boxes(file)

    def nodes(self) -> list[Paragraph | Table]:
        """The main text's paragraphs and tables."""
        return self._story(0, self._file.counts[0], self._boxes)

    def _story(self, first: int, last: int, boxes: dict[int, list[tuple[int, int]]]) -> list[Paragraph | Table]:
        flow = Flow()
        begin = first
        waiting = sorted(boxes)
        for end in self._marks(first, last):
            aside: list[Paragraph | Table] = []
            while waiting and waiting[0] <= end:
                aside += [node for box in boxes[waiting.pop(0)] for node in self._story(*box, {})]
            self._end(flow, begin, end, last, aside)
            begin = end + 1
        return flow.finish()

    def _marks(self, first: int, last: int) -> Iterator[int]:
        end = first - 1
        for match in MARK.finditer(self._text, first, last):
            end = match.start()
            yield end
        if end < last - 1:
            yield last

    def _end(self, flow: Flow, begin: int, end: int, last: int, aside: list[Paragraph | Table]) -> None:
        """A mark: the end of a paragraph, and perhaps of a cell or of a row; ``aside`` stands in its text boxes."""
        at = min(end, last - 1)
        look = self._looks.at(at)
        marked = end < last and self._file.text[end] == "\x07"
        depth = max(look.depth, 1) if marked else look.depth
        if look.row_end and (marked or depth > 1):
            flow.end_row(depth, look.slots, gone=end in self._ends)
            return
        flow.add(self._paragraph(self._text[begin:end], at), depth)
        for node in aside:
            flow.add(node, depth)
        if marked or (look.cell_end and depth > 1):
            flow.end_cell(depth)

    def _paragraph(self, text: str, end: int) -> Paragraph:
        look = self._looks.at(end)
        text = text.replace(GONE, "").translate(CHARACTERS)
        if any("\ud800" <= character <= "\udfff" for character in text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return Paragraph(self._lists.next(look) + text if text.strip() else text, look.level)

    # ------------------------------------------------------------ what is printed

    def _printed(self) -> str:
        """The text with everything that is not printed replaced, CP for CP."""
        text = self._file.text.replace(GONE, "\x02")
        runs = list(self._changed(text))
        changes = [(first, last, symbol, deleted) for first, last, symbol, deleted, shift in runs if not shift]
        shifts = [(first, last, shift) for first, last, _, _, shift in runs if shift]
        if not runs and not FIELD.search(text):
            return text
        characters = list(text)
        for first, last, symbol, deleted in changes:
            for cp in range(first, last):
                if symbol:
                    characters[cp] = symbol if characters[cp] == "(" else characters[cp]
                else:
                    characters[cp] = self._without(characters[cp], cp, deleted=deleted)
        for first, last in _field_codes(text):
            for cp in range(first, last):
                characters[cp] = characters[cp] if characters[cp] == "\x07" else GONE
        _set_apart(characters, shifts)
        return "".join(characters)

    def _without(self, character: str, cp: int, *, deleted: bool) -> str:
        """A hidden character; the marks of cells and rows stay, for the table is printed without their text."""
        if character in "\r\x07":
            look = self._looks.at(cp)
            if character == "\x07" or (look.depth > 1 and (look.cell_end or look.row_end)):
                self._ends.update((cp,) if deleted else ())
                return character
        return GONE

    def _changed(self, text: str) -> Iterator[tuple[int, int, str, bool, str]]:
        """CP ranges that are hidden, deleted, symbols, raised: from the characters' properties and from the pieces'."""
        runs = runs_of(self._file)
        firsts = [run.first for run in runs]
        for piece in self._file.pieces:
            end = piece.offset + (piece.last - piece.first) * piece.width
            whole = piece_run(piece.prm, self._file)
            if whole is not None and not whole.symbol:
                gone = whole.deleted or whole.hidden
                yield piece.first, piece.last, "", whole.deleted, "" if gone else whole.shift
            for run in islice(runs, max(0, bisect_right(firsts, piece.offset) - 1), None):
                if run.first >= end:
                    break
                if run.last > piece.offset:
                    first = piece.first + (max(run.first, piece.offset) - piece.offset) // piece.width
                    last = piece.first + (min(run.last, end) - piece.offset + piece.width - 1) // piece.width
                    gone = run.deleted or run.hidden
                    symbol, shift = ("", "") if gone else (run.symbol, "" if run.symbol else run.shift)
                    yield first, min(last, len(text)), symbol, run.deleted, shift


def _set_apart(characters: list[str], shifts: list[tuple[int, int, str]]) -> None:
    """Raised or lowered digits beside a number become ones that no number holds; ranges in touch are one."""
    merged: list[tuple[int, int, str]] = []
    for first, last, shift in sorted(shifts):
        if merged and merged[-1][1] >= first:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last), merged[-1][2])
        else:
            merged.append((first, last, shift))
    for first, last, shift in merged:
        before = (c for c in reversed(characters[max(0, first - REACH) : first]) if c != GONE and c not in BLANKS)
        after = (c for c in characters[last : last + REACH] if c != GONE and c not in BLANKS)
        if next(before, "") in OF_NUMBERS or next(after, "") in OF_NUMBERS:
            characters[first:last] = shifted("".join(characters[first:last]), shift)


def _field_codes(text: str) -> Iterable[tuple[int, int]]:
    """The ranges between a field's begin and its separator (or its end); a field that is not closed is text."""
    opened: list[tuple[int, int]] = []
    found: list[tuple[int, int]] = []
    for match in FIELD.finditer(text):
        at = match.start()
        if text[at] == "\x13":
            opened.append((at, -1))
        elif not opened:
            continue
        elif text[at] == "\x14":
            begin, separator = opened[-1]
            opened[-1] = (begin, at if separator < 0 else separator)
        else:
            begin, separator = opened.pop()
            found.append((begin, (separator if separator >= 0 else at) + 1))
    return found


def _boxes(file: WordFile) -> dict[int, list[tuple[int, int]]]:
    """Text boxes of the main text by the CP of their anchor: the CPs of their stories (2.8.32, 2.8.37)."""
    stories, anchors = file.structure("boxes"), file.structure("shapes")
    count, shapes = (len(stories) - 4) // 26, (len(anchors) - 4) // 30
    if count <= 0 or file.counts[6] <= 0:
        return {}
    start = sum(file.counts[:6])
    places = {
        struct.unpack_from("<i", anchors, 4 * (shapes + 1) + 26 * i)[0]: struct.unpack_from("<I", anchors, 4 * i)[0]
        for i in range(max(shapes, 0))
    }
    bounds = struct.unpack_from(f"<{count + 1}I", stories, 0)
    found: dict[int, list[tuple[int, int]]] = {}
    for i in range(count):
        shape = struct.unpack_from("<i", stories, 4 * (count + 1) + 22 * i + 14)[0]
        first, last = start + bounds[i], start + min(bounds[i + 1], file.counts[6])
        if first < last:
            found.setdefault(min(places.get(shape, file.counts[0] - 1), file.counts[0] - 1), []).append((first, last))
    return found
