"""Files as servers send them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from crawler.simulator.answers import Answer
from crawler.simulator.documents import MEDIA_TYPES

if TYPE_CHECKING:
    from crawler.simulator.documents import Attached, Document


def download(document: Document, file: Attached) -> Answer:
    """A file; those of even ids carry an ETag and a date of last change, the others nothing."""
    payload = file.payload()
    headers = [("Content-Type", MEDIA_TYPES[file.kind])]
    if document.id % 2 == 0:
        changed = datetime(document.filed.year, document.filed.month, document.filed.day, 1, 2, 3, tzinfo=UTC)
        headers += [("Last-Modified", format_datetime(changed, usegmt=True)), ("Accept-Ranges", "bytes")]
    return Answer(200, tuple(headers), payload, tagged=document.id % 2 == 0)


def picture() -> Answer:
    """A JPEG that shows nothing."""
    body = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + bytes(64) + b"\xff\xd9"
    return Answer(200, (("Content-Type", "image/jpeg"),), body)
