"""WACZ 1.1.1: a WARC with its index, its pages and their checksums in one zip that a browser can replay.

``archive/data.warc.gz``, ``indexes/index.cdx.gz`` in blocks with ``indexes/index.idx`` over them, ``pages/pages.jsonl``
with the reports' pages, ``datapackage.json`` and ``datapackage-digest.json``.  WARC and index lie uncompressed in the
zip, so that a part of them can be read by its offset.  Source: specs.webrecorder.net/wacz/1.1.1.
"""

from __future__ import annotations

import hashlib
import json
import uuid
import zlib
from itertools import islice
from typing import TYPE_CHECKING, Any

from archive.exporters import warc
from archive.exporters.cdxj import cdxj
from archive.exporters.sinks import Sum, ZipSink
from archive.exporters.spool import Spool
from archive.times import shown_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.exporters.interface import Job, Row

WARC = "data.warc.gz"
INDEX = "index.cdx.gz"
BLOCK = 3000
"""Index lines in one compressed block, as CDX servers use."""
_PAGES = {"format": "json-pages-1.0", "id": "pages", "title": "Annual reports · 年报"}


def write(job: Job, place: Path) -> Row:
    """Write the file; returns the digest of its data package."""
    with ZipSink(place) as sink, Spool() as spool:
        with sink.file(f"archive/{WARC}", squeeze=False) as file:
            warc.records(job, file, lambda written: _note(spool, written))
        _index(sink, spool)
        with sink.file("pages/pages.jsonl") as file:
            file.write(_json(_PAGES) + b"\n")
            for page in pages(job):
                file.write(_json(page) + b"\n")
                job.count("pages")
        package = json.dumps(_package(job, list(sink.sums())), ensure_ascii=False, indent=2)
        sink.put("datapackage.json", package)
        digest = f"sha256:{list(sink.sums())[-1].sha256}"
        sink.put("datapackage-digest.json", json.dumps({"path": "datapackage.json", "hash": digest}, indent=2))
    return {"digest": digest}


def _json(row: Any) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")


def _note(spool: Spool, written: warc.Written) -> None:
    spool.add("cdxj", *cdxj(written, WARC))


def _index(sink: ZipSink, spool: Spool) -> None:
    """Write the index in gzip members of :data:`BLOCK` lines, and the index of those."""
    head = json.dumps({"format": "cdxj-gzip-1.0", "filename": INDEX})
    over, offset = [f"!meta 0 {head}\n"], 0
    with sink.file(f"indexes/{INDEX}", squeeze=False) as file:
        found = (text for _, text in spool.lines("cdxj"))
        for number, lines in enumerate(iter(lambda: list(islice(found, BLOCK)), [])):
            packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS + 16)
            data = packer.compress("".join(lines).encode()) + packer.flush()
            file.write(data)
            key = " ".join(lines[0].split(" ")[:2])
            about = {
                "offset": offset,
                "length": len(data),
                "digest": f"sha256:{hashlib.sha256(data).hexdigest()}",
                "filename": INDEX,
            }
            over.append(f"{key} {json.dumps({**about, 'lineno': number + 1})}\n")
            offset += len(data)
    sink.put("indexes/index.idx", "".join(over))


def pages(job: Job) -> Iterator[Row]:
    """The pages reports stand on, once for each revision, with the report's title."""
    clause, values = job.scope.captures()
    rows = job.sql.execute(
        "SELECT DISTINCT resource.url, capture.at, reading.title FROM revision JOIN reading ON reading.id=(SELECT max(id) FROM"
        " reading other WHERE other.revision=revision.id) JOIN capture ON capture.id=revision.capture JOIN crawl ON"
        " crawl.id=capture.crawl JOIN portal ON portal.id=crawl.portal JOIN resource ON resource.id=capture.resource"
        f" WHERE {clause} ORDER BY capture.at, resource.url, reading.title",
        values,
    )
    for row in rows:
        url = warc.iri(row["url"])
        name = uuid.uuid5(uuid.NAMESPACE_URL, f"{url}#{row['at']}#{row['title']}")
        yield {"id": str(name), "url": url, "ts": shown_time(row["at"]), "title": row["title"]}


def _package(job: Job, sums: list[Sum]) -> Row:
    latest = job.sql.execute("SELECT max(coalesce(finished, started)) FROM crawl").fetchone()[0]
    version = job.sql.execute("SELECT version FROM software WHERE name='nianlun' ORDER BY id DESC LIMIT 1").fetchone()
    return {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": "Annual reports of public bodies · 政府信息公开工作年度报告",
        "software": f"nianlun {version[0]}" if version else "nianlun",
        "created": shown_time(latest or 0),
        "resources": [
            {
                "name": item.name.rpartition("/")[2].lower(),
                "path": item.name,
                "hash": f"sha256:{item.sha256}",
                "bytes": item.size,
            }
            for item in sums
        ],
    }
