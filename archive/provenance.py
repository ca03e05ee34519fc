"""From a value back to the bytes it stands in: the chain of one observation, and the same as W3C PROV-JSON.

PROV's words (entity, activity, agent) are used here and nowhere else: a payload, a revision and an observation
are entities, a crawl's capture and a conversion are activities, the programs and the operator are agents.
Source: W3C PROV-O and the PROV-JSON member submission of 2013.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from archive.history import conversions, reading_data
from archive.leaves import unpack_headers
from archive.model import shown
from archive.times import shown_time

if TYPE_CHECKING:
    import sqlite3

Row = dict[str, Any]


class NoSuchObservation(LookupError):
    """The id names no observation."""


def trace(sql: sqlite3.Connection, observation: int) -> Row:
    """The chain value → cell → conversion → payload → capture → crawl; raises :class:`NoSuchObservation`."""
    row = sql.execute(
        "SELECT observation.*, place.text AS place_text, indicator.code, revision.report, revision.n, revision.id AS rid, software.name AS tool,"
        " software.version, software.parameters, reading.at AS read_at, reading.publisher, reading.year, reading.title"
        " FROM observation JOIN indicator ON indicator.id=observation.indicator JOIN place ON"
        " place.id=observation.place JOIN reading ON"
        " reading.id=observation.reading JOIN revision ON revision.id=reading.revision JOIN software ON"
        " software.id=reading.software WHERE observation.id=?",
        (observation,),
    ).fetchone()
    if row is None:
        raise NoSuchObservation(f"There is no observation {observation}; `nianlun observations` prints their ids.")
    part = _part(sql, row["rid"], row["part"])
    cell = json.loads(row["place_text"])
    source = part["url"] if row["part"] else "page"
    file = _file(sql, row, source, cell.get("member"))
    return {
        "observation": {
            "id": row["id"], "indicator": row["code"], "value": row["value"], "status": row["status"],
            "raw": row["raw"], "unit": row["unit"],
        },
        "report": {
            "id": row["report"], "revision": row["n"], "title": row["title"], "publisher": row["publisher"],
            "year": row["year"], "said_again": _said_again(sql, row["reading"]),
        },
        "cell": cell,
        "reading": {
            "software": {
                "name": row["tool"], "version": row["version"], "parameters": json.loads(row["parameters"]),
            },
            "at": shown_time(row["read_at"]),
        },
        "conversion": _conversion(part, file),
        "payload": {
            "digest": shown(part["digest"]), "bytes": part["size"], "media_type": part["media_type"],
            "member": _member(cell, file),
        },
        "capture": _capture(part),
        "crawl": _crawl(sql, part["crawl"]),
    }  # fmt: skip


def _said_again(sql: sqlite3.Connection, reading: int) -> list[Row]:
    """The later revisions that said again what this reading says, each with the capture that shows it."""
    rows = sql.execute(
        "SELECT n, capture, at FROM revision WHERE reading=? AND home=0 AND n IS NOT NULL ORDER BY n", (reading,)
    )
    return [{"revision": row["n"], "capture": row["capture"], "at": shown_time(row["at"])} for row in rows]


def _file(sql: sqlite3.Connection, row: sqlite3.Row, source: str, member: str | None) -> Row:
    """What the file became in this reading, where the revision's part does not say it: in a later one, or in a bundle.

    A reading's text is tens of kilobytes of JSON; unpacking it was most of a trace's time.
    """
    first = sql.execute("SELECT id FROM reading WHERE revision=? ORDER BY at, digest LIMIT 1", (row["rid"],)).fetchone()
    if member is None and first[0] == row["reading"]:
        return {}
    found = conversions(reading_data(sql, row["reading"]))
    return next((conversion for url, name, conversion in found if (url, name) == (source, member)), {})


def _part(sql: sqlite3.Connection, revision: int, position: int) -> sqlite3.Row:
    row: sqlite3.Row = sql.execute(
        "SELECT revision_part.*, capture.*, capture.id AS capture_id, resource.url, payload.digest, payload.size,"
        " referrer.url AS referrer_url, software.name AS tool, software.version AS tool_version,"
        " software.parameters AS tool_parameters, headers.data AS sent, log.seq, log.leaf"
        " FROM revision_part JOIN resource ON resource.id=revision_part.resource"
        " JOIN payload ON payload.id=revision_part.payload JOIN capture ON capture.id=revision_part.capture"
        " JOIN software ON software.id=revision_part.converter LEFT JOIN resource referrer ON referrer.id=capture.referrer"
        " LEFT JOIN headers ON headers.id=capture.request_headers LEFT JOIN log ON log.kind=1 AND log.row=capture.id"
        " WHERE revision=? AND position=?",
        (revision, position),
    ).fetchone()
    return row


def _conversion(part: sqlite3.Row, file: Row) -> Row:
    """Who turned the file into cells: as the reading itself says, since a later reading may be another program's."""
    converter = file.get("converter", {})
    return {
        "tool": converter.get("name", part["tool"]),
        "version": converter.get("version", part["tool_version"]),
        "parameters": dict(converter["parameters"])
        if "parameters" in converter
        else json.loads(part["tool_parameters"]),
        "state": file.get("state", part["state"]),
    }


def _member(cell: Row, file: Row) -> Row | None:
    """Which file of a bundle the cell stands in, with its own digest; None outside bundles."""
    if "member" not in cell:
        return None
    digest = dict(file.get("meta", ())).get("bundle:digest")
    return {"name": cell["member"], "digest": digest, "media_type": file.get("media_type")}


def _capture(part: sqlite3.Row) -> Row:
    return {
        "id": part["capture_id"],
        "url": part["url"],
        "at": shown_time(part["at"]),
        "status": part["status"],
        "outcome": part["outcome"],
        "peer": part["peer"],
        "referrer": part["referrer_url"],
        "request_headers": unpack_headers(part["sent"]),
        "response_headers": unpack_headers(part["response_headers"]),
        "log_entry": part["seq"],
        "leaf": shown(part["leaf"]) if part["leaf"] else None,
    }


def _crawl(sql: sqlite3.Connection, crawl: int) -> Row:
    row = sql.execute(
        "SELECT crawl.*, software.name, software.version, software.parameters, portal.name AS portal_name FROM crawl"
        " JOIN software ON software.id=crawl.software JOIN portal ON portal.id=crawl.portal WHERE crawl.id=?",
        (crawl,),
    ).fetchone()
    return {
        "id": row["id"],
        "uid": row["uid"],
        "portal": row["portal_name"],
        "started": shown_time(row["started"]),
        "finished": shown_time(row["finished"]),
        "software": {"name": row["name"], "version": row["version"]},
        "settings": json.loads(row["settings"]),
        "settings_digest": shown(row["settings_digest"]),
        "operator": row["operator"],
    }


PREFIXES = {
    "nl": "urn:nianlun:",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "prov": "http://www.w3.org/ns/prov#",
}


def named(kind: str, *names: object) -> str:
    """A qualified name of PROV, ``nl:operator-A%20B``; what its grammar does not take is percent-encoded (PROV-N, 3.7.1)."""
    return f"nl:{kind}-" + "-".join(quote(str(name).removeprefix("sha256:"), safe="._-") for name in names)


def typed(name: str) -> Row:
    """A qualified name as a value of an attribute."""
    return {"$": name, "type": "prov:QUALIFIED_NAME"}


def known(attributes: Row) -> Row:
    """The attributes that have a value: what is not known is not stated."""
    return {name: value for name, value in attributes.items() if value is not None}


def prov(chain: Row) -> Row:
    """The chain of :func:`trace` as PROV-JSON."""
    crawl = chain["crawl"]
    ids = _ids(chain)
    return {
        "prefix": PREFIXES,
        "entity": _entities(chain, ids),
        "activity": _activities(chain, ids),
        "agent": _agents(chain, ids),
        "wasGeneratedBy": {
            "_:g1": {"prov:entity": ids["payload"], "prov:activity": ids["capture"]},
            "_:g2": {"prov:entity": ids["observation"], "prov:activity": ids["conversion"]},
        },
        "used": {"_:u1": {"prov:activity": ids["conversion"], "prov:entity": ids["payload"]}},
        "wasDerivedFrom": {
            "_:d1": {"prov:generatedEntity": ids["revision"], "prov:usedEntity": ids["payload"]},
            "_:d2": {"prov:generatedEntity": ids["observation"], "prov:usedEntity": ids["revision"]},
        },
        "wasAssociatedWith": {
            "_:a1": {"prov:activity": ids["capture"], "prov:agent": ids["software"]},
            "_:a2": {"prov:activity": ids["conversion"], "prov:agent": ids["converter"]},
            "_:a3": {"prov:activity": ids["conversion"], "prov:agent": ids["reader"]},
            **({"_:a4": {"prov:activity": ids["crawl"], "prov:agent": ids["operator"]}} if crawl["operator"] else {}),
        },
        "wasInformedBy": {"_:i1": {"prov:informed": ids["capture"], "prov:informant": ids["crawl"]}},
    }


def _ids(chain: Row) -> dict[str, str]:
    crawl, conversion, reader = chain["crawl"], chain["conversion"], chain["reading"]["software"]
    return {
        "observation": named("observation", chain["observation"]["id"]),
        "revision": named("report", chain["report"]["id"], "revision", chain["report"]["revision"]),
        "payload": named("payload", chain["payload"]["digest"]),
        "capture": named("capture", chain["capture"]["id"]),
        "conversion": named("conversion", chain["observation"]["id"]),
        "crawl": named("crawl", crawl["uid"]),
        "software": named("software", crawl["software"]["name"], crawl["software"]["version"]),
        "converter": named("software", conversion["tool"], conversion["version"]),
        "reader": named("software", reader["name"], reader["version"]),
        "operator": named("operator", crawl["operator"]),
    }


def _agents(chain: Row, ids: dict[str, str]) -> Row:
    crawl, conversion, reader = chain["crawl"], chain["conversion"], chain["reading"]["software"]
    found = {
        ids["software"]: software_agent(crawl["software"]["name"], crawl["software"]["version"]),
        ids["converter"]: software_agent(conversion["tool"], conversion["version"]),
        ids["reader"]: software_agent(reader["name"], reader["version"]),
    }
    if crawl["operator"]:
        found[ids["operator"]] = {"prov:label": crawl["operator"]}
    return found


def software_agent(name: str, version: str) -> Row:
    """A program as an agent."""
    return {"prov:type": typed("prov:SoftwareAgent"), "prov:label": f"{name} {version}"}


def _entities(chain: Row, ids: dict[str, str]) -> Row:
    observation, payload = chain["observation"], chain["payload"]
    return {
        ids["observation"]: known(
            {
                "nl:indicator": observation["indicator"],
                "nl:raw": observation["raw"],
                "nl:value": observation["value"],
                "nl:status": observation["status"],
                "nl:place": json.dumps(chain["cell"], ensure_ascii=False),
            }
        ),
        ids["revision"]: known({"prov:label": chain["report"]["title"]}),
        ids["payload"]: {
            "nl:digest": payload["digest"],
            "nl:bytes": payload["bytes"],
            "nl:source": chain["capture"]["url"],
        },
    }


def _activities(chain: Row, ids: dict[str, str]) -> Row:
    capture, crawl = chain["capture"], chain["crawl"]
    return {
        ids["capture"]: known(
            {"prov:startTime": capture["at"], "nl:url": capture["url"], "nl:status": capture["status"]}
        ),
        ids["conversion"]: {"prov:startTime": chain["reading"]["at"], "nl:tool": chain["conversion"]["tool"]},
        ids["crawl"]: known(
            {
                "prov:startTime": crawl["started"],
                "prov:endTime": crawl["finished"],
                "nl:settings": crawl["settings_digest"],
            }
        ),
    }
