"""A new entry of the register: a portal is looked at once, and what was seen is written down for a person to review.

The look is a crawl like any other (robots.txt, delay, recorded outcomes), into an archive that is thrown away, and
stops after some dozens of requests.  Nothing it finds counts as verified.
"""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.connection import open_writing
from archive.rounds import rounds
from archive.store import Store
from archive.urls import host_of
from crawler.exceptions import NianlunError, UsageError
from crawler.run import Plan, run
from crawler.signs import division_of, page_of, tag
from spiders import divisions
from spiders.families import recognise

if TYPE_CHECKING:
    from archive.model import Portal
    from crawler.context import Policy
    from spiders.families.interface import Family

MOST = 80
"""Requests of one look: the home page's neighbourhood, the columns, the first reports."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What was seen of a portal."""

    name: str
    folder: str
    """The province's folder; ``other`` where nothing tells the province."""
    toml: str
    page: bytes
    """The first column's page, or the home page where no column was found."""
    url: str
    family: str
    rows: tuple[tuple[str, str], ...]
    """The rows read off it: address and title."""
    reports: int


def look(portal: Portal, policy: Policy, name: str | None = None) -> Sketch:
    """Look at a portal; raises :class:`NianlunError` where not even its home page could be had."""
    with tempfile.TemporaryDirectory(prefix="nianlun-look-") as folder:
        connection = open_writing(Path(folder) / "look.db")
        plan = Plan([portal], replace(policy, max_requests=MOST), quiet=True, ocr=False)
        ended = run(connection, plan)
        store = Store(open_writing(Path(folder) / "look.db"))
        try:
            return _sketch(store, portal, name, ended[0].problems if ended else ())
        finally:
            store.close()


def _sketch(store: Store, portal: Portal, name: str | None, problems: tuple[str, ...]) -> Sketch:
    number = store.portal_id(portal)
    crawl = store.sql.execute("SELECT max(id) FROM crawl WHERE portal=?", (number,)).fetchone()[0]
    home = store.frontier.first(crawl, "home")
    if home is None:
        why = "; ".join(problems) or "it did not answer"
        raise NianlunError(
            f"{portal.home} could not be looked at ({why}); try again later, or write the entry by hand."
        )
    columns = list(rounds(store.sql, number, finished=False).columns)
    front = page_of(home["url"], store.payloads.get(home["payload"]) or b"")
    url = columns[0] if columns else home["url"]
    body = store.last_payload(url) or b""
    page = page_of(url, body)
    family: Family = recognise(page)
    code, title = tag(front, "SiteIDCode"), tag(front, "SiteName") or portal.title
    division = division_of(front)
    found = store.found(crawl)
    return Sketch(
        name or _name(division, home["url"]),
        _folder(division),
        _toml(home["url"], title, family.name, columns, division, code, found),
        body,
        url,
        family.name,
        tuple((row.url, row.title) for row in family.rows(page)),
        found,
    )


def _folder(division: str | None) -> str:
    province = divisions.province_of(division) if division else None
    return province.folder if province is not None and province.folder else "other"


def _name(division: str | None, home: str) -> str:
    """``nx-dofcom``: the province's letters and the host's first label."""
    labels = [label for label in (urlsplit(home).hostname or "portal").split(".") if label != "www"]
    province = divisions.province_of(division) if division else None
    plain = re.sub(r"[^a-z0-9]+", "-", labels[0].lower()).strip("-") or "portal"
    return f"{province.short if province is not None and province.short else 'xx'}-{plain}"


def _toml(
    home: str, title: str, family: str, columns: list[str], division: str | None, code: str | None, found: int
) -> str:
    known = division is not None and divisions.is_known(division)
    lines = [
        f"# seen at {host_of(home)}: SiteName, SiteIDCode {code or 'not given'}; {found} reports within {MOST} requests",
        "# review: the title and publisher in full, the level, whether the columns are all there are",
        f"title = {json.dumps(title, ensure_ascii=False)}",
        f"home = {json.dumps(home)}",
        f"family = {json.dumps(family)}",
        f"publisher = {json.dumps(title, ensure_ascii=False)}",
    ]
    if columns:
        lines.append(f"start = {json.dumps(columns, ensure_ascii=False, indent=2)}")
    if known:
        lines.append(f'division = "{division}"')
    lines += ["verified = false", 'note = "written by `nianlun portals add`; not reviewed yet"']
    return "\n".join(lines) + "\n"


def write(sketch: Sketch, into: Path) -> list[Path]:
    """Write the entry and the page it was read off; raises :class:`UsageError` where a file is there already."""
    entry = into / sketch.folder / f"{sketch.name}.toml"
    example = into / "fixtures" / sketch.family / sketch.name
    if entry.exists() or example.exists():
        raise UsageError(f"{entry if entry.exists() else example} is there already; give --name another name.")
    entry.parent.mkdir(parents=True, exist_ok=True)
    example.mkdir(parents=True)
    entry.write_text(sketch.toml, encoding="utf-8")
    (example / "response.html").write_bytes(sketch.page)
    (example / "request.json").write_text(json.dumps({"url": sketch.url, "page": 1}, indent=1) + "\n", encoding="utf-8")
    seen = {"family": sketch.family, "rows": [{"url": url, "title": title} for url, title in sketch.rows]}
    text = json.dumps(seen, ensure_ascii=False, indent=1) + "\n"
    (example / "expected.json").write_text(text, encoding="utf-8")
    return [entry, example / "response.html", example / "request.json", example / "expected.json"]
