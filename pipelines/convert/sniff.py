"""What bytes are, judged by the bytes.

The extension and the Content-Type are hints only: ``.doc`` files are HTML, MHTML, RTF or DOCX, PDFs come as
``application/msword``, and an HTML error page is served as ``.pdf``.  Ready sniffers miss OFD, and one calls
every zip a DOCX, so this is ours.
"""

from __future__ import annotations

import io
import re
import zipfile

OOXML = "application/vnd.openxmlformats-officedocument."
DOCX = OOXML + "wordprocessingml.document"
XLSX = OOXML + "spreadsheetml.sheet"
PPTX = OOXML + "presentationml.presentation"
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", "application/rtf"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_STREAMS = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("EncryptedPackage", "application/x-ole-encrypted"),
)
ZIP_PARTS = (
    ("OFD.xml", "application/ofd"),
    ("word/document.xml", DOCX),
    ("xl/workbook.xml", XLSX),
    ("xl/workbook.bin", XLSX),
    ("ppt/presentation.xml", PPTX),
)
MHTML = re.compile(
    rb"\A(?:[\w-]{1,60}:[^\r\n]{0,999}\r?\n(?:[ \t][^\r\n]{0,999}\r?\n){0,20}){0,40}?MIME-Version:", re.IGNORECASE
)
TAG = re.compile(
    rb"<(?:!doctype\s{1,9}html|html|head|body|meta|title|table|div|p|span|script|style|h[1-6]|ul|a|br|font|center|article)\b",
    re.IGNORECASE,
)
XML = re.compile(rb"\A\s{0,99}<\?xml[^>]{0,300}\?>", re.IGNORECASE)
OPENDOCUMENT = re.compile(
    rb"PK\x03\x04.{26}mimetype(application/vnd\.oasis\.opendocument\.(?:text|spreadsheet))PK", re.DOTALL
)
"""The first member of an OpenDocument package: stored, so that its kind can be read off the bytes."""
HEAD = 4096


def sniff(payload: bytes, media_type: str | None = None, name: str | None = None) -> str:
    """The media type of ``payload``; ``media_type`` and ``name`` decide only between texts.

    ``application/x-empty`` for no bytes, ``application/octet-stream`` when nothing is recognised.
    """
    if not payload:
        return "application/x-empty"
    head = payload[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if b"%PDF-" in payload[:1024]:
        return "application/pdf"
    if payload.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(payload)
    if payload.startswith(OLE):
        return _ole(payload, name)
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    return _text(payload, media_type, name)


def _zip(payload: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            names = set(archive.namelist()[:5000])
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                return archive.read("mimetype").decode("ascii", "replace").strip()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return _broken_zip(payload)
    return next((kind for part, kind in ZIP_PARTS if part in names), "application/zip")


def _broken_zip(payload: bytes) -> str:
    """A zip without its directory (truncated): the names in the local headers still say what it was."""
    kind = OPENDOCUMENT.match(payload)
    if kind:
        return kind[1].decode("ascii")
    if b"word/" in payload or b"[Content_Types].xml" in payload[:200]:
        return DOCX if b"xl/" not in payload else XLSX
    return "application/ofd" if b"OFD.xml" in payload else "application/zip"


def _ole(payload: bytes, name: str | None) -> str:
    """Word, Excel or PowerPoint by the names in the directory; one cut short before it, by its first sector or name."""
    for stream, kind in OLE_STREAMS:
        if _has_stream(payload, stream):
            return kind
    directory = (int.from_bytes(payload[48:52], "little") + 1) * 512
    if payload[512:514] == b"\xec\xa5" or directory >= len(payload):
        return "application/vnd.ms-excel" if (name or "").lower().endswith((".xls", ".et")) else "application/msword"
    return "application/x-ole-storage"


def _has_stream(payload: bytes, stream: str) -> bool:
    """Whether a directory entry has this name: 128 bytes, the name first, its length with the zero at byte 64."""
    name = stream.encode("utf-16-le") + b"\0\0"
    at = payload.find(name)
    while at >= 0:
        if at % 128 == 0 and payload[at + 64 : at + 66] == len(name).to_bytes(2, "little"):
            return True
        at = payload.find(name, at + 1)
    return False


def _text(payload: bytes, media_type: str | None, name: str | None) -> str:
    head = _narrow(payload[:HEAD])
    if MHTML.match(head):
        return "multipart/related"
    if TAG.search(head) and b"\0" not in head[:1000]:
        return "text/html"
    if XML.match(head):
        return "application/xml"
    if _is_text(payload[:65536]):
        return _labelled_text(head, media_type, name)
    return "application/octet-stream"


def _narrow(head: bytes) -> bytes:
    """UTF-16 text as its low bytes, so that tags can be found in it."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.replace(b"\0", b"")[2:]
    return head


def _labelled_text(head: bytes, media_type: str | None, name: str | None) -> str:
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")):
        return "application/json"
    if "html" in (media_type or "") or (name or "").lower().endswith((".htm", ".html", ".shtml")):
        return "text/html"
    return "text/plain"


def _is_text(sample: bytes) -> bool:
    """Whether no control characters but white space occur: true of every text, of few binaries."""
    control = sum(1 for byte in sample[:4096] if byte < 9 or 13 < byte < 27 or 27 < byte < 32)
    return control == 0 or sample.startswith((b"\xff\xfe", b"\xfe\xff"))
