"""OAI-PMH 2.0 at ``/oai``: reports for harvesters, with sets, dates and deleted records.

Source: The Open Archives Initiative Protocol for Metadata Harvesting, version 2.0 (2015-01-08); section numbers below are
its.  Requests come by GET; a POST is refused like anywhere in the reading room, which only reads.  A resumption token holds
all it needs: the arguments, where the last list ended (datestamp and id) and the size of the whole list when it began.
Lists are ordered by (datestamp, id), so a record that changes while it is harvested comes again at the end, and none is
skipped.  The token's checksum tells a damaged or foreign one; it keeps no secret, since it opens nothing that the
arguments themselves do not.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from archive.events import identity
from archive.markup import add, document
from archive.web.exchange import Answer, Ask
from archive.web.machines import oai_records as records
from archive.web.machines.oai_records import FORMATS, Record, Selection, utc

if TYPE_CHECKING:
    import sqlite3

    from archive.web.exchange import Routes

PAGE = 100
"""Records in one answer."""
NOBODY = "unknown@nianlun.invalid"
"""The administrator's address where no operator of a crawl left one (RFC 2606: it reaches nobody)."""
_OAI = "http://www.openarchives.org/OAI/2.0/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_MAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{1,63}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z))?")
_NAME = r"[A-Za-z0-9_.!~*'()-]+"
_GRAMMAR = {"set": re.compile(f"{_NAME}(?::{_NAME})*"), "metadataPrefix": re.compile(_NAME)}
"""What the protocol's schema lets stand in these arguments, which an answer repeats."""
_LIST = ("from", "until", "set")
_VERBS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Identify": ((), ()),
    "ListMetadataFormats": ((), ("identifier",)),
    "ListSets": ((), ("resumptionToken",)),
    "GetRecord": (("identifier", "metadataPrefix"), ()),
    "ListIdentifiers": (("metadataPrefix",), (*_LIST, "resumptionToken")),
    "ListRecords": (("metadataPrefix",), (*_LIST, "resumptionToken")),
}
"""Each verb's required and optional arguments (section 4)."""


class _Wrong(Exception):
    """What is the matter with a request, by one of the protocol's codes (section 3.6)."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a list stands: its arguments, the last record told, how many were, and how many there are."""

    arguments: dict[str, str]
    after: tuple[int, int] = (-(1 << 62), 0)
    told: int = 0
    size: int = 0


def oai(ask: Ask) -> Answer:
    """Answer one request; whatever is wrong with it is said inside the answer, as the protocol wants it."""
    root = ET.Element(
        "OAI-PMH",
        {"xmlns": _OAI, "xmlns:xsi": _XSI, "xsi:schemaLocation": f"{_OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"},
    )  # fmt: skip
    add(root, "responseDate", utc(int(datetime.now(UTC).timestamp())))
    base = f"{ask.root}/oai"
    try:
        arguments = _arguments(ask)
        answer = _ANSWERS[arguments["verb"]](ask, arguments)
    except _Wrong as wrong:
        about = {} if wrong.code in ("badVerb", "badArgument") else arguments
        add(root, "request", base, about)
        add(root, "error", str(wrong), {"code": wrong.code})
    else:
        add(root, "request", base, arguments)
        root.append(answer)
    return Answer(document(root), "text/xml; charset=utf-8")


def _arguments(ask: Ask) -> dict[str, str]:
    verb = ask.query.get("verb", ())
    if len(verb) != 1 or verb[0] not in _VERBS:
        raise _Wrong("badVerb", f"Give one verb of {', '.join(_VERBS)}.")
    required, optional = _VERBS[verb[0]]
    for name, values in ask.query.items():
        if name != "verb" and name not in (*required, *optional):
            raise _Wrong("badArgument", f"{verb[0]} has no argument {name!r}.")
        if len(values) != 1 or not values[0]:
            raise _Wrong("badArgument", f"Give {name!r} once, with a value.")
        if name in _GRAMMAR and _GRAMMAR[name].fullmatch(values[0]) is None:
            raise _Wrong("badArgument", f"{name!r} has characters that none of its values have.")
    if "resumptionToken" in ask.query:
        if len(ask.query) != 2:
            raise _Wrong("badArgument", "resumptionToken goes with the verb alone.")
    elif missing := [name for name in required if name not in ask.query]:
        raise _Wrong("badArgument", f"{verb[0]} needs {' and '.join(missing)}.")
    return {name: values[0] for name, values in ask.query.items()}


# ------------------------------------------------------------ about the archive


def _identify(ask: Ask, arguments: dict[str, str]) -> ET.Element:
    found = ET.Element(arguments["verb"])
    add(found, "repositoryName", "nianlun 年轮: annual reports · 政府信息公开年报")
    add(found, "baseURL", f"{ask.root}/oai")
    add(found, "protocolVersion", "2.0")
    add(found, "adminEmail", _operator(ask.sql))
    add(found, "earliestDatestamp", utc(records.earliest(ask.sql)))
    add(found, "deletedRecord", "persistent")
    add(found, "granularity", "YYYY-MM-DDThh:mm:ssZ")
    said = ET.Element("oai_dc:dc", _identity_names())
    add(said, "dc:title", "nianlun 年轮")
    add(said, "dc:identifier", f"urn:nianlun:archive:{identity(ask.sql) or 'empty'}")
    add(said, "dc:description", "A reading room only reads: harvest it by GET, POST is refused. · 仅接受 GET 请求。")
    add(found, "description").append(said)
    return found


def _identity_names() -> dict[str, str]:
    dc = FORMATS["oai_dc"]
    return {
        "xmlns:oai_dc": dc.namespace,
        "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        "xsi:schemaLocation": f"{dc.namespace} {dc.schema}",
    }


def _operator(sql: sqlite3.Connection) -> str:
    """The address that the newest crawl with one was made under."""
    rows = sql.execute("SELECT operator FROM crawl WHERE instr(operator, '@') ORDER BY id DESC LIMIT 50")
    for (operator,) in rows:
        if found := _MAIL.search(operator):
            return found[0]
    return NOBODY


def _formats(ask: Ask, arguments: dict[str, str]) -> ET.Element:
    if "identifier" in arguments:
        _named(ask, arguments["identifier"])
    found = ET.Element("ListMetadataFormats")
    for prefix, one in FORMATS.items():
        made = add(found, "metadataFormat")
        add(made, "metadataPrefix", prefix)
        add(made, "schema", one.schema.format(root=ask.root))
        add(made, "metadataNamespace", one.namespace)
    return found


def _sets(ask: Ask, arguments: dict[str, str]) -> ET.Element:
    if "resumptionToken" in arguments:
        raise _Wrong("badResumptionToken", "The sets are given at once; there is no token for more.")
    found = ET.Element("ListSets")
    for spec, name, _ in records.sets(ask.sql):
        made = add(found, "set")
        add(made, "setSpec", spec)
        add(made, "setName", name)
    return found


# ------------------------------------------------------------ records


def _named(ask: Ask, identifier: str) -> Record:
    number = records.report_of(ask.sql, identifier)
    record = records.one(ask.sql, number) if number is not None else None
    if record is None:
        raise _Wrong("idDoesNotExist", "No report of this archive has that identifier; ListIdentifiers lists them.")
    return record


def _record(ask: Ask, arguments: dict[str, str]) -> ET.Element:
    record = _named(ask, arguments["identifier"])
    found = ET.Element("GetRecord")
    _write(ask, found, [record], _prefix(arguments))
    return found


def _prefix(arguments: dict[str, str]) -> str:
    if arguments["metadataPrefix"] not in FORMATS:
        raise _Wrong("cannotDisseminateFormat", f"The formats are {' and '.join(FORMATS)}.")
    return arguments["metadataPrefix"]


def _write(ask: Ask, parent: ET.Element, found: list[Record], prefix: str) -> None:
    told = records.describe(ask.sql, [one.id for one in found if not one.deleted], ask.root, prefix)
    for one in found:
        made = add(parent, "record")
        _header(ask, made, one)
        if one.id in told:
            add(made, "metadata").append(told[one.id])


def _header(ask: Ask, parent: ET.Element, one: Record) -> None:
    made = add(parent, "header", None, {"status": "deleted"} if one.deleted else {})
    add(made, "identifier", records.identifier(ask.sql, one.id))
    add(made, "datestamp", utc(one.stamp))
    for spec in one.sets:
        add(made, "setSpec", spec)


def _list(ask: Ask, arguments: dict[str, str]) -> ET.Element:
    place = _resumed(ask, arguments["resumptionToken"]) if "resumptionToken" in arguments else _Place(arguments)
    meant = _selection(ask.sql, place.arguments)
    prefix = _prefix(place.arguments)
    if not place.told:
        place = replace(place, size=records.count(ask.sql, meant))
    found = records.select(ask.sql, meant, place.after, PAGE + 1)
    if not found and place.told:
        raise _Wrong("badResumptionToken", "What was left of the list has changed since; begin the list again.")
    if not found:
        raise _Wrong("noRecordsMatch", "No report fits from, until and set.")
    parent = ET.Element(arguments["verb"])
    if arguments["verb"] == "ListRecords":
        _write(ask, parent, found[:PAGE], prefix)
    else:
        for one in found[:PAGE]:
            _header(ask, parent, one)
    if place.told or len(found) > PAGE:
        _token(ask, parent, place, found)
    return parent


def _selection(sql: sqlite3.Connection, arguments: dict[str, str]) -> Selection:
    """The records that from, until and set mean (section 2.7.1: both ends are included)."""
    given = {name: arguments[name] for name in ("from", "until") if name in arguments}
    if len({len(text) for text in given.values()}) > 1:
        raise _Wrong("badArgument", "from and until must be as exact as each other.")
    since = _seconds(given["from"]) if "from" in given else None
    until = _seconds(given["until"], end=True) if "until" in given else None
    if since is not None and until is not None and since > until:
        raise _Wrong("badArgument", "from must not be later than until.")
    if "set" not in arguments:
        return Selection(since, until)
    for spec, _, meant in records.sets(sql):
        if spec == arguments["set"]:
            return replace(meant, since=since, until=until)
    raise _Wrong("noRecordsMatch", "There is no such set; ListSets lists them.")


def _seconds(text: str, *, end: bool = False) -> int:
    """A UTCdatetime of either granularity in seconds; a day as ``until`` means its last second."""
    found = _DATE.fullmatch(text)
    try:
        moment = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC) if found else None
    except ValueError:
        moment = None
    if found is None or moment is None:
        raise _Wrong("badArgument", "Write dates as 2024-01-31 or 2024-01-31T08:00:00Z.")
    return int(moment.timestamp()) + (86_399 if end and found[1] is None else 0)


# ------------------------------------------------------------ resumption


def _token(ask: Ask, parent: ET.Element, place: _Place, found: list[Record]) -> None:
    """What is left of a list (section 3.5); an empty token ends it."""
    told = found[:PAGE]
    text = None
    if len(found) > PAGE:
        text = _packed(ask, [place.arguments, told[-1].stamp, told[-1].id, place.told + len(told), place.size])
    size = max(place.size, place.told + len(told))
    add(parent, "resumptionToken", text, {"completeListSize": str(size), "cursor": str(place.told)})


def _packed(ask: Ask, value: list[Any]) -> str:
    data = json.dumps(value, separators=(",", ":")).encode()
    return _encoded(_checksum(ask, data) + data)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _checksum(ask: Ask, data: bytes) -> bytes:
    return hashlib.sha256(identity(ask.sql).encode() + b"\0oai\0" + data).digest()[:12]


def _resumed(ask: Ask, token: str) -> _Place:
    try:
        packed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise _Wrong("badResumptionToken", "The token is damaged; begin the list again.") from error
    if packed[:12] != _checksum(ask, packed[12:]) or _encoded(packed) != token:
        raise _Wrong("badResumptionToken", "The token is damaged or another archive's; begin the list again.")
    arguments, stamp, number, told, size = json.loads(packed[12:])
    if arguments["verb"] != ask.query["verb"][0]:
        raise _Wrong("badResumptionToken", f"The token goes on with a {arguments['verb']}; ask with that verb.")
    return _Place(arguments, (stamp, number), told, size)


def schema(_: Ask) -> Answer:
    """The XML Schema of the ``nianlun`` format."""
    return Answer(records.SCHEMA, "text/xml; charset=utf-8")


_ANSWERS = {
    "Identify": _identify,
    "ListMetadataFormats": _formats,
    "ListSets": _sets,
    "GetRecord": _record,
    "ListIdentifiers": _list,
    "ListRecords": _list,
}
ROUTES: Routes = ((r"^/oai/?$", oai), (r"^/oai/nianlun\.xsd$", schema))
