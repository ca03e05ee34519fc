"""The shapes of the JSON interface's answers, as JSON Schema 2020-12 (the dialect of OpenAPI 3.1).

Every key named is always there; one without a value is null.  Keys may be added in later versions, none are taken away.
"""

from __future__ import annotations

from typing import Any

from archive.query import STATES

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
DIGEST: Schema = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
ANY: Schema = {"type": "object"}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(*names: str) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(names)}


def many(schema: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": schema}


def record(optional: Schema | None = None, /, **fields: Schema) -> Schema:
    """An object that has all these keys, and may have the optional ones."""
    return {"type": "object", "required": list(fields), "properties": {**fields, **(optional or {})}}


def page(name: str) -> Schema:
    """A page of rows and the address of the next one."""
    return record(rows=many({"$ref": f"#/components/schemas/{name}"}), next=maybe(TEXT))


_ATTACHMENT = record(url=TEXT, name=maybe(TEXT), media_type=maybe(TEXT), digest=maybe(DIGEST))
_REPORT: Schema = {
    "id": WHOLE, "portal": TEXT, "url": TEXT, "title": maybe(TEXT), "publisher": maybe(TEXT), "division": maybe(TEXT),
    "year": maybe(WHOLE), "kind": maybe(TEXT), "form": maybe(TEXT), "published": maybe(TEXT), "written": maybe(TEXT),
    "state": one_of(*STATES), "revisions": WHOLE, "first_seen": TIME, "last_seen": TIME,
    "attachments": many(_ATTACHMENT), "moved_to": maybe(WHOLE),
}  # fmt: skip
_OBSERVATION = record(
    id=WHOLE, report=WHOLE, url=TEXT, publisher=maybe(TEXT), division=maybe(TEXT), year=maybe(WHOLE), revision=WHOLE,
    indicator=TEXT, value=maybe(NUMBER), status=one_of("ok", "blank", "ambiguous", "missing", "text"), raw=maybe(TEXT),
    unit=maybe(TEXT), source=TEXT, captured=TIME, software=TEXT,
)  # fmt: skip
_SAID: Schema = {
    "rule": TEXT,
    "level": one_of("error", "warning", "info"),
    "message": TEXT,
    "indicators": many(TEXT),
}
_DIFFERENCE = record(
    indicator=TEXT, before=maybe(NUMBER), after=maybe(NUMBER), before_raw=maybe(TEXT), after_raw=maybe(TEXT)
)
_PROGRAM = record(name=maybe(TEXT), version=maybe(TEXT))
_HEADERS = many({"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2})

SCHEMAS: dict[str, Schema] = {
    "Report": record(**_REPORT, findings=WHOLE),
    "Revision": record(
        **_REPORT, findings=many(record(**_SAID)), revision=WHOLE, captured=TIME, summary=maybe(TEXT), text=maybe(TEXT),
        sections=many(record(heading=maybe(TEXT), level=WHOLE, text=TEXT)), contacts=ANY, document_numbers=many(TEXT),
        observations=many({"$ref": "#/components/schemas/Observation"}),
        parts=many(record(
            role=one_of("page", "attachment"), url=TEXT, name=maybe(TEXT), media_type=maybe(TEXT), digest=maybe(DIGEST),
            capture=maybe(WHOLE), state=maybe(TEXT), converter=_PROGRAM,
        )),
    ),
    "Observation": _OBSERVATION,
    "Finding": record(report=WHOLE, url=TEXT, publisher=maybe(TEXT), year=maybe(WHOLE), revision=WHOLE, **_SAID),
    "Change": record(
        url=TEXT, report=WHOLE, event=one_of("new", "changed", "cosmetic", "missing", "gone", "back", "moved"), crawl=WHOLE,
        seen=TIME, revision=maybe(WHOLE), summary=maybe(TEXT), observations=many(_DIFFERENCE), last_seen=maybe(TIME),
        first_gone=maybe(TIME), other=maybe(WHOLE), capture=maybe(WHOLE),
    ),
    "Cell": record(
        publisher=TEXT, year=WHOLE, report=maybe(WHOLE), published=maybe(TEXT), due=TEXT, crawls=many(WHOLE),
        state=one_of("on-time", "late", "missing", "gone", "blocked", "unreadable", "not-due"), portal=maybe(TEXT),
    ),
    "Hit": record(
        {"rank": NUMBER}, report=WHOLE, url=TEXT, publisher=maybe(TEXT), year=maybe(WHOLE), title=maybe(TEXT),
        revision=WHOLE, snippet=TEXT, score=NUMBER, captured=TIME, passage=TEXT, marks=many(many(WHOLE)),
    ),
    "Capture": record(
        capture=WHOLE, at=TIME, url=TEXT, crawl=WHOLE, outcome=TEXT, reason=maybe(TEXT), status=maybe(WHOLE),
        digest=maybe(DIGEST), bytes=maybe(WHOLE), revision=maybe(WHOLE), event=maybe(TEXT),
    ),
    "Trace": record(
        observation=record(id=WHOLE, indicator=TEXT, value=maybe(NUMBER), status=TEXT, raw=maybe(TEXT), unit=maybe(TEXT)),
        report=record(id=WHOLE, revision=maybe(WHOLE), title=maybe(TEXT), publisher=maybe(TEXT), year=maybe(WHOLE),
                      said_again=many(ANY)),
        cell=ANY, reading=record(software=record(name=TEXT, version=TEXT, parameters=ANY), at=TIME),
        conversion=record(tool=TEXT, version=TEXT, parameters=ANY, state=maybe(TEXT)),
        payload=record(digest=DIGEST, bytes=WHOLE, media_type=maybe(TEXT), member=maybe(ANY)),
        capture=record(id=WHOLE, url=TEXT, at=TIME, status=maybe(WHOLE), outcome=TEXT, peer=maybe(TEXT),
                       referrer=maybe(TEXT), request_headers=_HEADERS, response_headers=_HEADERS,
                       log_entry=maybe(WHOLE), leaf=maybe(DIGEST)),
        crawl=record(id=WHOLE, uid=TEXT, portal=TEXT, started=TIME, finished=maybe(TIME), software=_PROGRAM, settings=ANY,
                     settings_digest=DIGEST, operator=maybe(TEXT)),
    ),
    "Prov": record(prefix=ANY, entity=ANY, activity=ANY, agent=ANY, wasGeneratedBy=ANY, used=ANY, wasDerivedFrom=ANY,
                   wasAssociatedWith=ANY, wasInformedBy=ANY),
    "Diff": record(
        report=WHOLE, url=TEXT, title=maybe(TEXT), before=WHOLE, after=WHOLE, observations=many(_DIFFERENCE),
        text=many(record(paragraph=WHOLE, runs=many({"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2}))),
    ),
    "Crawl": record(
        {"problems": many(TEXT)},
        id=WHOLE, portal=TEXT, started=TIME, finished=maybe(TIME),
        outcome=one_of("finished", "interrupted", "blocked", "unreachable", "failed"), expected=maybe(WHOLE), found=WHOLE,
        **dict.fromkeys(("requests", "captures", "bytes", "new", "changed", "unchanged", "gone", "back", "blocked",
                         "refused", "failed"), WHOLE),
    ),
    "Table": record(
        source=TEXT, member=maybe(TEXT), table=WHOLE, rows=WHOLE, columns=WHOLE, caption=maybe(TEXT),
        cells=many(record(row=WHOLE, column=WHOLE, text=TEXT, rowspan=WHOLE, colspan=WHOLE)),
    ),
    "Problem": record(type=TEXT, title=TEXT, status=WHOLE, detail=TEXT),
}  # fmt: skip
"""By name, as the OpenAPI document lists them."""
