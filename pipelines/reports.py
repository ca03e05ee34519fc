"""A page and its attachments → the reports they are: one, joined; or several, where they are several publishers'.

A portal puts forty bureaus' reports on one page, as forty files or in one zip.  Their figures must never be joined:
files that are themselves reports of different publishers or years stand each for itself, and everything else on
the page belongs to the page's own report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from archive.forms import FORMS
from archive.model import Contacts, Finding, FormName, Observation, Reading
from pipelines.read import READABLE, findings_of, form_of
from pipelines.recognise import organ, publisher_in, year_in
from pipelines.tables import Tables, with_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PLACE = re.compile(r"(?:省|市|县|区|州|盟|旗|(?<![城村])镇|(?<![城])乡|街道)$")
PLACE_FIRST = re.compile(r"(?:省|市|县|区|州|自治区|自治州)[^省市县区州]")
COVER = 400
"""Characters; the shortest report among the texts captured so far has 1,138."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a report: its reading, the address it was fetched from, and the bundle's member it is."""

    source: str
    """``page``, or the attachment's address."""
    reading: Reading
    member: str | None = None

    @property
    def name(self) -> str:
        """What tells it from the page's other files whatever host or folder they lie in: the file's name."""
        return self.member or self.source.partition("?")[0].rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Whole:
    """One report: everything said of it joined, its own first file's reading, and the files it consists of."""

    joined: Reading
    first: Reading
    pieces: tuple[Piece, ...]
    """The attachments, or the members of a bundle; without the page."""
    name: str | None = None
    """For a report that stands beside others on its page: the name of its first file."""


def wholes(page: Reading, attachments: Sequence[tuple[str, Reading]], *, apart: bool = False) -> tuple[Whole, ...]:
    """The reports a page with its attachments ``(address, reading)`` holds: the page's own first, if there is one.

    ``apart`` says that they were found to be several before: then a single file's report stands for itself, too.
    """
    pieces = _pieces(page, attachments)
    groups = _groups([piece for piece in pieces if _is_report(piece.reading)])
    if len(groups) == 1 and not apart and _agrees(page, groups[0][0].reading):
        groups = []
    groups += _conflicting([piece for piece in pieces if not _is_report(piece.reading)])
    if not groups:
        return (_own(page, pieces),)
    beside = tuple(_beside(group, pieces, len(groups), page.year) for group in groups)
    taken = {id(piece) for whole in beside for piece in whole.pieces}
    own = _own(page, [piece for piece in pieces if id(piece) not in taken])
    return _named_apart(beside) if _is_cover(own.joined) else (own, *_named_apart(beside))


def _agrees(page: Reading, file: Reading) -> bool:
    """Whether a page's one report can be the page's own: neither its publisher nor its year contradicts it."""
    if page.kind is None:
        return True
    same_year = page.year is None or page.year == file.year
    return same_year and (page.publisher is None or _same_publisher(page.publisher, file.publisher or ""))


def _conflicting(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Files that do not say whose they are and print different figures of the same indicators: each for itself.

    The parts of one report, its tables in files of their own, print different indicators.
    """
    held = [piece for piece in pieces if _belongs(piece.reading) and _figures(piece)]
    if not any(_differ(a, b) for i, a in enumerate(held) for b in held[i + 1 :]):
        return []
    return [[piece] for piece in held if any(_differ(piece, other) for other in held if other is not piece)]


def _figures(piece: Piece) -> dict[str, float | int | None]:
    return {
        o.indicator: o.value for o in piece.reading.observations if o.status == "ok" and "local:" not in o.indicator
    }


def _differ(a: Piece, b: Piece) -> bool:
    one, other = _figures(a), _figures(b)
    return a is not b and any(one[code] != other[code] for code in one.keys() & other.keys())


def kinds_in(reading: Reading) -> frozenset[str]:
    """The kinds of report a payload holds: its own, or its members'."""
    found = {reading.kind, *(member.kind for _, member in reading.members)}
    return frozenset(kind for kind in found if kind is not None)


def _is_cover(own: Reading) -> bool:
    """Whether a page only hands its files out: it prints no figure, and next to no text."""
    return own.kind is None or (not own.observations and len(own.text or "") < COVER)


def _pieces(page: Reading, attachments: Sequence[tuple[str, Reading]]) -> list[Piece]:
    pieces = [Piece("page", reading, name) for name, reading in page.members]
    for address, reading in attachments:
        pieces += [Piece(address, member, name) for name, member in reading.members] or [Piece(address, reading)]
    return pieces


def _is_report(reading: Reading) -> bool:
    return reading.kind is not None and reading.publisher is not None and reading.year is not None


def _groups(reports: Sequence[Piece]) -> list[list[Piece]]:
    """The files of the same report together: the same year and kind, and publishers that differ at most in length."""
    groups: list[list[Piece]] = []
    for piece in reports:
        group = next((group for group in groups if _same_report(group[0].reading, piece.reading)), None)
        if group is None:
            groups.append([piece])
        else:
            group.append(piece)
    return groups


def _same_report(a: Reading, b: Reading) -> bool:
    return (a.year, a.kind) == (b.year, b.kind) and _same_publisher(a.publisher or "", b.publisher or "")


def _same_publisher(a: str, b: str) -> bool:
    """Whether two names are one body's: equal, or one says where the body is and the other does not.

    住房和城乡建设局 ends with 建设局 and is another bureau; 青山县水利局 is the 水利局 of 青山县.
    """
    long, short = sorted((a, b), key=len, reverse=True)
    if long == short:
        return True
    where = long.removesuffix(short)
    return len(where) < len(long) and bool(PLACE.search(where) or PLACE_FIRST.match(short))


def _own(page: Reading, pieces: Sequence[Piece]) -> Whole:
    return Whole(join(page, pieces), page, tuple(pieces))


def _beside(group: Sequence[Piece], pieces: Sequence[Piece], groups: int, year: int | None) -> Whole:
    """A report among others: its files, and what lies alone with it in its folder (tables without a title)."""
    folders = {_folder(piece) for piece in group}
    rest = [p for p in pieces if _folder(p) in folders and not _is_report(p.reading) and _belongs(p.reading)]
    alone = groups == 1 or all(
        _same_report(other.reading, group[0].reading)
        for other in pieces
        if _folder(other) in folders and _is_report(other.reading)
    )
    first = group[0]
    used = [*group, *(rest if alone and any(folder[1] for folder in folders) else [])]
    base = replace(_named(first, year), observations=with_source(first.reading.observations, first.source))
    return Whole(join(base, used[1:]), first.reading, tuple(used), first.name)


def _named(piece: Piece, year: int | None) -> Reading:
    """A file's reading; what it does not say of itself, its name says, and the page's year."""
    reading = piece.reading
    if _is_report(reading):
        return reading
    stem = piece.name.rpartition("!")[2].rpartition("/")[2].rpartition(".")[0]
    return replace(
        reading,
        title=reading.title or stem or None,
        publisher=reading.publisher or publisher_in(stem) or organ(stem),
        year=reading.year or year_in(stem) or year,
        kind=reading.kind or "disclosure",
        rejected=None,
        rules=(*reading.rules, ("publisher", "name")),
    )


def _folder(piece: Piece) -> tuple[str, str]:
    return (piece.source, (piece.member or "").rpartition("/")[0]) if piece.member else ("", "")


def _named_apart(beside: Iterable[Whole]) -> tuple[Whole, ...]:
    seen: dict[str | None, int] = {}
    found = []
    for whole in beside:
        seen[whole.name] = seen.get(whole.name, 0) + 1
        found.append(whole if seen[whole.name] == 1 else replace(whole, name=f"{whole.name}#{seen[whole.name]}"))
    return tuple(found)


# ---------------------------------------------------------------- joining


def join(page: Reading, pieces: Sequence[Piece]) -> Reading:
    """The whole report's reading from its page and its files.

    Metadata: the page's, else the first file's that has it.  Observations: the page's; a file's where nothing
    read before has that indicator or where it prints another value: then both stand, and a finding says so.
    The form and the findings are made anew over the union; a file that could not be read is a finding.
    """
    parts = [piece for piece in pieces if _belongs(piece.reading)]
    observations, differing = _union(page, parts)
    readings = [page, *(piece.reading for piece in parts)]
    body = "\n".join(reading.text for reading in readings if reading.text)
    joined = replace(
        _filled(page, readings[1:]),
        text=body or None,
        sections=tuple(dict.fromkeys(section for reading in readings for section in reading.sections)),
        document_numbers=tuple(dict.fromkeys(number for reading in readings for number in reading.document_numbers)),
        observations=observations,
        rules=tuple(
            dict.fromkeys(
                rule for reading in readings for rule in reading.rules if reading is page or rule[0].startswith("form:")
            )
        ),
    )
    joined = replace(joined, form=_joined_form(joined))
    return replace(joined, findings=(*findings_of(joined, body), *differing, *_unread([Piece("page", page), *pieces])))


def _belongs(reading: Reading) -> bool:
    """Whether an attachment is part of the report: read, and not something else that hangs beside it."""
    return (
        reading.conversion.state in READABLE
        and reading.rejected in {None, "appendix", "off-topic"}
        and reading.kind in {None, "disclosure"}
    )


def _filled(page: Reading, parts: Sequence[Reading]) -> Reading:
    """The page's reading, what it lacks taken from the first attachment that has it."""
    filled: dict[str, Any] = {}
    for name in ("title", "publisher", "year", "published", "written"):
        if getattr(page, name) is None:
            filled[name] = next((getattr(part, name) for part in parts if getattr(part, name) is not None), None)
    if (
        page.kind is None
        and page.rejected in {None, "off-topic", "container"}
        and any(part.kind == "disclosure" for part in parts)
    ):
        filled |= {"kind": "disclosure", "rejected": None}
    if page.contacts == Contacts():
        filled["contacts"] = next((part.contacts for part in parts if part.contacts != Contacts()), page.contacts)
    return replace(page, **filled)


def _union(page: Reading, parts: Sequence[Piece]) -> tuple[tuple[Observation, ...], list[Finding]]:
    kept: dict[str, list[Observation]] = {}
    for observation in page.observations:
        kept.setdefault(observation.indicator, []).append(observation)
    differing: list[str] = []
    for piece in parts:
        for observation in with_source(piece.reading.observations, piece.source):
            before = kept.get(observation.indicator, [])
            printed = [o for o in before if o.status not in {"missing", "text"}]
            if not printed:
                said = [o for o in before if o.status == "text" and o.value != observation.value]
                kept[observation.indicator] = [observation, *said]  # what only the text said gives way, or contradicts
            elif _adds(printed, observation):
                before.append(observation)
                differing.append(observation.indicator)
    return tuple(o for group in kept.values() for o in group), _differing(differing)


def _unread(pieces: Sequence[Piece]) -> list[Finding]:
    """Every file of the report that could not be read, or not all of it, and why: a gap is never silent."""
    found = []
    for piece in pieces:
        conversion = piece.reading.conversion
        if conversion.state != "ok" or conversion.error is not None:
            reason = conversion.error or conversion.state
            message = (
                f"文件未读取（{conversion.state}）：{piece.name} · a file was not read ({conversion.state}): {reason}"
            )
            found.append(Finding("UNREAD", "warning", message[:400]))
    return found


def _adds(before: Sequence[Observation], observation: Observation) -> bool:
    """Whether an attachment's figure says something else than what is already known."""
    if observation.status in {"missing", "text"}:
        return False
    return all((o.value, o.status) != (observation.value, observation.status) for o in before)


def _differing(codes: Sequence[str]) -> list[Finding]:
    if not codes:
        return []
    unique = tuple(dict.fromkeys(codes))
    message = f"页面与附件的数字不一致（{len(unique)} 项），两者均保留 · the page and an attachment print different figures ({len(unique)}); both are kept"
    return [Finding("PAGE-ATTACHMENT", "warning", message, unique)]


def _joined_form(reading: Reading) -> FormName | None:
    """One form, or ``mixed`` when the tables follow several; table 4 alone never makes a report mixed."""
    named = [
        (key.removeprefix("form:"), name) for key, name in reading.rules if key.startswith("form:") and name in FORMS
    ]
    found = Tables(forms=tuple(named)).form
    return form_of(found, reading.kind) if found or reading.conversion.state in READABLE else None
