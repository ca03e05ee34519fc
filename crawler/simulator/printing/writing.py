"""Random reports of every form: figures, text and tables drawn from one seed, and the truth of them.

The publishers of four levels, the years of each form, the look of figures and labels and the damage are
independent of each other; nothing here depends on how a file prints it.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from crawler.simulator import forms, names
from crawler.simulator.labels import DISCLOSURE_2019, DISCLOSURE_2021
from crawler.simulator.printing import values, wording
from crawler.simulator.printing.labelling import relabelled
from crawler.simulator.printing.report import Particulars, Report
from crawler.simulator.printing.wording import RECEIVED, Told
from crawler.simulator.sheet import Block, Planted, Sheet, Slot

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = ("2021", "2021", "2021", "2019", "2019", "mixed", "2014", "local", "free")
_YEARS = {
    "2021": (2021, 2025),
    "2019": (2019, 2020),
    "mixed": (2021, 2024),
    "2014": (2014, 2018),
    "local": (2010, 2018),
    "free": (2008, 2018),
}


def random_report(seed: int) -> Report:
    """A report of a random form, publisher and year; the same seed gives the same report."""
    return drawn(random.Random(f"report:{seed}"), None)


def drawn(rng: random.Random, kind: str | None) -> Report:
    """A report drawn from ``rng``, of the named kind (one of :data:`KINDS`) or of any."""
    kind = kind or rng.choice(KINDS)
    name, own, place = _publisher(rng)
    first, last = _YEARS[kind]
    year = rng.randint(first, last)
    counted, planted = _counted(rng, kind)
    said: dict[str, object] = {"name": name, "own": own, "year": year, "place": place, "sign": place[0]}
    told = Told(rng, said, _told_figures(rng, kind, counted), rng.random() < 0.25)
    if kind not in {"2014", "local", "free"} and RECEIVED in told.printed and rng.random() < 0.12:
        told.printed = {**told.printed, RECEIVED: counted[RECEIVED] + rng.randint(2, 40)}
        planted = (*planted, Planted("TEXT-TABLE", (RECEIVED,)))
    wrong = bool(planted)
    printed = values.texts(rng, counted, full=wrong)
    contacts = wording.particulars(rng, place)
    sheets, doubtful = _sheets(rng, kind, printed, year, whole=wrong)
    if RECEIVED in counted and not _number(printed, RECEIVED):
        planted = tuple(found for found in planted if found.rule != "TEXT-TABLE")
    title = _title(rng, name, year)
    told.blocks.append(Block("title", title))
    _write(told, kind, sheets, contacts)
    if kind == "2014" and rng.random() < 0.5:
        told.paragraph(_signed(rng, contacts, year))
    planted = tuple(found for found in planted if found.rule != "TEXT-TABLE" or RECEIVED in told.prose)
    return Report(
        title,
        name,
        year,
        "free" if kind == "local" else kind,
        tuple(told.blocks),
        tuple(told.prose.items()),
        planted,
        contacts,
        tuple(told.numbers),
        doubtful,
    )


def _signed(rng: random.Random, contacts: Particulars, year: int) -> str:
    """The line under the 2014 table: who signed it and when."""
    people = [
        f"{part}：{rng.choice('赵钱孙李周吴')}{rng.choice('明华强敏静')}" for part in ("单位负责人", "审核人", "填报人")
    ]
    phone = [f"联系电话：{contacts.phone}"] if contacts.phone else []
    return "　　".join([*people, *phone, f"填报日期：{year + 1}年1月{rng.randint(5, 28)}日"])


def _number(printed: Mapping[str, str], code: str) -> bool:
    return any(char.isdigit() for char in printed[code])


def _publisher(rng: random.Random) -> tuple[str, str, str]:
    """Name, what it calls itself, and the place it is of."""
    first, second = rng.sample(names.PLACES, 2)
    trade, _ = rng.choice(names.TRADES)
    return rng.choice(
        (
            (f"{first}省{trade}厅", "我厅", f"{first}省"),
            (f"{first}自治区{trade}厅", "我厅", f"{first}自治区"),
            (f"{first}市{trade}局", "我局", f"{first}市"),
            (f"{first}市{second}区{trade}局", "我局", f"{first}市{second}区"),
            (f"{first}县人民政府", "我县", f"{first}县"),
            (f"{first}市人民政府办公室", "我办", f"{first}市"),
            (f"{first}县{second}镇人民政府", "我镇", f"{first}县"),
            (f"{first}区{second}街道办事处", "本街道", f"{first}区"),
            (f"{first}市发展和改革委员会", "我委", f"{first}市"),
        )
    )


def _title(rng: random.Random, name: str, year: int) -> str:
    if year >= 2019:
        patterns = ("{n}{y}年政府信息公开工作年度报告", "{n}{y}年度政府信息公开工作年度报告", "{n} {y} 年政府信息公开工作年度报告", "{y}年{n}政府信息公开工作年度报告")  # fmt: skip
    else:
        patterns = ("{n}{y}年政府信息公开工作年度报告", "{n}{y}年度政府信息公开年度报告", "{n}{y}年政府信息公开年度报告", "{n}关于{y}年政府信息公开工作的年度报告")  # fmt: skip
    return rng.choice(patterns).format(n=name, y=year)


def _counted(rng: random.Random, kind: str) -> tuple[dict[str, int], tuple[Planted, ...]]:
    scale = rng.choice(values.SCALES)
    if kind == "free":
        return {"disclosure.items.total": rng.randint(1, 9 + 60 * scale), RECEIVED: rng.randint(0, scale)}, ()
    if kind in {"2014", "local"}:
        found = values.statistics(rng, scale)
        return _breached(rng, found, values.BREACHES_2014) if kind == "2014" else (found, ())
    form = "2021" if kind == "2021" else "2019"
    found = values.applications(rng, form, scale) | values.proceedings(rng, scale)
    found |= values.disclosure(rng, "2019" if kind == "2019" else "2021", scale)
    return _breached(rng, found, values.BREACHES)


def _breached(
    rng: random.Random, found: dict[str, int], breaches: tuple[values.Broken, ...]
) -> tuple[dict[str, int], tuple[Planted, ...]]:
    if rng.random() < 0.65:
        return found, ()
    wrong, planted = rng.choice(breaches)(rng, found)
    return found | wrong, planted


def _told_figures(rng: random.Random, kind: str, counted: dict[str, int]) -> dict[str, int]:
    """The figures the text may state: some only the text has."""
    if kind in {"2014", "local", "free"}:
        return counted
    return {**counted, "disclosure.items.total": rng.randint(10, 90_000)}


# ---------------------------------------------------------------- tables


def _sheets(
    rng: random.Random, kind: str, printed: dict[str, str], year: int, *, whole: bool
) -> tuple[list[Sheet], frozenset[str]]:
    """The report's tables in order, labels retyped, and what is doubtful in them (nothing where ``whole``)."""
    if kind == "free":
        return [], frozenset()
    if kind == "2014":
        sheet = relabelled(rng, forms.statistics_2014(printed))
        return [_counted_lines(sheet) if rng.random() < 0.25 else sheet], frozenset()
    if kind == "local":
        return [_local(rng, printed, year)], frozenset()
    parts = DISCLOSURE_2019 if kind == "2019" else DISCLOSURE_2021
    rows = forms.applications("2021" if kind == "2021" else "2019", printed)
    doubtful: frozenset[str] = frozenset()
    if rng.random() < 0.06 and not whole:
        rows, doubtful = _short_row(rng, rows)
    sheets = [forms.disclosure(parts, printed), rows, forms.proceedings(printed)]
    return [relabelled(rng, sheet) for sheet in sheets], doubtful


def _counted_lines(sheet: Sheet) -> Sheet:
    """The table with a column of line numbers before its labels."""
    return tuple((Slot(str(line) if line else "序号"), *row) for line, row in enumerate(sheet))


def _short_row(rng: random.Random, sheet: Sheet) -> tuple[Sheet, frozenset[str]]:
    """A row that lost the cell of its first figure: which column each of the six others belongs to is a guess."""
    at = rng.choice([index for index, row in enumerate(sheet) if any(slot.code for slot in row)][2:])
    row = sheet[at]
    codes = [slot.code for slot in row if slot.code]
    shorter = tuple(slot for slot in row if slot.code != codes[0])
    return (*sheet[:at], shorter, *sheet[at + 1 :]), frozenset(codes)


_LOCAL = (
    ("主动公开文件数", "件", None),
    ("其中：政府网站公开数", "件", None),
    ("政府公报公开数", "件", None),
    ("公共查阅点查阅人数", "人次", None),
    ("收到申请总数", "件", RECEIVED),
    ("当面申请数", "件", f"{RECEIVED.removesuffix('.total')}.by_mode.in_person"),
    ("网络申请数", "件", f"{RECEIVED.removesuffix('.total')}.by_mode.online"),
    ("政府信息公开收费减免金额", "元", None),
    ("接受举报数", "件", None),
    ("专栏维护人数", "人", None),
)


def _local(rng: random.Random, printed: dict[str, str], year: int) -> Sheet:
    """A table of the publisher's own; the column of all years is not this year's figure."""
    this = rng.choice((f"{year}年度", f"{year}年度", "本年实际"))
    lines = [line for line in _LOCAL if line[2] or rng.random() < 0.8]
    rows = []
    for label, unit, code in lines:
        now = printed[code] if code else rng.choice(("0", str(rng.randint(1, 900)), f"{rng.randint(1000, 99999):,}"))
        rows.append(
            (
                Slot(label),
                Slot(unit),
                Slot(now, code or f"local:{label} / {this}", unit=unit),
                Slot(str(rng.randint(100_000, 999_999))),
            )
        )
    return ((Slot("指标名称"), Slot("计量单位"), Slot(this), Slot("历年累计")), *rows)


# ---------------------------------------------------------------- text


def _write(told: Told, kind: str, sheets: list[Sheet], contacts: Particulars) -> None:
    """Headings, paragraphs and tables in the order of the form."""
    lines = wording.contact_paragraphs(told.rng, str(told.said["name"]), contacts)
    early = len(lines) == 1 and told.rng.random() < 0.6
    told.opening()
    for line in lines if early else ():
        told.paragraph(line)
    tables = [Block("table", sheet=sheet) for sheet in sheets]
    if kind in {"2014", "local", "free"}:
        _old(told, kind, tables)
    else:
        _new(told, tables)
    for line in () if early else lines:
        told.paragraph(line)


def _applied(told: Told) -> str:
    if told.printed.get(RECEIVED) == 0:
        told.prose[RECEIVED] = 0
        return f"{told.said['year']}年，{told.said['own']}未收到政府信息公开申请。"
    return told.figures(wording.APPLIED)


def _new(told: Told, tables: list[Block]) -> None:
    rng = told.rng
    told.heading("一、总体情况")
    told.paragraph(told.phrase(wording.GENERAL))
    told.paragraph("（一）主动公开情况。", told.figures(wording.ITEMS), told.phrase(wording.OTHERS))
    told.paragraph(
        "（二）依申请公开情况。", _applied(told), told.figures(wording.OUTCOMES) if rng.random() < 0.4 else ""
    )
    told.paragraph("（三）政府信息管理情况。", told.phrase(wording.OTHERS))
    told.paragraph("（四）平台建设情况。", told.phrase(wording.OTHERS))
    told.paragraph("（五）监督保障情况。", told.phrase(wording.GENERAL))
    heads = ("二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况")
    for head, table in zip(heads, tables, strict=True):
        told.heading(head)
        told.blocks.append(table)
    told.heading("五、存在的主要问题及改进情况")
    told.paragraph(told.phrase(wording.PROBLEMS))
    told.heading("六、其他需要报告的事项")
    if rng.random() < 0.4:
        higher, number = told.document()
        told.paragraph(f"认真落实《{higher}》（{number}）。")
    told.paragraph(told.phrase(wording.LAST))


def _old(told: Told, kind: str, tables: list[Block]) -> None:
    whole = kind != "local"
    told.heading("一、概述")
    told.paragraph(told.phrase(wording.GENERAL), told.phrase(wording.OTHERS))
    told.heading("二、主动公开政府信息的情况")
    told.paragraph(
        told.figures(wording.ITEMS) if whole else "", told.figures(wording.CHANNELS) if kind == "2014" else ""
    )
    told.paragraph(told.phrase(wording.OTHERS))
    told.heading("三、依申请公开政府信息的情况")
    told.paragraph(_applied(told), told.figures(wording.MODES) if kind == "2014" and told.printed[RECEIVED] else "")
    told.heading("四、因政府信息公开申请行政复议、提起行政诉讼的情况")
    if kind == "2014":
        told.paragraph(told.figures(wording.DISPUTES))
    else:
        told.paragraph("未发生行政复议、行政诉讼情况。")
        told.prose |= {"review.total": 0, "litigation.total": 0}
    told.heading("五、存在的主要问题和改进措施")
    told.paragraph(told.phrase(wording.PROBLEMS))
    if kind == "2014" and told.rng.random() < 0.4:
        told.paragraph(told.figures(wording.MEETINGS))
    if tables:
        told.heading(
            "附件：政府信息公开情况统计表" if kind == "2014" else f"附表：{told.said['year']}年政府信息公开情况统计"
        )
        told.blocks += tables
