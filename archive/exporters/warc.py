"""WARC/1.1 (ISO 28500:2017), one gzip member a record; the same archive gives the same bytes.

What becomes of what:

- a crawl: one ``warcinfo`` with software, operator and the digest of its settings; its records name it;
- a capture with an answer: a ``response``, or, when its payload stands in this file already, a ``revisit``
  (identical-payload-digest), or for a 304 a ``revisit`` (server-not-modified); both name the address, time and record they lean on.
  The block of a 304 is empty, so that replay shows the page it vouches for and not an empty answer; its headers are in
  the metadata (``responseHeaders``, JSON);
- a file that came without HTTP (an import's): a ``resource`` with its media type;
- its request: a ``request``; ``Host``, which the engine adds when it sends, is written from the address;
- every capture: a ``metadata`` record of ``application/warc-fields`` with its outcome and reason, referrer (``via``),
  duration (``fetchTimeMs``), error, TLS verdict and log entry.  A capture without an answer has request and metadata only;
- a reading: a ``conversion`` with the report's text, that names the response of the page it was made from.

Payloads are kept without their transfer and content codings, so a stored block is not what went over the wire:
``Transfer-Encoding``, ``Content-Encoding`` and a ``Content-Length`` that no longer holds are renamed with
:data:`ORIGINAL` before them, as replay programs do, and a true ``Content-Length`` is added.  The reason phrase is not
kept and left empty (RFC 9112, section 4 allows that).  Digests are ``sha256:`` and hex; record identifiers are UUIDs of version 5 over
the crawl's uid, the address and the time.
"""

from __future__ import annotations

import hashlib
import json
import uuid
import zlib
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlsplit

from archive.model import BODY, shown
from archive.times import shown_time

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archive.exporters.interface import Job
    from archive.exporters.sinks import Hashed

ORIGINAL = "X-Archive-Orig-"
"""Before the name of a header that was true of the bytes on the wire and is not of the stored ones."""
REASON = "Nianlun-Reason"
"""The header that says how a file that nobody fetched got its time; an import reads it."""
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:nianlun:warc")
_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
_RESPONSE = "application/http;msgtype=response"
_FIELDS = "application/warc-fields"

Headers = list[tuple[str, str]]


class Written(NamedTuple):
    """Where a record stands in the file, and what an index says of it."""

    type: str
    url: str
    at: int
    status: int | None
    digest: str | None
    mime: str
    offset: int
    length: int


class Record(NamedTuple):
    """A record to be written."""

    type: str
    id: str
    at: int
    content_type: str
    block: bytes
    headers: Headers
    url: str | None = None
    payload_digest: str | None = None


def record_id(*names: object) -> str:
    """The identifier of a record: a UUID of version 5 over what it is about."""
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, '|'.join(str(name) for name in names))}>"


def line(text: object) -> str:
    """A header's value on one line, without control characters."""
    return " ".join("".join(" " if ord(char) < 32 or ord(char) == 127 else char for char in str(text)).split())


def iri(url: str) -> str:
    """An address as a WARC header takes it: ASCII, no spaces."""
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~-._", errors="replace")


class Writer:
    """Writes records, each a gzip member, and tells where each lies."""

    def __init__(self, file: IO[bytes] | Hashed) -> None:
        self._file = file
        self._at = 0

    def write(self, record: Record) -> tuple[int, int]:
        """Write one record and return its offset and length in bytes."""
        head: Headers = [
            ("WARC-Type", record.type),
            ("WARC-Record-ID", record.id),
            ("WARC-Date", shown_time(record.at) or ""),
        ]
        if record.url:
            head.append(("WARC-Target-URI", iri(record.url)))
        head += record.headers
        if record.payload_digest:
            head.append(("WARC-Payload-Digest", record.payload_digest))
        head += [
            ("WARC-Block-Digest", f"sha256:{hashlib.sha256(record.block).hexdigest()}"),
            ("Content-Type", record.content_type),
            ("Content-Length", str(len(record.block))),
        ]
        text = "WARC/1.1\r\n" + "".join(f"{name}: {line(value)}\r\n" for name, value in head) + "\r\n"
        packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS + 16)  # a gzip member without name and time
        data = packer.compress(text.encode("utf-8", "replace") + record.block + b"\r\n\r\n") + packer.flush()
        self._file.write(data)
        self._at += len(data)
        return self._at - len(data), len(data)


def write(job: Job, place: Path) -> None:
    """Write the file."""
    with place.open("xb") as file:
        records(job, file)


def records(job: Job, file: IO[bytes] | Hashed, index: Callable[[Written], None] | None = None) -> None:
    """Write every record of what is meant; ``index`` is told of each response, revisit and resource."""
    writer = Writer(file)
    for crawl in crawls(job):
        info = _warcinfo(crawl)
        writer.write(info)
        job.count("warcinfo")
        for row in captures(job, crawl["id"]):
            for record in of_capture(job, row, info.id):
                offset, length = writer.write(record)
                job.count(record.type)
                if index and record.type in ("response", "revisit", "resource"):
                    index(_written(job, row, record, offset, length))
            job.count("captures")
        for record in _conversions(job, crawl, info.id):
            writer.write(record)
            job.count(record.type)


def _written(job: Job, row: sqlite3.Row, record: Record, offset: int, length: int) -> Written:
    names = {name.lower(): value for name, value in _received(job, row)}
    mime = names.get("content-type", "").partition(";")[0].strip() or "unk"
    mime = "warc/revisit" if record.type == "revisit" else line(mime).replace(" ", "")
    replayed = record.type == "resource" or (row["status"] == 304 and record.type == "revisit")
    status = 200 if replayed else row["status"]  # what replay answers
    return Written(record.type, iri(row["url"]), row["at"], status, record.payload_digest, mime, offset, length)


# ---------------------------------------------------------------- what is read


def crawls(job: Job) -> list[sqlite3.Row]:
    """The crawls that hold captures that are meant, oldest first."""
    clause, values = job.scope.captures()
    return job.sql.execute(
        "SELECT crawl.*, portal.name AS portal_name, portal.home, software.name AS tool, software.version FROM crawl"
        " JOIN portal ON portal.id=crawl.portal JOIN software ON software.id=crawl.software WHERE EXISTS"
        f" (SELECT 1 FROM capture WHERE capture.crawl=crawl.id AND {clause}) ORDER BY crawl.id",
        values,
    ).fetchall()


def captures(job: Job, crawl: int) -> Iterator[sqlite3.Row]:
    """A crawl's captures that are meant, in the order they were made."""
    clause, values = job.scope.captures()
    yield from job.sql.execute(
        "SELECT capture.*, resource.url, referrer.url AS referrer_url, headers.data AS sent, payload.digest, crawl.uid,"
        " log.seq, log.leaf FROM capture JOIN crawl ON crawl.id=capture.crawl JOIN portal ON portal.id=crawl.portal"
        " JOIN resource ON resource.id=capture.resource LEFT JOIN resource referrer ON referrer.id=capture.referrer"
        " LEFT JOIN headers ON headers.id=capture.request_headers LEFT JOIN payload ON payload.id=capture.payload"
        f" LEFT JOIN log ON log.kind=1 AND log.row=capture.id WHERE capture.crawl=? AND {clause} ORDER BY capture.id",
        [crawl, *values],
    )


def original(job: Job, payload: int, *, anywhere: bool = False) -> sqlite3.Row | None:
    """The first capture that brought a payload, of those that are meant, or of all."""
    clause, values = job.scope.captures()
    if anywhere:
        clause, values = "1", []
    row: sqlite3.Row | None = job.sql.execute(
        "SELECT capture.id, capture.at, url, uid FROM capture JOIN crawl ON crawl.id=capture.crawl JOIN portal ON"
        " portal.id=crawl.portal JOIN resource ON resource.id=capture.resource WHERE payload=? AND status IS NOT 304"
        f" AND {clause} ORDER BY capture.crawl, capture.id LIMIT 1",
        [payload, *values],
    ).fetchone()
    return row


# ---------------------------------------------------------------- what is written


def _warcinfo(crawl: sqlite3.Row) -> Record:
    fields = [
        ("software", f"{crawl['tool']}/{crawl['version']}"),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
        ("operator", crawl["operator"]),
        ("isPartOf", f"crawl {crawl['uid']}"),
        ("description", f"annual reports of {crawl['portal_name']} {crawl['home']}"),
        ("started", shown_time(crawl["started"])),
        ("finished", shown_time(crawl["finished"])),
        ("settingsDigest", shown(crawl["settings_digest"])),
        ("settings", crawl["settings"]),
    ]
    return Record("warcinfo", record_id(crawl["uid"], "warcinfo"), crawl["started"], _FIELDS, _fields(fields), [])


def _fields(pairs: list[tuple[str, Any]]) -> bytes:
    """The body of ``application/warc-fields``; what is unknown is left out."""
    return "".join(f"{name}: {line(value)}\r\n" for name, value in pairs if value is not None).encode(
        "utf-8", "replace"
    )


def of_capture(job: Job, row: sqlite3.Row, info: str) -> list[Record]:
    """The records of one capture: its answer if there was one, its request, its metadata; all name each other."""
    file = row["status"] is None and row["payload"] is not None
    answer = _file(job, row) if file else _answer(job, row) if row["status"] is not None else None
    main = answer.id if answer else record_id(row["uid"], row["url"], row["at"], "request")
    common: Headers = [("WARC-Warcinfo-ID", info)]
    if row["peer"]:
        common.append(("WARC-IP-Address", row["peer"]))
    if row["protocol"] and row["protocol"] != "HTTP/1.1":
        common.append(("WARC-Protocol", row["protocol"].lower()))
    found = []
    if answer:
        found.append(answer._replace(headers=[*common, *answer.headers]))
    if not file:
        request = _request(job, row)
        beside: Headers = [("WARC-Concurrent-To", main)] if answer else []
        found.append(request._replace(headers=[*common, *beside, *request.headers]))
    found.append(_metadata(job, row, [("WARC-Warcinfo-ID", info), ("WARC-Concurrent-To", main)]))
    return found


def _file(job: Job, row: sqlite3.Row) -> Record | None:
    """The resource record of a file that nobody fetched; None when its payload is damaged."""
    body = job.payload(row["payload"])
    if body is None:
        job.count("damaged")
        return None
    kinds = [value for name, value in _received(job, row) if name.lower() == "content-type"]
    kind, names = (kinds or ["application/octet-stream"])[0], (row["uid"], row["url"], row["at"], "response")
    headers = [(REASON, row["reason"])] if row["reason"] else []
    return Record("resource", record_id(*names), row["at"], kind, body, headers, row["url"], shown(row["digest"]))


def _answer(job: Job, row: sqlite3.Row) -> Record | None:
    """The response or revisit record of a capture; None when its payload is damaged."""
    names = (row["uid"], row["url"], row["at"])
    digest = shown(row["digest"]) if row["digest"] else f"sha256:{hashlib.sha256(b'').hexdigest()}"
    leans = _leans(job, row)
    if leans is not None:
        block, headers = b"" if row["status"] == 304 else http_response(job, row, None), leans
        return Record(
            "revisit", record_id(*names, "response"), row["at"], _RESPONSE, block, headers, row["url"], digest
        )
    body = job.payload(row["payload"]) if row["payload"] is not None and row["status"] != 304 else b""
    if body is None:
        job.count("damaged")
        return None
    headers = [("WARC-Truncated", _truncated(row))] if row["truncated"] else []
    block = http_response(job, row, body)
    return Record("response", record_id(*names, "response"), row["at"], _RESPONSE, block, headers, row["url"], digest)


def _leans(job: Job, row: sqlite3.Row) -> Headers | None:
    """What a revisit record says of the capture it leans on; None for a capture that brings its payload itself."""
    if row["payload"] is None:
        return None
    unchanged = row["status"] == 304
    first = original(job, row["payload"])
    if first is None and unchanged:  # the file holds one crawl, the answer came in an earlier one
        first = original(job, row["payload"], anywhere=True)
        job.count("revisits of captures outside")
    if first is None or first["id"] == row["id"]:
        return None
    return [
        ("WARC-Profile", _PROFILE + ("server-not-modified" if unchanged else "identical-payload-digest")),
        ("WARC-Refers-To", record_id(first["uid"], first["url"], first["at"], "response")),
        ("WARC-Refers-To-Target-URI", iri(first["url"])),
        ("WARC-Refers-To-Date", shown_time(first["at"]) or ""),
        *([("WARC-Truncated", _truncated(row))] if row["truncated"] else []),
    ]


def _truncated(row: sqlite3.Row) -> str:
    reason = row["reason"] or ""
    if "too-large" in reason:
        return "length"
    return "time" if "time" in reason else "disconnect" if "connection" in reason else "unspecified"


def http_response(job: Job, row: sqlite3.Row, body: bytes | None) -> bytes:
    """Status line, headers and body; ``body`` None: a revisit, whose headers are all there is."""
    pairs = _received(job, row)
    size = None if body is None else len(body)
    lines = [f"HTTP/1.1 {row['status']} ", *_true(pairs, size)]
    return _head(lines) + (body or b"")


def _received(job: Job, row: sqlite3.Row) -> list[list[str]]:
    return job.headers(row["response_headers"], f"capture {row['id']}")


def _true(pairs: list[list[str]], size: int | None) -> list[str]:
    """Header lines that hold of the stored bytes: see the module's docstring."""
    found, counted = [], size is None
    for name, value in pairs:
        low = name.lower()
        kept = name
        if low in ("transfer-encoding", "content-encoding"):
            kept = ORIGINAL + name
        elif low == "content-length" and size is not None:
            kept = name if value.strip() == str(size) and not counted else ORIGINAL + name
            counted = counted or kept == name
        found.append(f"{kept}: {value}")
    return found if counted else [*found, f"Content-Length: {size}"]


def _head(lines: list[str]) -> bytes:
    """Header lines as bytes: one line each, whatever stood in them."""
    return b"".join(_bytes(text.replace("\r", " ").replace("\n", " ")) + b"\r\n" for text in lines) + b"\r\n"


def _bytes(text: str) -> bytes:
    """Headers were decoded as Latin-1; only a value that the crawler cut holds anything else."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _request(job: Job, row: sqlite3.Row) -> Record:
    parts = urlsplit(row["url"])
    path = iri(parts.path or "/") + (f"?{iri(parts.query)}" if parts.query else "")
    sent = job.headers(row["sent"], f"the request of capture {row['id']}")
    pairs = [[name, value] for name, value in sent if name != BODY]
    body = "".join(value for name, value in sent if name == BODY).encode()
    host = [] if any(name.lower() == "host" for name, _ in pairs) else [f"Host: {parts.netloc.rpartition('@')[2]}"]
    lines = [
        f"{row['method']} {path} HTTP/1.1",
        *host,
        *_true(pairs, len(body) if row["method"] not in ("GET", "HEAD") else None),
    ]
    content_type = "application/http;msgtype=request"
    return Record(
        "request",
        record_id(row["uid"], row["url"], row["at"], "request"),
        row["at"],
        content_type,
        _head(lines) + body,
        [],
        row["url"],
    )


def _metadata(job: Job, row: sqlite3.Row, headers: Headers) -> Record:
    fields = [
        ("outcome", row["outcome"]),
        ("reason", row["reason"]),
        ("via", row["referrer_url"]),
        ("fetchTimeMs", row["elapsed"]),
        ("error", row["error"]),
        ("certificate", row["certificate"]),
        ("status", row["status"]),
        ("responseHeaders", json.dumps(_received(job, row)) if row["status"] == 304 else None),
        ("logEntry", row["seq"]),
        ("logLeaf", shown(row["leaf"]) if row["leaf"] else None),
    ]
    name = record_id(row["uid"], row["url"], row["at"], "metadata")
    return Record("metadata", name, row["at"], _FIELDS, _fields(fields), headers, row["url"])


def _conversions(job: Job, crawl: sqlite3.Row, info: str) -> Iterator[Record]:
    """The texts of a crawl's revisions, each as every program read it."""
    clause, values = job.scope.captures()
    rows = job.sql.execute(
        "SELECT reading.id, reading.at, reading.digest, software.name, software.version, software.parameters, revision_part.payload,"
        " capture.at AS captured, resource.url FROM revision JOIN reading ON reading.revision=revision.id JOIN software"
        " ON software.id=reading.software JOIN revision_part ON revision_part.revision=revision.id AND position=0 JOIN"
        " capture ON capture.id=revision.capture JOIN crawl ON crawl.id=capture.crawl JOIN portal ON"
        " portal.id=crawl.portal JOIN resource ON resource.id=capture.resource WHERE revision.crawl=?"
        f" AND {clause} ORDER BY reading.id",
        [crawl["id"], *values],
    )
    for row in rows:
        text = job.reading(row["id"]).get("text")
        first = original(job, row["payload"]) if row["payload"] is not None else None
        if text:
            yield _conversion(crawl, row, first, text, info)


def _conversion(crawl: sqlite3.Row, row: sqlite3.Row, first: sqlite3.Row | None, text: str, info: str) -> Record:
    block = text.encode("utf-8", "replace")
    headers: Headers = [("WARC-Warcinfo-ID", info)]
    if first is not None:
        headers.append(("WARC-Refers-To", record_id(first["uid"], first["url"], first["at"], "response")))
    made = {"software": f"{row['name']}/{row['version']}", "parameters": json.loads(row["parameters"])}
    headers.append(("X-Nianlun-Software", json.dumps(made, ensure_ascii=False, sort_keys=True)))
    name = record_id(crawl["uid"], row["url"], row["captured"], "conversion", row["at"], row["digest"].hex())
    digest = f"sha256:{hashlib.sha256(block).hexdigest()}"
    return Record("conversion", name, row["at"], "text/plain;charset=utf-8", block, headers, row["url"], digest)
