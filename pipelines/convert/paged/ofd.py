"""OFD → conversion: the fixed-layout format of Chinese government offices (GB/T 33190-2016), with zip and lxml.

The package is walked from OFD.xml to the documents, their pages, templates and resources; what each page draws
goes the way of a PDF's characters and lines.  Annotations, seals and signatures are left out.  Names are compared
without their namespace, which differs between makers.  A page that holds only an image needs text recognition.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from lxml import etree

from archive.model import Conversion, ConversionState, Software
from pipelines.convert.interface import Context, failed
from pipelines.convert.package import Package, PackageError
from pipelines.convert.paged.ofd_drawing import POINT, Canvas, Picture, child, draw, local, numbers
from pipelines.convert.ruled.lattice import Marks
from pipelines.convert.ruled.pages import flowed, is_known, once
from pipelines.convert.scans import recogniser, scan

if TYPE_CHECKING:
    from collections.abc import Iterator

SOFTWARE = Software("nianlun.ofd", "1", (("lxml", version("lxml")), ("pages", "300")))
TAKES = ("application/ofd",)
PAGE_CAP = 300
DOCUMENT_CAP = 20
A4 = (0.0, 0.0, 210.0, 297.0)
FEW, COVER = 20, 0.4
"""A page with fewer characters, and images over more of its area than this, is a picture of text."""
PICTURE_CAP = 200
NO_CODE = "\xa4"
"""Stands in a text for a glyph without a code (GB/T 33190-2016, 11.3)."""
LOCKED = ("encryptions.xml", "encryption.xml", "decryptseed.dat")
"""Members that only an encrypted package has (GM/T 0099)."""


@dataclass
class _Document:
    """One document of the package: its pages' addresses, templates and resources."""

    pages: list[tuple[str, Any]]
    box: tuple[float, ...]
    templates: dict[str, str] = field(default_factory=dict)
    composites: dict[str, Any] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What one page holds."""

    marks: Marks
    pictures: tuple[tuple[Picture, str], ...]
    """Its images with the member that holds each."""


class _Store:
    """The package's members by address: relative or from the root, slashes and case as the makers please."""

    def __init__(self, payload: bytes) -> None:
        self._package = Package(payload)
        self._names = {_plain(name): name for name in sorted(self._package.names, reverse=True)}

    def has(self, address: str) -> bool:
        return _plain(address) in self._names

    def read(self, address: str) -> bytes:
        return self._package.read(self._names.get(_plain(address), address))

    def xml(self, address: str) -> Any:
        """A member's root element.  Raises PackageError, for what is not XML at all too."""
        try:
            return self._package.xml(self._names.get(_plain(address), address))
        except etree.XMLSyntaxError as error:
            raise PackageError("unreadable", f"{address} 不是 XML · {address} is not XML") from error

    def is_locked(self) -> bool:
        return any(name.endswith(LOCKED) for name in self._names)


def _plain(address: str) -> str:
    parts: list[str] = []
    for part in address.replace("\\", "/").lower().split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def _joined(base: str, address: str) -> str:
    """An address as seen from the member ``base``; a leading slash means the package's root."""
    address = address.strip().replace("\\", "/")
    if address.startswith("/"):
        return address.lstrip("/")
    folder = base.replace("\\", "/").rpartition("/")[0]
    return f"{folder}/{address}" if folder else address


def convert(payload: bytes, context: Context) -> Conversion:
    """Read an OFD's pages; ``encrypted``, ``refused``, ``unreadable`` or ``needs`` (only images) else."""
    try:
        store = _Store(payload)
        root, documents = _opened(store)
        sheets, lost = _sheets(store, documents)
        return _assembled(store, sheets, lost, _meta(root), context)
    except PackageError as error:
        return failed(cast("ConversionState", error.state), TAKES[0], str(error), SOFTWARE)


def _opened(store: _Store) -> tuple[Any, list[_Document]]:
    """OFD.xml and the documents it names; without them a package that has the members of encryption is encrypted."""
    try:
        root = store.xml("OFD.xml")
        documents = list(_documents(store, root))
    except PackageError as error:
        if error.state == "unreadable" and store.is_locked():
            said = "文件已加密，需要口令或证书 · The file is encrypted and needs a password or a certificate"
            raise PackageError("encrypted", said) from error
        raise
    count = sum(len(document.pages) for document in documents)
    if count > PAGE_CAP:
        raise PackageError("refused", f"页数 {count} 超过上限 {PAGE_CAP} · {count} pages, more than {PAGE_CAP}")
    return root, documents


def _meta(root: Any) -> tuple[tuple[str, str], ...]:
    """Title and dates of the first document; the authors' names stay where they are."""
    wanted = ("Title", "CreationDate", "ModDate", "Creator")
    info = next((node for node in root.iter() if local(node) == "DocInfo"), ())
    found = ((local(node), (node.text or "").strip()) for node in info)
    return tuple((f"ofd:{name}", text) for name, text in found if name in wanted and text)


# ---------------------------------------------------------------- documents and pages


def _documents(store: _Store, root: Any) -> Iterator[_Document]:
    bodies = [node for node in root if local(node) == "DocBody"][:DOCUMENT_CAP]
    addresses = [address for body in bodies if (address := _root_of(store, body))]
    if not addresses:
        raise PackageError("unreadable", "OFD.xml 没有指明文档 · OFD.xml names no document")
    for address in addresses:
        yield _document(store, address)


def _root_of(store: _Store, body: Any) -> str | None:
    """The document's address: its current version's, or the one OFD.xml names."""
    for node in body.iter():
        if (
            local(node) == "Version"
            and node.get("Current", "").lower() == "true"
            and store.has(node.get("BaseLoc", ""))
        ):
            base = node.get("BaseLoc", "").lstrip("/")
            named = child(store.xml(base), "DocRoot")
            if named is not None and named.text and store.has(_joined(base, named.text)):
                return _joined(base, named.text)
    named = child(body, "DocRoot")
    return named.text.strip().lstrip("/") if named is not None and named.text else None


def _document(store: _Store, address: str) -> _Document:
    root = store.xml(address)
    common = child(root, "CommonData")
    pages = child(root, "Pages")
    listed = [node for node in pages if local(node) == "Page"] if pages is not None else []
    document = _Document([(_joined(address, node.get("BaseLoc", "")), node) for node in listed], _area(common, A4))
    for node in common if common is not None else ():
        if local(node) == "TemplatePage":
            document.templates[node.get("ID", "")] = _joined(address, node.get("BaseLoc", ""))
        elif local(node) in {"PublicRes", "DocumentRes"} and node.text and store.has(_joined(address, node.text)):
            _resources(store, _joined(address, node.text), document)
    return document


def _area(parent: Any | None, fallback: tuple[float, ...]) -> tuple[float, ...]:
    """The physical box of a page area: left, top, width, height in millimetres."""
    for node in parent.iter() if parent is not None else ():
        if local(node) == "PhysicalBox":
            box = numbers(node.text)
            if len(box) == 4 and 1 < box[2] < 20000 and 1 < box[3] < 20000:
                return tuple(box)
    return fallback


def _resources(store: _Store, address: str, document: _Document) -> None:
    root = store.xml(address)
    base = _joined(address, (root.get("BaseLoc") or "").rstrip("/") + "/x")
    for node in root.iter():
        name, identifier = local(node), node.get("ID", "") if isinstance(node.tag, str) else ""
        if name == "CompositeGraphicUnit" and (content := child(node, "Content")) is not None:
            document.composites[identifier] = content
        elif name == "MultiMedia" and (file := child(node, "MediaFile")) is not None and file.text:
            near, plain = _joined(base, file.text), _joined(address, file.text)
            document.media[identifier] = near if store.has(near) or not store.has(plain) else plain


def _sheets(store: _Store, documents: list[_Document]) -> tuple[list[_Sheet], int]:
    """Every page that can be read, numbered from 1 through all documents, and how many cannot."""
    sheets: list[_Sheet] = []
    number = lost = 0
    templates: dict[str, Any] = {}
    for document in documents:
        for address, _ in document.pages:
            number += 1
            try:
                sheets.append(_sheet(store, document, address, number, templates))
            except PackageError as error:
                if error.state == "refused":
                    raise
                lost += 1
    return sheets, lost


def _sheet(store: _Store, document: _Document, address: str, number: int, templates: dict[str, Any]) -> _Sheet:
    page = store.xml(address)
    used = [node for node in page if local(node) == "Template"]
    box = document.box
    drawn = []
    for node in used[:20]:
        location = document.templates.get(node.get("TemplateID", ""))
        if location and store.has(location):
            if location not in templates:
                templates[location] = store.xml(location)
            box = _area(child(templates[location], "Area"), box)
            drawn.append(child(templates[location], "Content"))
    box = _area(child(page, "Area"), box)
    local_resources = [node for node in page if local(node) == "PageRes" and node.text]
    for node in local_resources[:20]:
        if store.has(_joined(address, node.text)):
            _resources(store, _joined(address, node.text), document)
    canvas = Canvas((box[0], box[1]), document.composites)
    for content in (*drawn, child(page, "Content")):
        if content is not None:
            draw(content, canvas)
    marks = Marks(number, box[2] * POINT, box[3] * POINT, once(canvas.glyphs), tuple(canvas.strokes))
    pictures = tuple(
        (picture, document.media[picture.resource]) for picture in canvas.pictures if picture.resource in document.media
    )
    return _Sheet(marks, pictures)


# ---------------------------------------------------------------- what they say


def _assembled(
    store: _Store, sheets: list[_Sheet], lost: int, meta: tuple[tuple[str, str], ...], context: Context
) -> Conversion:
    if not sheets:
        raise PackageError("unreadable", "没有一页可以读取 · No page can be read")
    unread = [sheet for sheet in sheets if _needs(sheet)]
    if unread and context.ocr and recogniser.available():
        return _recognised(store, sheets, lost, meta)
    printed = [sheet.marks for sheet in sheets if sheet not in unread]
    if unread and not any(page.glyphs for page in printed):
        return scan.wanting(TAKES[0], len(unread), meta)
    glyphs = [glyph for page in printed for glyph in page.glyphs]
    if sum(not is_known(glyph.text) or glyph.text == NO_CODE for glyph in glyphs) * 4 > len(glyphs):
        return failed("needs", TAKES[0], "文字没有编码，只有字形 · The characters have shapes but no codes", SOFTWARE)
    found = flowed(printed)
    if not found.blocks:
        return Conversion(SOFTWARE, TAKES[0], "empty", meta=meta, error="文档没有文字 · The document holds no text")
    error = f"{lost} 页无法读取 · {lost} pages could not be read" if lost else None
    conversion = Conversion(SOFTWARE, TAKES[0], "ok", found.blocks, found.grids, meta, error=error)
    return scan.partly(conversion, len(unread)) if unread else conversion


def _needs(sheet: _Sheet) -> bool:
    """Whether a page is a picture of text: images over much of it, hardly a character."""
    printed = sum(is_known(glyph.text) and not glyph.text.isspace() for glyph in sheet.marks.glyphs)
    covered = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (picture.box for picture, _ in sheet.pictures))
    return printed < FEW and covered > COVER * sheet.marks.width * sheet.marks.height


def _recognised(store: _Store, sheets: list[_Sheet], lost: int, meta: tuple[tuple[str, str], ...]) -> Conversion:
    """Pages with characters as they are, pages of pictures through recognition, in the document's order."""

    def loader(sheet: _Sheet) -> scan.Loader:
        boxed = [(address, picture.box) for picture, address in sheet.pictures[:PICTURE_CAP]]
        size = (sheet.marks.width, sheet.marks.height)
        return lambda: scan.composed([(store.read(address), box) for address, box in boxed], size)

    pages = [
        scan.Sheet(sheet.marks.page, sheet.marks.width, sheet.marks.height, loader(sheet))
        if _needs(sheet)
        else sheet.marks
        for sheet in sheets
    ]
    return scan.recognised(pages, TAKES[0], meta, lost)
