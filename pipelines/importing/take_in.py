"""Files → captures: gone through once to check and group their records, once to write them.

Each portal, day (UTC) and crawl that a file names becomes a crawl of its own, so that what was missing on one day and
there on the next is told.  Its uid follows from the file's bytes: the same file adds nothing when it is imported again,
and an import that was killed goes on where it was.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from archive import imports
from archive.leaves import portal_entry, sha
from archive.model import Errand, shown
from archive.times import shown_time
from archive.urls import host_of, url_key
from pipelines.importing.exchanges import Companions, Wrong, normal
from pipelines.importing.interface import Found
from pipelines.importing.warc import BODY_CAP, Problem, Record, holds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from archive.imports import Notes
    from archive.model import Outcome, Portal, Software
    from archive.store import Store
    from pipelines.importing.exchanges import Refers, Taken
    from pipelines.importing.interface import Look, Outside
    from pipelines.importing.sources import Source

PROBLEMS = 1000
"""How many problems of a file are told one by one."""
GROUPS = 20_000
"""How many crawls a file may become: portals times days."""
DAY = 86_400_000
LOOKS = 20_000
"""How many answers are remembered for what they are."""
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:nianlun:import")
_OUTCOMES = ("fetched", "revisit", "redirected", "gone", "failed", "blocked")
GroupKey = tuple[str, str, int]
"""Portal, info record, day."""


@dataclass(slots=True)
class Group:
    """The records of one portal, crawl and day; later the crawl they became."""

    portal: Portal
    info: dict[str, str]
    info_id: str
    day: int
    first: int
    last: int
    count: int = 0
    crawl: int = 0
    portal_id: int = 0
    finished: bool = False
    """Whether it was imported before."""


@dataclass(slots=True)
class Survey:
    """What the first way through a file found."""

    source: Source
    notes: Notes
    companions: Companions
    records: int = 0
    groups: dict[GroupKey, Group] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    untold: int = 0
    sorts: dict[str, int] = field(default_factory=dict)

    def tell(self, problem: Problem) -> None:
        """Keep a problem."""
        if len(self.problems) < PROBLEMS:
            self.problems.append(problem)
        else:
            self.untold += 1

    def told(self) -> tuple[Problem, ...]:
        """The problems, and how many more there were."""
        more = [Problem(None, None, f"{self.untold} further problems are not listed")] if self.untold else []
        return (*self.problems, *more)


def survey(
    source: Source,
    outside: Outside,
    notes: Notes,
    now: int,
    *,
    cap: int = BODY_CAP,
    say: Callable[[int], None] | None = None,
) -> Survey:
    """Check a file's records and group them; nothing is written.  ``now`` is in milliseconds: no record is newer."""
    found = Survey(source, notes, Companions(notes, now, cap))
    for member, item in source.records():
        if isinstance(item, Problem):
            found.tell(item)
            continue
        found.records += 1
        found.sorts[item.type] = found.sorts.get(item.type, 0) + 1
        found.companions.note(member, item)
    for member, item, taken in _taken(found, tell=True):
        _group(found, outside, member, item, taken)
        if say and found.records:
            say(item.number)
    return found


def _taken(found: Survey, *, tell: bool) -> Iterator[tuple[str, Record, Taken]]:
    """The exchanges of a file, in its order."""
    for member, item in found.source.records():
        if isinstance(item, Problem):
            continue
        try:
            taken = found.companions.taken(item)
        except Wrong as error:
            if tell:
                found.tell(Problem(item.offset, item.uri, str(error)))
            continue
        if taken is not None:
            yield member, item, taken


def _group(found: Survey, outside: Outside, member: str, record: Record, taken: Taken) -> Group | None:
    info_id, info, origin = found.companions.origin(member, record)
    portal = outside.portal(taken.exchange.url, origin)
    at = taken.exchange.at
    key = (portal.name, info_id, at // DAY)
    group = found.groups.get(key)
    if group is None:
        if len(found.groups) >= GROUPS:
            found.tell(
                Problem(record.offset, record.uri, f"the file holds more than {GROUPS} portals and days; give --portal")
            )
            return None
        group = found.groups[key] = Group(portal, info, info_id, at // DAY, at, at)
    group.first, group.last, group.count = min(group.first, at), max(group.last, at), group.count + 1
    return group


# ---------------------------------------------------------------- writing


def begin(store: Store, surveys: Sequence[Survey], software: Software, operator: str | None) -> None:
    """Open the crawls of all files, oldest first, so that their numbers follow their times."""
    groups = [(found, group) for found in surveys for group in found.groups.values()]
    for found, group in sorted(groups, key=lambda item: (item[1].first, item[1].portal.name, item[1].info_id)):
        uid = uuid.uuid5(_NAMESPACE, json.dumps([found.source.digest, group.portal.name, group.info_id, group.day])).hex
        group.portal_id = store.portal_id(group.portal)
        known = imports.crawl_of(store.sql, uid)
        if known is None:
            group.crawl = store.begin_crawl(group.portal_id, uid, software, _settings(found, group), operator)
        else:
            group.crawl, group.finished = known
    store.commit()


def _settings(found: Survey, group: Group) -> dict[str, Any]:
    return {
        "entry": shown(sha(portal_entry(group.portal).encode())),
        "import": {
            "file": found.source.name.encode("utf-8", "backslashreplace").decode(),
            "digest": f"sha256:{found.source.digest}",
            "day": (shown_time(group.day * DAY) or "")[:10],
            "warcinfo": {name: value[:2000] for name, value in list(group.info.items())[:50]},
        },
    }


class Taking:
    """The second way through a file: every record that is sound becomes a capture."""

    def __init__(self, store: Store, outside: Outside, found: Survey) -> None:
        self._store = store
        self._outside = outside
        self._found = found
        self._notes = found.notes
        self._looks: dict[bytes, Look] = {}

    def run(self, say: Callable[[int], None] | None = None) -> None:
        """Write the captures, in groups that commit together."""
        for member, record, taken in _taken(self._found, tell=False):
            info_id, info, origin = self._found.companions.origin(member, record)
            portal = self._outside.portal(taken.exchange.url, origin)
            group = self._found.groups.get((portal.name, info_id, taken.exchange.at // DAY))
            if group is not None:
                self._take(group, member, record, taken, ours="settingsdigest" in info)
            if say:
                say(record.number)
            self._store.breathe()
        self._store.commit()

    def _take(self, group: Group, member: str, record: Record, taken: Taken, *, ours: bool) -> None:
        exchange = taken.exchange
        if taken.refers is not None:
            body, doubt = self._payload(taken.refers, exchange.at, exchange.url)
            if body is None:
                self._found.tell(Problem(record.offset, record.uri, doubt or ""))
                if not taken.refers.unchanged:
                    return
            exchange = replace(exchange, body=body)
            taken = replace(taken, exchange=exchange, reason=taken.reason or doubt)
        look = self._look(group, taken, ours=ours)
        if look.role == "attachment" and self._store.chronicle.on_page(
            group.portal_id, self._outside.key(exchange.url)
        ):
            look = replace(look, role="page")  # the file is known as a report of its own
        self._note_look(group, exchange.url, look)
        errand = self._errand(group, member, record, taken, look)
        number = self._store.ask(group.crawl, errand) if not group.finished else None
        if number is None:
            found = self._store.frontier.find(group.crawl, errand)
            payload = imports.capture_for(self._store, found)[1] if found else None
        else:
            outcome: Outcome = look.outcome
            if exchange.status == 304 and outcome in ("fetched", "revisit"):
                outcome, exchange = "revisit", replace(exchange, body=None)
            reason = look.reason
            captured = self._store.capture(
                group.crawl, group.portal_id, exchange, outcome, reason, errand.role, past=True
            )
            final: Any = captured.outcome
            self._store.end(number, final, reason, exchange.status, captured.capture)
            payload = captured.payload
        self._note_payload(record, payload)

    def _look(self, group: Group, taken: Taken, *, ours: bool) -> Look:
        """What an answer is; what our own crawl noted of it stands, unless it contradicts the answer."""
        exchange = taken.exchange
        names = {name.lower(): value for name, value in exchange.response_headers}
        if exchange.status is None and exchange.body is None:
            look = self._outside.look(group.portal, exchange.url, 0, {}, b"")
            said: Any = taken.noted.get("outcome") if ours else None
            outcome: Outcome = said if said in ("failed", "blocked") else "failed"
            return replace(look, outcome=outcome, reason=taken.noted.get("reason") or exchange.error, candidate=False)
        if exchange.status == 304 and exchange.body is None:
            look = self._outside.look(group.portal, exchange.url, 0, {}, b"")
            return replace(look, outcome="failed", reason="304 for an address never captured", candidate=False)
        status = 200 if exchange.status == 304 else exchange.status
        look = self._seen(group.portal, exchange.url, status, names, exchange.body or b"")
        if exchange.truncated:
            return replace(look, outcome="failed", reason=taken.reason or "truncated", candidate=False)
        noted: Any = taken.noted.get("outcome")
        if ours and noted in ("failed", "blocked") and look.outcome in ("fetched", "revisit"):
            return replace(look, outcome=noted, reason=taken.noted.get("reason"), candidate=False)
        if ours and look.outcome in ("fetched", "revisit"):
            return replace(look, reason=taken.reason or taken.noted.get("reason"))
        return look if look.reason else replace(look, reason=taken.reason)

    def _seen(self, portal: Portal, url: str, status: int | None, names: dict[str, str], body: bytes) -> Look:
        """What an answer is; most answers of a page over many days are the same, and are looked at once."""
        about = json.dumps([portal.name, url, status, names.get("content-type"), names.get("location")]).encode()
        key = sha(about + sha(body))
        if key not in self._looks:
            if len(self._looks) > LOOKS:
                self._looks.clear()
            self._looks[key] = self._outside.look(portal, url, status, names, body)
        return self._looks[key]

    def _note_look(self, group: Group, url: str, look: Look) -> None:
        """Keep what an answer leads to: rows, a redirect's target, that it is worth reading."""
        if look.candidate:
            self._notes.add("candidate", f"{group.crawl} {self._outside.key(url)}")
        for row in look.rows:
            value = [group.crawl, row.date, row.title]
            self._notes.add("row", url_key(row.url), value)
        if look.outcome == "redirected" and look.location:
            key = f"{group.crawl} {url_key(look.location)}"
            before = self._notes.first("redirect", f"{group.crawl} {url_key(url)}") or url
            if url_key(before) != url_key(look.location):
                self._notes.add("redirect", key, before)

    def _errand(self, group: Group, member: str, record: Record, taken: Taken, look: Look) -> Errand:
        url = taken.exchange.url
        page = look.role == "page" and look.outcome in ("fetched", "revisit")
        return Errand(
            url=url, key=f"record {member}:{record.number}", role=look.role, host=host_of(url),
            method=taken.exchange.method, referrer=taken.exchange.referrer,
            report=self._outside.key(url) if page else None,
            origin=self._notes.first("redirect", f"{group.crawl} {url_key(url)}"),
        )  # fmt: skip

    # -------------------------------------------------------- revisits

    def _note_payload(self, record: Record, payload: int | None) -> None:
        if payload is None or record.type not in ("response", "resource"):
            return
        self._notes.add("payload", record.id, payload)
        stated = normal(record.fields.get("warc-payload-digest"))
        if stated:
            self._notes.add("payload", stated, payload)

    def _payload(self, refers: Refers, at: int, url: str) -> tuple[bytes | None, str | None]:
        """The bytes a revisit leans on, and a doubt about them; or None and why they cannot be had."""
        number, doubt = self._leans_on(refers)
        if number is None and refers.unchanged:
            number = imports.payload_before(self._store, url, at)
        if number is None:
            return None, "the answer it leans on is neither in this file nor in the archive; import that file first"
        return self._store.payloads.get(number), doubt

    def _leans_on(self, refers: Refers) -> tuple[int | None, str | None]:
        stated = normal(refers.digest)
        if stated:
            found = self._notes.first("payload", stated)
            if found is None and stated.startswith("sha256:"):
                found = self._store.payloads.find(bytes.fromhex(stated[7:]))
            if found is not None:
                return int(found), None
        elif refers.record and (found := self._notes.first("payload", refers.record)) is not None:
            return int(found), None
        number = imports.payload_at(self._store, refers.url, refers.at) if refers.at is not None else None
        if number is None or stated is None or holds(refers.digest or "", self._store.payloads.get(number)):
            return number, None
        if not self._notes.has("answer", refers.place) and imports.coding_of(self._store, number):
            return number, "revisit: its digest is of the bytes as sent, which are not kept"
        return None, None


def outcome_of(store: Store, found: Survey) -> Found:
    """What a file brought, counted."""
    groups = list(found.groups.values())
    crawls = sorted(group.crawl for group in groups)
    return Found(
        found.source.name, f"sha256:{found.source.digest}", tuple(crawls), found.records, imports.came(store, crawls),
        found.told(), known=bool(groups) and all(group.finished for group in groups),
    )  # fmt: skip
