"""RTF → conversion: paragraphs, headings, printed automatic numbers, tables with spans and tables in tables.

Tracked deletions, hidden and struck-out text, field codes, headers, footnotes and comments are not read; a picture
leaves a sign in a table's cell; text boxes are read, once, after the paragraph they are anchored in.  Rich Text Format 1.9.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from archive.model import Conversion, Software
from pipelines.convert.cells import CELL_CAP, LEVEL, LOWERED, RAISED, UNSEEN
from pipelines.convert.interface import Context, failed
from pipelines.convert.office.rtf_codes import CODE_PAGES, TOKEN, Codes, end_of_group, read_fonts, read_styles
from pipelines.convert.office.story import DAMAGE, DocumentError, Flow, Paragraph, Slot, Table, composed

RTF = "application/rtf"
SOFTWARE = Software("nianlun.rtf", "1", (("cells", str(CELL_CAP)),))
TAKES = (RTF,)
GROUPS_CAP = 3000
"""Groups in groups beyond this depth are an attack."""
PRINTED = {
    b"tab": "\t",
    b"line": "\n",
    b"lbr": "\n",
    b"softline": "\n",
    b"page": "\n",
    b"column": "\n",
    b"emdash": "—",
    b"endash": "–",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"bullet": "•",
    b"emspace": "\u2003",
    b"enspace": "\u2002",
    b"qmspace": "\u2005",
}
SYMBOLS = {b"~": "\xa0", b"_": "-", b"\t": "\t", b"\\": "\\", b"{": "{", b"}": "}"}
SKIPPED = frozenset(
    b"fonttbl stylesheet pict nonshppict shprslt nonesttables header headerl headerr headerf footer footerl footerr footerf "
    b"footnote annotation atnid atnauthor info colortbl filetbl revtbl listtable listoverridetable rsidtbl "
    b"generator xe tc rxe txe fldinst bkmkstart bkmkend themedata colorschememapping latentstyles datastore "
    b"xmlnstbl wgrffmtfilter mmathPr private template sp ftnsep ftnsepc aftnsep aftncn objdata "
    b"objclass objname pntxta pntxtb falt".split()
)
"""Destinations without printed text; what stands after ``\\*`` and is not in :data:`KEPT` is skipped too."""
KEPT = frozenset({b"shpinst", b"nesttableprops", b"ud", b"do", b"shptxt", b"dptxbxtext"})
MUTED = frozenset({b"shpinst", b"do", b"upr", b"object"})
"""Groups whose own text is not printed though a group in them is."""
SOUNDED = frozenset({b"ud", b"result"})
NUMBERS = frozenset({b"listtext", b"pntext"})
BOXES = frozenset({b"shptxt", b"dptxbxtext"})
DESTINATIONS = KEPT | MUTED | SOUNDED | NUMBERS | BOXES
SLOTS_CAP = 200
PICTURES = frozenset({b"pict", b"shppict"})
NO_RESULT = re.compile(rb"\}\s{0,99}(?:\{\\fldrslt[\s{}]{0,9}\}\s{0,9})?\}")
"""What follows the code of a field that shows nothing: it was never computed."""
DRAWN = re.compile(rb"\{\\sn gtextUNICODE\}\s{0,9}\{\\sv ")
"""The property of a shape that holds text drawn as an ornament (WordArt)."""
TITLE = re.compile(rb"\{\\title ([^{}]{0,2000})\}")


@dataclass(slots=True)
class _State:
    """What a group inherits and changes: fonts, what is hidden, where its paragraph stands."""

    font: int
    far_east: int = -1
    fallback: int = 1
    muted: bool = False
    hidden: bool = False
    deleted: bool = False
    struck: bool = False
    shift: str = ""
    """What raised or lowered text is marked with."""
    in_table: bool = False
    depth: int = 0
    outline: int = 9
    style: int = 0
    nested: bool = False
    """Within the properties of a nested table's row."""
    box: bool = False
    """The group is a text box."""
    script: bytes = b"loch"
    number: int = -1
    """For a group that holds an automatic number: how much of the line stood before it."""

    def copy(self) -> _State:
        return _State(
            self.font, self.far_east, self.fallback, self.muted, self.hidden, self.deleted, self.struck, self.shift,
            self.in_table, self.depth, self.outline, self.style, self.nested, script=self.script,
        )  # fmt: skip


@dataclass
class _Row:
    """A row's definition as it is being read: its cells so far, where the next begins, what is said of it."""

    slots: list[Slot] = field(default_factory=list)
    edge: int = 0
    next: Slot = field(default_factory=lambda: Slot(0, 0))


def convert(payload: bytes, _: Context) -> Conversion:
    """Read an RTF document; one whose groups are not closed is cut short: ``unreadable``."""
    try:
        reader = _Reader(payload)
        nodes = reader.read()
        return composed(nodes, SOFTWARE, RTF, reader.meta())
    except DocumentError as error:
        return failed(error.state, RTF, str(error), SOFTWARE)
    except DAMAGE as error:
        name = type(error).__name__
        return failed(
            "unreadable", RTF, f"文件已损坏（{name}） · The file is damaged ({name}: {error})"[:300], SOFTWARE
        )


class _Reader:
    """One document being read, token by token."""

    def __init__(self, source: bytes, codes: Codes | None = None) -> None:
        self.codes = codes or Codes()
        self.state = _State(self.codes.default)
        self._source = source
        self._groups: list[_State] = []
        self._flow = Flow()
        self._outer: list[tuple[Flow, list[str]]] = []
        self._waiting: list[Paragraph | Table] = []
        self._line: list[str] = []
        self._raw = bytearray()
        self._skip = 0
        self._starred = False
        self._rows = {False: _Row(), True: _Row()}

    def read(self) -> list[Paragraph | Table]:
        """Every node of the text.  Raises DocumentError."""
        end: int | None = max(self._source.find(b"{\\rtf"), 0)
        while end is not None:
            at, end = end, None
            for match in TOKEN.finditer(self._source, at):
                end = self._token(match)
                if end is not None:
                    break
                if not self._groups:
                    return self._finished()
        raise DocumentError("unreadable", "文件不完整：没有结尾 · The file is truncated: its end is missing")

    def meta(self) -> tuple[tuple[str, str], ...]:
        """The title of the document's particulars; the authors' names stay where they are."""
        found = TITLE.search(self._source, 0, 200_000)
        if found is None:
            return ()
        nodes = _Reader(b"{" + found[1] + b"}", self.codes).read()
        title = "".join(node.text for node in nodes if isinstance(node, Paragraph)).strip()
        return (("core:title", title),) if title else ()

    # ------------------------------------------------------------ tokens

    def _token(self, match: re.Match[bytes]) -> int | None:
        """Do what a token says; where to read on when that is not the next token."""
        kind = match.lastindex
        if kind == 6:
            self._plain(match[6])
        elif kind == 3:
            self._byte(int(match[3], 16))
        elif kind == 5:
            self._brace(opens=match[5] == b"{")
        elif kind == 4:
            self._symbol(match[4])
        elif kind is not None:
            return self._word(match[1], match[2], match.end())
        return None

    def _brace(self, *, opens: bool) -> None:
        self._skip = 0
        self._starred = False
        self.spell()
        if opens:
            self._groups.append(self.state)
            self.state = self.state.copy()
            if len(self._groups) > GROUPS_CAP:
                raise DocumentError("refused", "结构嵌套过深 · Nested too deeply")
            return
        if self.state.box:
            self._close_box()
        elif 0 <= self.state.number <= len(self._line):
            self._close_number(self.state.number)
        self.state = self._groups.pop()

    def _plain(self, text: bytes) -> None:
        if self._skip:
            text, self._skip = text[self._skip :], max(0, self._skip - len(text))
        if self._visible():
            self._raw += text

    def _byte(self, byte: int) -> None:
        if self._skip:
            self._skip -= 1
        elif self._visible():
            self._raw.append(byte)

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._starred = True
        elif symbol in b"\r\n":
            self.end_paragraph()
        elif symbol in SYMBOLS:
            self._print(SYMBOLS[symbol])

    def _word(self, word: bytes, digits: bytes | None, end: int) -> int | None:
        starred, self._starred = self._starred, False
        action = ACTIONS.get(word)
        if action is not None and not starred:
            self._skip = 0
            action(self, int(digits) if digits else None)
        elif word in PRINTED:
            self._print(PRINTED[word])
        elif word in SKIPPED or (starred and word not in KEPT):
            return self._left_out(word, end)
        elif word == b"u":
            self._unicode(int(digits or 0))
        elif word == b"bin":
            return end + max(int(digits or 0), 0)
        elif word in DESTINATIONS:
            self._skip = 0
            self._destination(word)
        return None

    def _left_out(self, word: bytes, at: int) -> int:
        """A destination that is not printed: reading goes on at its closing brace."""
        self._skip = 0
        self.spell()
        end = end_of_group(self._source, at)
        if word == b"fonttbl":
            read_fonts(self._source[at:end], self.codes)
        elif word == b"stylesheet":
            read_styles(self._source[at:end], self.codes)
        elif word in PICTURES or (word == b"fldinst" and NO_RESULT.match(self._source, end)):
            self._line += [UNSEEN] if self._visible() else []
        elif word == b"sp" and not self.state.hidden:
            drawn = DRAWN.search(self._source, at, end)
            if drawn is not None:
                self._waiting += _Reader(b"{" + self._source[drawn.end() : end], self.codes).read()
        return end

    def _destination(self, word: bytes) -> None:
        if word in MUTED:
            self.state.muted = True
        elif word in SOUNDED:
            self.state.muted = False
        elif word in NUMBERS:
            self.spell()
            self.state.number = len(self._line)
        elif word == b"nesttableprops":
            self.state.nested = True
        else:
            self._open_box()

    # ------------------------------------------------------------ text

    def _visible(self) -> bool:
        state = self.state
        return not (state.hidden or state.deleted or state.struck or state.muted)

    def _append(self, text: str) -> None:
        self._line.append(f"{self.state.shift}{text}{LEVEL}" if self.state.shift else text)

    def _print(self, text: str) -> None:
        if self._skip:
            self._skip -= 1
        elif self._visible():
            self.spell()
            self._append(text)

    def spell(self) -> None:
        """The bytes gathered so far as text, by the font in force."""
        if self._raw:
            self._append(self.codes.text(bytes(self._raw), self.state.font, self.state.far_east))
            self._raw.clear()

    def _unicode(self, number: int) -> None:
        """A character by its number; some of what follows is only for readers without Unicode."""
        number = number + 65536 if number < 0 else number
        if self._visible():
            self.spell()
            self._append(chr(number) if 0 <= number < 0x110000 else "\ufffd")
        self._skip = max(self.state.fallback, 0)

    def _close_number(self, begin: int) -> None:
        """An automatic number stands directly before the text; a bullet is no number."""
        number = "".join(self._line[begin:]).rstrip("\t ")
        self._line[begin:] = [number] if any(c.isalnum() and c < "\ue000" for c in number) else []

    def _paragraph(self) -> Paragraph:
        self.spell()
        text = "".join(self._line)
        self._line.clear()
        if any("\ud800" <= character <= "\udfff" for character in text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        level = self.state.outline + 1 if 0 <= self.state.outline < 6 else self.codes.headings.get(self.state.style)
        return Paragraph(text, level)

    def end_paragraph(self) -> None:
        """A paragraph's mark; a deleted one joins the paragraph to the next."""
        if not (self.state.muted or self.state.deleted):
            self._put(self._paragraph(), max(self.state.depth, 1 if self.state.in_table else 0))

    def _put(self, paragraph: Paragraph, depth: int) -> None:
        self._flow.add(paragraph, depth)
        waiting, self._waiting = self._waiting, []
        for node in waiting:
            self._flow.add(node, depth)

    def _finished(self) -> list[Paragraph | Table]:
        paragraph = self._paragraph()
        if paragraph.text.strip() or self._waiting:
            self._put(paragraph, 0)
        return self._flow.finish()

    # ------------------------------------------------------------ text boxes

    def _open_box(self) -> None:
        self.spell()
        state = self.state
        state.box, state.muted, state.in_table, state.depth = True, False, False, 0
        self._outer.append((self._flow, self._line))
        self._flow, self._line = Flow(), []

    def _close_box(self) -> None:
        nodes = self._finished()
        self._flow, self._line = self._outer.pop()
        self._waiting += nodes

    # ------------------------------------------------------------ tables

    def end_cell(self, depth: int) -> None:
        """The mark of a cell at a depth of tables."""
        if not self.state.muted:
            self._put(self._paragraph(), depth)
            self._flow.end_cell(depth)

    def end_row(self, depth: int) -> None:
        """The mark of a row; its definition is the latest one given, before its cells or after them."""
        if self.state.muted:
            return
        paragraph = self._paragraph()
        if paragraph.text.strip():
            self._put(paragraph, depth)
        self._flow.end_row(depth, tuple(self._rows[depth > 1].slots), gone=self.state.deleted)

    def new_row(self) -> None:
        """A row's definition begins."""
        self._rows[self.state.nested] = _Row()

    def row(self) -> _Row:
        """The definition that is being given."""
        return self._rows[self.state.nested]

    def define(self, edge: int) -> None:
        """The right edge of the next cell: with it the cell is defined."""
        row = self.row()
        if len(row.slots) < SLOTS_CAP:
            right = max(row.edge, edge)
            row.slots.append(replace(row.next, left=row.edge, right=right))
            row.edge = right
        row.next = Slot(0, 0)


# ---------------------------------------------------------------- what control words do

Action = Callable[[_Reader, "int | None"], None]


def _flag(name: str) -> Action:
    def act(reader: _Reader, number: int | None) -> None:
        reader.spell()
        setattr(reader.state, name, number != 0)

    return act


def _number(name: str, default: int = 0) -> Action:
    def act(reader: _Reader, number: int | None) -> None:
        reader.spell()
        setattr(reader.state, name, default if number is None else number)

    return act


def _shift(mark: str) -> Action:
    def act(reader: _Reader, number: int | None) -> None:
        reader.spell()
        reader.state.shift = "" if number == 0 else mark

    return act


def _cell(**said: bool) -> Action:
    def act(reader: _Reader, _: int | None) -> None:
        row = reader.row()
        row.next = replace(row.next, **said)

    return act


def _page(number: int | None) -> Action:
    def act(reader: _Reader, given: int | None) -> None:
        reader.codes.page = CODE_PAGES.get(given or number or 1252, "cp1252")

    return act


def _default_font(reader: _Reader, number: int | None) -> None:
    reader.codes.default = reader.state.font = number or 0


def _paragraph_defaults(reader: _Reader, _: int | None) -> None:
    state = reader.state
    state.in_table, state.depth, state.outline, state.style = False, 0, 9, 0


def _character_defaults(reader: _Reader, _: int | None) -> None:
    reader.spell()
    state = reader.state
    state.font, state.far_east, state.hidden, state.deleted = reader.codes.default, -1, False, False
    state.struck, state.shift = False, ""


def _associated(reader: _Reader, number: int | None) -> None:
    r"""``\dbch\af13``: the font of double-byte characters; the other two kinds say nothing that is needed."""
    if reader.state.script == b"dbch":
        reader.spell()
        reader.state.far_east = -1 if number is None else number


def _script(name: bytes) -> Action:
    def act(reader: _Reader, _: int | None) -> None:
        reader.state.script = name

    return act


def _left(reader: _Reader, number: int | None) -> None:
    row = reader.row()
    if not row.slots:
        row.edge = number or 0


ACTIONS: dict[bytes, Action] = {
    b"ansicpg": _page(None),
    b"mac": _page(10000),
    b"pc": _page(437),
    b"pca": _page(850),
    b"deff": _default_font,
    b"f": _number("font"),
    b"loch": _script(b"loch"),
    b"hich": _script(b"hich"),
    b"dbch": _script(b"dbch"),
    b"af": _associated,
    b"uc": _number("fallback", 1),
    b"v": _flag("hidden"),
    b"deleted": _flag("deleted"),
    b"strike": _flag("struck"),
    b"striked": _flag("struck"),
    b"super": _shift(RAISED),
    b"sub": _shift(LOWERED),
    b"nosupersub": _shift(""),
    b"plain": _character_defaults,
    b"pard": _paragraph_defaults,
    b"intbl": _flag("in_table"),
    b"itap": _number("depth"),
    b"outlinelevel": _number("outline", 9),
    b"s": _number("style"),
    b"par": lambda reader, _: reader.end_paragraph(),
    b"sect": lambda reader, _: reader.end_paragraph(),
    b"cell": lambda reader, _: reader.end_cell(1),
    b"nestcell": lambda reader, _: reader.end_cell(max(reader.state.depth, 2)),
    b"row": lambda reader, _: reader.end_row(1),
    b"nestrow": lambda reader, _: reader.end_row(max(reader.state.depth, 2)),
    b"trowd": lambda reader, _: reader.new_row(),
    b"trleft": _left,
    b"cellx": lambda reader, number: reader.define(number or 0),
    b"clmrg": _cell(joins_left=True),
    b"clvmgf": _cell(starts=True),
    b"clvmrg": _cell(continues=True),
}
"""What the control words do that change what is printed or where it stands; all others are looks."""
