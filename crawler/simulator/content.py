"""Reports written: one publisher's years in a row, in the form each year had, with a few flaws planted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.simulator import figures, forms, names, planting
from crawler.simulator.labels import DISCLOSURE_2019, DISCLOSURE_2021
from crawler.simulator.sheet import Block, Content, Sheet

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.names import Publisher

Printed = dict[str, str]


def era(year: int, *, mixed: bool = False) -> str:
    """The form a report of ``year`` follows (two years of free text between two forms, as seen)."""
    if year >= 2021:
        return "mixed" if mixed else "2021"
    if year >= 2019:
        return "2019"
    return "2014" if 2014 <= year <= 2016 else "free"


def history(
    rng: random.Random, publisher: Publisher, flaws: Mapping[int, str], mixed: int
) -> tuple[dict[int, Content], Mapping[str, int]]:
    """Every report of a publisher by year, and the figures the next one follows on.

    ``flaws`` names what is planted in which year; ``mixed`` is the year whose tables follow two forms.
    """
    written: dict[int, Content] = {}
    before: Mapping[str, int] = {}
    for year in publisher.years:
        written[year], before = write(rng, publisher, year, before, mixed=year == mixed, flaw=flaws.get(year))
    return written, before


def write(
    rng: random.Random,
    publisher: Publisher,
    year: int,
    before: Mapping[str, int],
    *,
    mixed: bool = False,
    flaw: str | None = None,
) -> tuple[Content, Mapping[str, int]]:
    """One report, and the figures next year's report follows on."""
    form = era(year, mixed=mixed)
    counted = _counted(rng, form, year, before)
    items = counted.get("disclosure.items.total", rng.randint(80, 2500))
    received = counted["applications.received.total"]
    printed, planted = planting.printed(rng, form, counted, flaw)
    told = planting.told(received, flaw)
    blocks = _blocks(rng, publisher, year, form, printed, {"items": items, "received": told})
    prose = (("disclosure.items.total", items), ("applications.received.total", told))
    title = _title(rng, publisher, year)
    content = Content(title, publisher.name, year, form, (Block("title", title), *blocks), prose, planted)
    return content, counted


def _counted(rng: random.Random, form: str, year: int, before: Mapping[str, int]) -> dict[str, int]:
    if form == "free":
        return {
            "applications.received.total": rng.randint(0, 30),
            f"local:主动公开文件数 / {year}年度": rng.randint(20, 900),
        }
    if form == "2014":
        return figures.statistics_2014(rng)
    disclosed = figures.disclosure_2019 if form == "2019" else figures.disclosure_2021
    rows = "2021" if form == "2021" else "2019"
    return disclosed(rng, before) | figures.applications(rng, before, rows) | figures.proceedings(rng)


def _title(rng: random.Random, publisher: Publisher, year: int) -> str:
    if year < 2019:
        pattern = rng.choice(
            ("{p}{y}年政府信息公开工作年度报告", "{p}{y}年政府信息公开年度报告", "{p}{y}年度信息公开年报")
        )
    else:
        pattern = rng.choice(
            (
                "{p}{y}年政府信息公开工作年度报告",
                "{p}{y}年度政府信息公开工作年度报告",
                "{p}{y} 年政府信息公开工作年度报告",
                "{y}年{p}政府信息公开工作年度报告",
                "{p}{y}政府信息公开工作年度报告",
            )
        )
    return pattern.format(p=publisher.name, y=year)


def _blocks(
    rng: random.Random, publisher: Publisher, year: int, form: str, printed: Printed, facts: Mapping[str, int]
) -> tuple[Block, ...]:
    said = {
        "name": publisher.name,
        "own": publisher.own,
        "year": year,
        "place": publisher.name[:2],
        "number": rng.randint(1, 99999),
        **facts,
    }

    def pick(bank: tuple[str, ...] | str) -> Block:
        text = bank if isinstance(bank, str) else rng.choice(bank)
        return Block("paragraph", text.format(**said))

    applied = names.APPLIED if facts["received"] else names.NO_APPLICATION
    general = [pick(bank) for bank in (names.OVERVIEW, names.ACTIVE, applied)]
    general += [pick(bank) for bank in (names.MANAGED, names.PLATFORM, names.SUPERVISED)]
    problems = [pick(names.PROBLEMS), pick(names.IMPROVED)]
    opening, last = pick(names.OPENINGS), pick(names.OTHER_MATTERS)
    if form in {"free", "2014"}:
        return _old(opening, general, problems, form, year, printed)
    heads = _heads(general, problems, last)
    tables = _tables(form, printed)
    return (opening, *(block for index, head in enumerate(heads) for block in (*head, *tables.get(index, ()))))


def _heads(general: list[Block], problems: list[Block], last: Block) -> list[list[Block]]:
    return [
        [Block("heading", "一、总体情况"), *general],
        [Block("heading", "二、主动公开政府信息情况")],
        [Block("heading", "三、收到和处理政府信息公开申请情况")],
        [Block("heading", "四、政府信息公开行政复议、行政诉讼情况")],
        [Block("heading", "五、存在的主要问题及改进情况"), *problems],
        [Block("heading", "六、其他需要报告的事项"), last],
    ]


def _tables(form: str, printed: Printed) -> dict[int, tuple[Block]]:
    """The tables by section; a mixed report has the 2021 tables with section three's single row （六）."""
    parts = DISCLOSURE_2019 if form == "2019" else DISCLOSURE_2021
    rows = "2021" if form == "2021" else "2019"
    return {
        1: (_table(forms.disclosure(parts, printed)),),
        2: (_table(forms.applications(rows, printed)),),
        3: (_table(forms.proceedings(printed)),),
    }


def _table(sheet: Sheet) -> Block:
    return Block("table", sheet=sheet)


def _old(
    opening: Block,
    general: list[Block],
    problems: list[Block],
    form: str,
    year: int,
    printed: Printed,
) -> tuple[Block, ...]:
    blocks = [
        opening,
        Block("heading", "一、概述"),
        general[0],
        *(Block("paragraph", text) for text in names.FREE_PARAGRAPHS),
        Block("heading", "二、主动公开政府信息的情况"),
        Block("paragraph", general[1].text.removeprefix("（一）主动公开情况。")),
        Block("heading", "三、依申请公开政府信息的情况"),
        Block("paragraph", general[2].text.removeprefix("（二）依申请公开情况。")),
        Block("heading", "四、政府信息公开的收费及减免情况"),
        Block("paragraph", f"{year}年度没有收取任何费用。"),
        Block("heading", "五、存在的主要问题和改进措施"),
        *problems,
    ]
    if form == "2014":
        blocks += [Block("heading", "六、政府信息公开情况统计表"), _table(forms.statistics_2014(printed))]
    if form == "free" and year == 2018:
        blocks += [Block("heading", f"附表：{year}年政府信息公开情况统计"), _table(forms.local_table(year, printed))]
    return tuple(blocks)
