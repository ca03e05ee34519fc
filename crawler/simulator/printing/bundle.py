"""Bundles: one report in a folder of a ZIP file, or the reports of several bureaus, names in UTF-8 or GBK."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from crawler.simulator.printing import single, writing
from crawler.simulator.printing.package import package

if TYPE_CHECKING:
    from crawler.simulator.sheet import Content

SUFFIXES = {
    "html": "html",
    "rtf": "rtf",
    "odt": "odt",
    "docx": "docx",
    "xlsx": "xlsx",
    "mht": "mht",
    "worddoc": "doc",
    "doc": "doc",
    "pdf": "pdf",
    "ofd": "ofd",
}


def members(content: Content, seed: int) -> tuple[tuple[str, Content, str], ...]:
    """What lies in the bundle: name within it, report, format; ``content`` is the first."""
    rng = random.Random(f"zip:{seed}")
    folder = rng.choice(("", "年报/", f"{content.year}年/附件/"))
    others = tuple(writing.drawn(rng, None) for _ in range(rng.choice((0, 0, 1, 2))))
    result: dict[str, tuple[str, Content, str]] = {}
    for report in (content, *others):
        form = rng.choice(single.FORMATS)
        name = f"{folder}{report.title.replace(' ', '')}.{SUFFIXES[form.partition('-')[0]]}"
        result.setdefault(name, (name, report, form))
    return tuple(result.values())


def written(content: Content, seed: int) -> bytes:
    """The bundle's bytes."""
    files = {name: single.printed(report, form, seed) for name, report, form in members(content, seed)}
    return package(files, gbk=random.Random(f"names:{seed}").random() < 0.5)
