"""``/sitemap.xml`` and ``/robots.txt``: every report and revision for crawlers (sitemaps.org, protocol 0.9; RFC 9309).

The sitemap is an index of pages ``/sitemap-N.xml``, which stand at the root since a page may name only what lies beside or
below it.  Reports come in the order of their numbers, so pages fill up and only the last ones change as an archive grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from archive.markup import legal
from archive.web.exchange import Answer, Ask, NotHere
from archive.web.machines.oai_records import CURRENT, STAMP, utc

if TYPE_CHECKING:
    from archive.web.exchange import Routes

PAGE = 10_000
"""Addresses of one page; the protocol allows 50,000."""
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PLACES = (
    f"SELECT report.id AS report, 0 AS n, {STAMP} AS changed{CURRENT}"
    " UNION ALL SELECT report, n, at/1000 FROM revision WHERE n IS NOT NULL"
)
ROBOTS = """User-agent: *
Allow: /
Disallow: /-/
Disallow: /archive
Disallow: /original/
Disallow: /memento/
Disallow: /timegate/
"""
"""Pages are for all; questions in SQL cost, and originals are their publishers' to be found."""


def index(ask: Ask) -> Answer:
    """The index: each page with the time of its newest change."""
    rows = ask.sql.execute(
        f"SELECT page, max(changed) FROM (SELECT changed, (row_number() OVER (ORDER BY report, n)-1)/? AS page FROM ({_PLACES}))"
        " GROUP BY page ORDER BY page",
        (PAGE,),
    )
    root = escape(legal(ask.root))
    lines = [
        f"<sitemap><loc>{root}/sitemap-{number + 1}.xml</loc><lastmod>{utc(at)}</lastmod></sitemap>"
        for number, at in rows
    ]
    return _document("sitemapindex", lines)


def page(ask: Ask) -> Answer:
    """One page; raises :class:`NotHere` beyond the last."""
    number = int(ask.groups["number"])
    rows = ask.sql.execute(f"{_PLACES} ORDER BY 1, 2 LIMIT ? OFFSET ?", (PAGE, (number - 1) * PAGE)).fetchall()
    if not rows:
        raise NotHere(f"The sitemap has no page {number}; /sitemap.xml lists them. · 站点地图没有第 {number} 页。")
    root = escape(legal(ask.root))
    lines = [
        f"<url><loc>{root}/report/{row[0]}{f'/revision/{row[1]}' if row[1] else ''}</loc><lastmod>{utc(row[2])}</lastmod></url>"
        for row in rows
    ]
    return _document("urlset", lines)


def _document(name: str, lines: list[str]) -> Answer:
    body = "\n".join(lines)
    return Answer(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{_NAMESPACE}">\n{body}\n</{name}>\n',
        "application/xml; charset=utf-8",
    )


def robots(ask: Ask) -> Answer:
    """What crawlers may ask for."""
    return Answer(f"{ROBOTS}\nSitemap: {ask.root}/sitemap.xml\n", "text/plain; charset=utf-8")


ROUTES: Routes = (
    (r"^/sitemap\.xml$", index),
    (r"^/sitemap-(?P<number>[1-9][0-9]{0,6})\.xml$", page),
    (r"^/robots\.txt$", robots),
)
