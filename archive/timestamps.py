"""Anchoring a head in time by a time-stamping authority (RFC 3161): the question, and the answer kept beside the head.

The message imprint is the head's root itself, as the SHA-256 digest it is.  Nothing is sent from here: the question is
a file to send, the answer a file to keep.  Anyone checks the answer with the authority's certificate and
``openssl ts -verify -digest ROOT -in head.tsr -CAfile authority.pem``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.connection import ArchiveError
from archive.model import shown
from archive.times import shown_time

if TYPE_CHECKING:
    import sqlite3
    from typing import Any

    from archive.store import Store

_SHA256 = bytes.fromhex("300d06096086480165030402010500")
"""AlgorithmIdentifier of SHA-256 (RFC 5754, section 2.2), DER."""


class BadToken(ArchiveError):
    """Raised for an answer that is none, that refuses, or that is about no head of this archive."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a time-stamping authority's answer says: which digest existed at which time (ISO 8601, UTC)."""

    digest: bytes
    time: str


def question(root: bytes) -> bytes:
    """The TimeStampReq for a root, DER (RFC 3161, section 2.4.1): version 1, the imprint, certificates wanted."""
    imprint = _SHA256 + bytes([4, len(root)]) + root
    body = b"\x02\x01\x01" + bytes([0x30, len(imprint)]) + imprint + b"\x01\x01\xff"
    return bytes([0x30, len(body)]) + body


def read(answer: bytes) -> Stamp:
    """What a TimeStampResp says; raises :class:`BadToken`.

    Its signature is the reader's to check, against a certificate that is trusted from elsewhere.
    """
    try:
        from rfc3161_client import decode_timestamp_response  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise BadToken('Reading time stamps needs an extra: pip install "nianlun[timestamps]".') from error
    try:
        found = decode_timestamp_response(answer)
        granted = found.status in (0, 1)
        info = found.tst_info if granted else None
    except ValueError as error:
        raise BadToken(f"The file is no answer of a time-stamping authority ({error}); give its .tsr file.") from error
    if info is None:
        raise BadToken(f"The authority gave no time stamp (status {found.status}); ask again with the same question.")
    at = info.gen_time.timestamp()
    return Stamp(bytes(info.message_imprint.message), shown_time(round(at * 1000)) or "")


def keep(store: Store, answer: bytes) -> dict[str, Any]:
    """Keep an answer beside the head it is about, and return that head; raises :class:`BadToken`."""
    stamp = read(answer)
    row = store.sql.execute("SELECT id, size FROM head WHERE root=? ORDER BY id LIMIT 1", (stamp.digest,)).fetchone()
    if row is None:
        raise BadToken(f"The time stamp is about {shown(stamp.digest)}, which is no head of this archive.")
    store.writing()
    store.sql.execute("UPDATE head SET token=? WHERE id=?", (answer, row["id"]))
    store.commit()
    return {"root": shown(stamp.digest), "size": row["size"], "stamped": stamp.time}


def troubles(sql: sqlite3.Connection) -> list[tuple[int, str]]:
    """The heads whose time stamp is not about them; without the extra only that their root stands in it is checked."""
    found = []
    for number, root, token in sql.execute("SELECT id, root, token FROM head WHERE token IS NOT NULL").fetchall():
        try:
            same = read(token).digest == root
        except BadToken:
            same = bytes(root) in bytes(token)
        if not same:
            found.append((int(number), "its time stamp is about another digest"))
    return found
