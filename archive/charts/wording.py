"""What charts say, in Chinese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.charts.eras import holds
from archive.charts.scale import shown_number

if TYPE_CHECKING:
    from archive.charts.model import Chart, Point

_WORDS: dict[str, tuple[str, str]] = {
    "free": ("无统一格式", "no form"),
    "form": ("{name}年格式", "form of {name}"),
    "ok": ("表中数值", "in the table"),
    "text": ("文中数值", "in prose"),
    "blank": ("空白", "blank"),
    "missing": ("无此行", "no such row"),
    "formless": ("该年格式无此项", "not in that year's form"),
    "ambiguous": ("存疑", "ambiguous"),
    "revised": ("曾修改", "revised"),
    "nameless": ("发布机关不明", "publisher unknown"),
    "none": ("无数值", "no number"),
    "unit": ("单位：{unit}", "unit: {unit}"),
    "many": (
        "共 {total} 个发布机关：画出最近数值最大的 {shown} 个；灰带为全部机关的中间一半，灰虚线为中位数；表中列出全部。",
        ("{total} publishers: the {shown} with the largest newest number are drawn; the band holds the middle half of all,"
        " the grey dashes are their median; the table holds all."),
    ),
    "broken": (
        "竖虚线为报表格式更换之处；跨报表格式不连线。",
        "Dashed rules: the official form changes. No line is drawn across a change of form.",
    ),
    "gaps": ("空白不等于零：没有数值之处不画点、不连线。", "Blank is not zero: where no number is printed there is no point and no line."),
    "strangers": (
        "另有 {count} 个数值单位不同（{units}），未画入，见表。",
        "{count} numbers in another unit ({units}) are not drawn; the table has them.",
    ),
    "mute": ("{years} 年的年报均无此指标。", "No report on {years} has this indicator."),
    "undated": ("另有 {count} 份年报年度不明，未画入。", "{count} reports of no known year are not drawn."),
    "at": ("截至 {at}", "as of {at}"),
    "box": (
        "箱为中间一半，粗线为中位数，须至最小与最大值；存疑的数值不计入。",
        "Box: the middle half; bar: the median; whiskers: least and greatest; numbers in doubt are not counted in.",
    ),
    "dots": ("每点为一个数值。", "Each dot is a number."),
    "dense": ("共 {count} 个数值，点太密未逐一画出，见表。", "{count} numbers: too many to draw one by one; the table has them."),
    "ranked": ("{year} 年，{count} 个数值，由小到大；灰虚线为不存疑者的四分位数。", "{year}: {count} numbers from least to greatest; grey dashes: quartiles of those not in doubt."),
    "year": ("{year} 年，{count} 个数值", "{year}: {count} numbers"),
    "silent": ("没有数值的：{counts}。", "Without a number: {counts}."),
    "regions": (
        "格中为该省各发布机关的中位数（不求和：上级年报可能含下级）。",
        "Each cell: the median of the province's publishers (no sum: a government's report may include its units').",
    ),
    "cell": ("{name} {year} 年：中位数 {median}，{count} 个数值", "{name} {year}: median {median} of {count} numbers"),
    "inferred": (
        "区划代码不明时，按发布机关名称所含省名归入。",
        "Where no division is known, the province is that of the publisher's name.",
    ),
    "band": ("{year} 年：中位数 {median}，中间一半 {low} 至 {high}，{count} 个数值", "{year}: median {median}, middle half {low} to {high}, {count} numbers"),
    "middle": ("中位数", "median"),
    "withdrawn": ("已撤下", "withdrawn"),
    "described": (
        "{count} 个发布机关，{first} 至 {last} 年；{numbers} 个数值，{gaps} 处没有数值。",
        "{count} publishers, {first} to {last}; {numbers} numbers, {gaps} places without one.",
    ),
}  # fmt: skip


def say(lang: str, key: str, **values: Any) -> str:
    """A phrase in a language."""
    return _WORDS[key][0 if lang == "zh" else 1].format(**values)


def form_name(lang: str, name: str) -> str:
    """What an official form is called."""
    return say(lang, "free") if name == "free" else say(lang, "form", name=name)


def told(chart: Chart, point: Point, lang: str) -> str:
    """All a mark tells: who, when, what is printed, its status, its revision, its form."""
    name = point.publisher or say(lang, "nameless")
    value = "" if point.value is None else shown_number(point.value) + (f" {point.unit or chart.unit or ''}".rstrip())
    printed = point.printed
    quoted = (
        f"“{printed}”" if printed and printed.replace(",", "").strip() != value.split(" ")[0].replace(",", "") else ""
    )
    facts = [
        value,
        quoted,
        "" if point.status == "ok" else say(lang, _status(chart, point)),
        ("第 {} 修订版" if lang == "zh" else "revision {}").format(point.revision)
        + (f" ({say(lang, 'revised')})" if point.revised else ""),
        form_name(lang, point.form) if point.form in ("free", "2014", "2019", "2021") else point.form or "",
        say(lang, "withdrawn") if point.state in ("gone", "missing") else "",
    ]
    return f"{name} {point.year}: " + " · ".join(fact for fact in facts if fact)


def _status(chart: Chart, point: Point) -> str:
    """A status, and of a missing row whether the form of the year has it at all."""
    formless = (
        point.status == "missing"
        and not chart.indicator.startswith("local:")
        and not holds(chart.indicator, point.year)
    )
    return "formless" if formless else point.status
