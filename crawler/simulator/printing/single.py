"""The formats of single files by name, and the one function that prints a report in any of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from crawler.simulator.printing import doc, docx, html, mht, odt, ofd, pdf, rtf, worddoc, xlsx

if TYPE_CHECKING:
    from crawler.simulator.sheet import Content

Printer = Callable[["Content", int], bytes]


def _styled(write: Callable[[Content, str, int], bytes], style: str, content: Content, seed: int) -> bytes:
    return write(content, style, seed)


_PRINTERS: dict[str, Printer] = {
    **{f"html-{style}": partial(_styled, html.written, style) for style in html.STYLES},
    **{f"rtf-{style}": partial(_styled, rtf.written, style) for style in rtf.STYLES},
    "odt": odt.written,
    **{f"docx-{habit}": partial(_styled, docx.written, habit) for habit in ("plain", "tracked")},
    **{f"xlsx-{layout}": partial(_styled, xlsx.written, layout) for layout in ("sheet", "sheets")},
    "mht": mht.written,
    "worddoc": worddoc.written,
    "doc": doc.written,
    **{f"pdf-{style}": partial(_styled, pdf.written, style) for style in pdf.STYLES},
    **{f"ofd-{style}": partial(_styled, ofd.written, style) for style in ofd.STYLES},
}
FORMATS: tuple[str, ...] = tuple(_PRINTERS)


def printed(content: Content, form: str, seed: int) -> bytes:
    """The report as a file of the format ``form``; the same arguments give the same bytes."""
    return _PRINTERS[form](content, seed)
