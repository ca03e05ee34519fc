"""Pictures of text → conversion: scanned pages of a PDF or an OFD, and images as they are published.

A page's picture is made level, its ruled lines are found, every cell and every line of text is cut out and
recognised; what comes of it goes the way of printed characters, in page order with the pages that have some.
Whether a cell is blank is decided by its ink, never by recognition; every recognised cell keeps its confidence in
``meta``: ``ocr:cells`` is ``grid;row,column,confidence;…``, and a figure below :data:`DOUBT` stands there once more
as ``ocr:doubt`` = ``grid,row,column,confidence``.  Boxes are those of the page made upright and level.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from archive.model import Conversion, Software
from pipelines.convert.cells import UNREAD
from pipelines.convert.interface import Context, failed
from pipelines.convert.ruled.lattice import Marks
from pipelines.convert.ruled.pages import Flowed, flowed
from pipelines.convert.scans import recogniser
from pipelines.values import looks_like_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.model import Grid

DOUBT = 0.8
"""A figure recognised with less confidence must not count as read: on made scans the wrong ones all stayed below."""
PAGE_CAP = 80
"""Pages of one document that are recognised, at one to three seconds each."""
RESOLUTION = (150.0, 300.0)
"""Dots an inch a page is drawn with: its picture's own, within these bounds."""
PIXEL_CAP = 40_000_000
"""Pixels of one page; A3 at 400 dpi has 31 million."""
LONG_SIDE = 842.0
"""Points: an image that comes without a page is taken for one of this length (A4)."""
WANTED = "ocr:wanted"
"""The key in ``meta`` under which a conversion says how many of its pages need recognition."""
SOFTWARE = Software(
    "nianlun.scan", "1", (*recogniser.parameters(), ("dpi", "150-300"), ("doubt", str(DOUBT)), ("pages", str(PAGE_CAP)))
)
TAKES = ("image/png", "image/jpeg", "image/tiff", "image/bmp", "image/gif")
Loader = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page that is a picture (page from 1, size in points) and how to get its pixels when its turn comes."""

    page: int
    width: float
    height: float
    load: Loader


def convert(payload: bytes, context: Context) -> Conversion:
    """Read an image (every page of a TIFF); ``needs`` when recognition is absent or off, ``refused`` when too large."""
    from pipelines.convert.sniff import sniff  # noqa: PLC0415  names the kind of image only here

    kind = sniff(payload, context.media_type, context.name)
    if not (context.ocr and recogniser.available()):
        return wanting(kind, 1)
    from pipelines.convert.scans import pictures  # noqa: PLC0415  an extra

    try:
        sheets = pictures.sheets_of(payload)
    except pictures.PictureError as error:
        return failed("refused" if error.too_large else "unreadable", kind, str(error), SOFTWARE)
    return recognised(sheets, kind, ())


def wanting(media_type: str, pages: int, meta: tuple[tuple[str, str], ...] = ()) -> Conversion:
    """The state of a payload that holds only pictures of text, while these are not recognised."""
    return Conversion(SOFTWARE, media_type, "needs", meta=(*meta, (WANTED, str(pages))), error=_why())


def partly(conversion: Conversion, pages: int) -> Conversion:
    """A conversion of which some pages are pictures that are not recognised: it says so."""
    said = f"{pages} 页{_why()} ({pages} pages)"
    error = f"{conversion.error}; {said}" if conversion.error else said
    return replace(conversion, meta=(*conversion.meta, (WANTED, str(pages))), error=error)


def wanted(conversion: Conversion) -> int:
    """How many pages of a conversion wait for recognition."""
    own = next((value for key, value in conversion.meta if key == WANTED), "0")
    return int(own) if own.isdigit() else 0


def _why() -> str:
    if not recogniser.available():
        return (
            '只有图像没有文字，需要文字识别：请运行 pip install "nianlun[ocr]" · '
            'Images without text need recognition: run pip install "nianlun[ocr]"'
        )
    return "只有图像没有文字，文字识别未开启 · Images without text need recognition, which is switched off"


def recognised(
    pages: Sequence[Marks | Sheet], media_type: str, meta: tuple[tuple[str, str], ...], lost: int = 0
) -> Conversion:
    """Pages in order, those that are pictures recognised; ``lost`` pages could not be opened before.

    Raises nothing for what a picture holds: a page that cannot be decoded counts as lost.
    """
    pictured = [page for page in pages if isinstance(page, Sheet)]
    if not recogniser.available():
        return wanting(media_type, len(pictured), meta)
    if len(pictured) > PAGE_CAP:
        error = f"需要识别的页数 {len(pictured)} 超过上限 {PAGE_CAP} · {len(pictured)} pages to recognise, more than {PAGE_CAP}"
        return failed("refused", media_type, error, SOFTWARE)
    marks = list(_marks(pages))
    lost += len(pages) - len(marks)
    if not marks:
        return failed("unreadable", media_type, "图像无法解码 · The pictures cannot be decoded", SOFTWARE)
    found = flowed(marks)
    said = f"{lost} 页无法读取 · {lost} pages could not be read" if lost else None
    if not found.blocks:
        said = said or "图像中没有可识别的文字 · The pictures hold no text that can be recognised"
        return Conversion(SOFTWARE, media_type, "empty", meta=meta, error=said)
    numbers = ",".join(str(page.page) for page in pictured)
    meta = (*meta, ("ocr:pages", numbers), *confidences(found))
    return Conversion(SOFTWARE, media_type, "ok", found.blocks, found.grids, meta, error=said)


def _marks(pages: Iterable[Marks | Sheet]) -> Iterable[Marks]:
    """Every page's characters and lines; pages whose picture cannot be decoded are left out."""
    from pipelines.convert.scans import pictures, scanned_page  # noqa: PLC0415  an extra

    for page in pages:
        if isinstance(page, Marks):
            yield page
            continue
        try:
            yield scanned_page.read(page.load(), page.page, page.width, page.height)
        except pictures.PictureError:
            continue


def composed(parts: Sequence[tuple[bytes, tuple[float, float, float, float]]], size: tuple[float, float]) -> Any:
    """One page's pixels from pictures with their boxes in points.  Raises PictureError."""
    from pipelines.convert.scans import pictures  # noqa: PLC0415  an extra

    return pictures.composed(parts, size)


def confidences(found: Flowed) -> tuple[tuple[str, str], ...]:
    """The confidence of every recognised cell, grid by grid, and the figures that are in doubt once more."""
    grids = sorted({number for number, _, _, _ in found.doubts})
    cells = tuple(
        (
            "ocr:cells",
            f"{grid};"
            + ";".join(f"{row},{column},{sure:.2f}" for number, row, column, sure in found.doubts if number == grid),
        )
        for grid in grids
    )
    doubts = tuple(
        ("ocr:doubt", f"{number},{row},{column},{sure:.2f}")
        for number, row, column, sure in found.doubts
        if sure < DOUBT and _is_figure(found.grids[number], row, column)
    )
    return (*cells, *doubts)


def _is_figure(grid: Grid, row: int, column: int) -> bool:
    """Whether a cell's text is, or may be meant as, a figure: short, and not words that were read."""
    text = next((cell.text for cell in grid.cells if (cell.row, cell.column) == (row, column)), "")
    compact = "".join(text.split())
    return UNREAD in compact or looks_like_value(compact) or len(compact) <= 2 or any(c.isdigit() for c in compact)
