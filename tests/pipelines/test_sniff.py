"""What bytes are is judged by the bytes."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.convert.sniff import DOCX, XLSX, sniff


def zipped(*names, **contents):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, contents.get(name, "x"))
    return buffer.getvalue()


def ole(stream):
    name = stream.encode("utf-16-le") + b"\0\0"
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + (
        name.ljust(64, b"\0") + len(name).to_bytes(2, "little")
    ).ljust(128, b"\0")


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (b"", "application/x-empty"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\n\n%PDF-1.4", "application/pdf"),
        (b"{\\rtf1\\ansi", "application/rtf"),
        (b"Rar!\x1a\x07\x00", "application/vnd.rar"),
        (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"<!DOCTYPE html><p>", "text/html"),
        (b"\xef\xbb\xbf  <html>", "text/html"),
        (b"<div>text", "text/html"),
        ("<html>".encode("utf-16"), "text/html"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "multipart/related"),
        (b"From: <Saved>\r\nSubject: x\r\n y\r\nMIME-Version: 1.0\r\n", "multipart/related"),
        (b'<?xml version="1.0"?><root/>', "application/xml"),
        (b'{"a": 1}', "application/json"),
        ("文字".encode(), "text/plain"),
        (b"\x00\x01\x02\x03", "application/octet-stream"),
        (zipped("word/document.xml"), DOCX),
        (zipped("xl/workbook.xml"), XLSX),
        (zipped("OFD.xml"), "application/ofd"),
        (zipped("a.txt"), "application/zip"),
        (
            zipped("mimetype", mimetype="application/vnd.oasis.opendocument.text"),
            "application/vnd.oasis.opendocument.text",
        ),
        (zipped("word/document.xml")[:60], DOCX),
        (
            zipped("mimetype", "content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet")[:120],
            "application/vnd.oasis.opendocument.spreadsheet",
        ),
        (ole("WordDocument"), "application/msword"),
        (ole("WordDocument")[:48] + b"\x40\0\0\0" + bytes(600), "application/msword"),
        (ole("Workbook"), "application/vnd.ms-excel"),
        (ole("EncryptedPackage"), "application/x-ole-encrypted"),
        (ole("Other"), "application/x-ole-storage"),
    ],
)
def test_kinds(payload, kind):
    assert sniff(payload) == kind


def test_hints_decide_only_between_texts():
    assert sniff("无标签".encode(), "text/html") == "text/html"
    assert sniff(b"%PDF-1.4", "application/msword", "a.doc") == "application/pdf"
    assert sniff("<html>错误页面".encode(), "application/pdf", "a.pdf") == "text/html"


@given(st.binary(max_size=300))
def test_any_bytes_have_a_kind(payload):
    assert "/" in sniff(payload)
