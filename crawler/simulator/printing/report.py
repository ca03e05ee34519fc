"""A report with everything a correct reader gets out of it: figures, blanks, text, labels, contacts, numbers.

What is left out: sections and dates of publication; a file does not print them for certain.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.simulator.sheet import Content, Expected, Planted, Slot, slots

if TYPE_CHECKING:
    from collections.abc import Mapping

BLANKS = frozenset({"", "-", "--", "—", "——", "/", "无"})
"""What a cell without a figure holds, in NFKC and without spaces."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """How the publishing office says it can be reached; None where the report does not say."""

    address: str | None = None
    postcode: str | None = None
    phone: str | None = None
    fax: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Report(Content):
    """A report's substance with the truth about its text."""

    contacts: Particulars = field(default_factory=Particulars)
    document_numbers: tuple[str, ...] = ()
    doubtful: frozenset[str] = frozenset()
    """Indicators that a careful human could not assign for certain."""

    def observations(self) -> dict[str, Expected]:
        """Every figure the tables print, by indicator; dashes and 无 are blanks."""
        return {slot.code: expected(slot) for slot in slots(self.blocks) if slot.code}


@dataclass(frozen=True, slots=True)
class Truth:
    """What a correct reader gets out of any file of one report."""

    title: str
    publisher: str
    year: int
    form: str
    cells: Mapping[str, Expected]
    """The printed figures of the tables by indicator."""
    blank: frozenset[str]
    """The indicators whose cell is empty, or holds a dash or 无."""
    prose: Mapping[str, int]
    planted: tuple[Planted, ...]
    contacts: Particulars
    document_numbers: tuple[str, ...]
    text: str
    """The title, the headings and the paragraphs in reading order, one a line, without the tables."""
    labels: tuple[str, ...]
    """The texts of the tables' label cells in reading order; compare without spaces."""
    doubtful: frozenset[str] = frozenset()
    """Indicators where no strict score is asked."""


def expected(slot: Slot) -> Expected:
    """The truth of a printed cell, with thousands separators, signs in words and units."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", slot.text))
    if text in BLANKS:
        return Expected(slot.text, None, "blank", slot.unit)
    found = re.fullmatch(r"([+\-−增减]?)(\d[\d,]*(?:\.\d+)?)(万元|元|件|项|条|个|次|篇|人次|人)?", text)
    if found is None:
        raise ValueError(f"not a printed figure: {slot.text!r}")
    digits = found[2].replace(",", "")
    value = float(digits) if "." in digits else int(digits)
    return Expected(slot.text, -value if found[1] in ("-", "−", "减") else value, "ok", found[3] or slot.unit)


def truth_of(content: Content) -> Truth:
    """What a correct reader gets out of any file of ``content``."""
    observed = {slot.code: expected(slot) for slot in slots(content.blocks) if slot.code}
    told = content if isinstance(content, Report) else None
    return Truth(
        content.title,
        content.publisher,
        content.year,
        content.form,
        {code: found for code, found in observed.items() if found.status == "ok"},
        frozenset(code for code, found in observed.items() if found.status == "blank"),
        dict(content.prose),
        content.planted,
        told.contacts if told else Particulars(),
        told.document_numbers if told else (),
        "\n".join(block.text for block in content.blocks if block.kind != "table"),
        tuple(slot.text for slot in slots(content.blocks) if not slot.code and slot.text),
        told.doubtful if told else frozenset(),
    )
