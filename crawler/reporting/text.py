"""A report for people: plain text for a terminal, a file and a mail, and the same as HTML."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from archive.occurrences import EVENTS, WORDS, Row, clean, details, is_link, lines_of, subject
from archive.times import shown_time

if TYPE_CHECKING:
    from crawler.reporting.report import Report


def headline(report: Report) -> str:
    """One line: how many of each."""
    told = [f"{number} {WORDS[name]}" for name, number in report.counts().items() if number]
    return "nianlun 年轮: " + (", ".join(told) or "nothing new · 无变动")


def text(report: Report) -> str:
    """The report as lines of text."""
    lines = [headline(report), f"{shown_time(report.made)}", ""]
    for portal in report.portals():
        lines += _portal(portal)
    return "\n".join(lines).rstrip() + "\n"


def _portal(portal: Row) -> list[str]:
    lines = [f"{clean(portal['portal'])}: {_ended(portal)}"]
    for event in EVENTS:
        for each in portal[event]:
            lines += [f"  {line}" for line in lines_of(each)]
    lines += [f"  {WORDS[kind]}: {line}" for kind, line in troubles(portal)]
    return [*lines, ""]


def _ended(portal: Row) -> str:
    return ", ".join(f"crawl {crawl['id']} {crawl['outcome']}" for crawl in portal["crawls"]) or "no crawl ended"


def troubles(portal: Row) -> list[tuple[str, str]]:
    """What stood in the way: the kind and a line about it."""
    found = [
        (
            "blocked",
            f"{clean(host['host'])} ({clean(host['kind'])}), left alone until {host['until'] or 'it is asked again'}",
        )
        for host in portal["blocked"]
    ]
    found += [("short", clean(words)) for words in portal["short"]]
    if portal["failed"]:
        found.append(("failed", f"requests that brought nothing: {portal['failed']}; `nianlun requests` lists them"))
    return found + [("failed", clean(words)) for words in portal["problems"]]


def page(report: Report) -> str:
    """The report as one HTML page; whatever portals said is escaped, and only addresses of the web are links."""
    parts = [f"<h1>{html.escape(headline(report))}</h1>", f"<p>{shown_time(report.made)}</p>"]
    for portal in report.portals():
        parts.append(f"<h2>{html.escape(clean(portal['portal']))}</h2><p>{html.escape(_ended(portal))}</p>")
        items = [_item(event, each) for event in EVENTS for each in portal[event]]
        items += [f"<li>{WORDS[kind]}: {html.escape(line)}</li>" for kind, line in troubles(portal)]
        parts.append(f"<ul>{''.join(items)}</ul>" if items else "")
    title = html.escape(headline(report))
    return (
        f'<!DOCTYPE html>\n<html lang="zh"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _item(event: str, each: Row) -> str:
    name = html.escape(subject(each))
    if is_link(each["url"]):
        name = f'<a href="{html.escape(each["url"])}">{name}</a>'
    lines = "".join(f"<br>{html.escape(line)}" for line in details(each))
    return f"<li>{WORDS[event]}: {name}{lines}</li>"
