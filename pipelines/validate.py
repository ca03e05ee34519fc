"""A form's own arithmetic, text against table, year against year → findings.

Nothing is repaired: a published total that breaks its own rule is kept as printed and flagged.  A blank cell is
not a zero: a rule with a blank operand is skipped where the blank could make the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from archive.forms import Rule, form
from archive.model import Finding, FormName, Level, Observation

Values = Mapping[str, float | int | None]
"""Indicator → value; None where the cell is blank, ambiguous or missing."""

COLUMNS = ("natural_person", "business", "research", "public_interest", "legal_service", "other_org", "total")
COLUMN_NAMES = dict(
    zip(COLUMNS, ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"), strict=True)
)
DISPUTES = ("review", "litigation.direct", "litigation.after_review")
LEVELS: dict[str, Level] = {"error": "error", "warning": "warning", "info": "info"}
TOLERANCE = 0.005
CHANGE = ".items_change"


def validate(observations: Sequence[Observation], forms: Iterable[FormName] = ()) -> tuple[Finding, ...]:
    """Check one report's figures against the rules of the forms its tables follow.

    Only table figures (status ``ok``) are operands; figures in prose are compared by :func:`against_text`.
    """
    values = values_of(observations)
    found: dict[tuple[str, tuple[str, ...]], Finding] = {}
    for name in dict.fromkeys(forms):
        for rule in form(name).rules:
            if rule.id.startswith("T3-SUM") and not _belongs(rule, values):
                continue
            for finding in _check(rule, values):
                found.setdefault((finding.rule, finding.indicators), finding)
    for finding in (*_negative(values), *_items(values), *_units(observations), *_doubtful(observations)):
        found.setdefault((finding.rule, finding.indicators), finding)
    return tuple(found.values())


def values_of(observations: Sequence[Observation]) -> dict[str, float | int | None]:
    """The page's value of each indicator, else the first attachment's."""
    values: dict[str, float | int | None] = {}
    for observation in observations:
        if observation.status == "text" or (observation.indicator in values and observation.source != "page"):
            continue
        values[observation.indicator] = observation.value if observation.status == "ok" else None
    return values


# ---------------------------------------------------------------- the forms' rules


def _belongs(rule: Rule, values: Values) -> bool:
    """Whether the table has the rows of this form's sum: 2019's single （六）, or 2021's three parts."""
    own = [code for code in rule.left if ".outcome.other" in code]
    return all(code.replace("{c}", "total") in values for code in own)


def _check(rule: Rule, values: Values) -> list[Finding]:
    if rule.each == "column":
        bindings = [("c", column, COLUMN_NAMES[column]) for column in COLUMNS]
    elif rule.each == "row":
        rows = sorted({code.rsplit(".", 1)[0] for code in values if code.endswith(".legal_service")})
        bindings = [("r", row, row.removeprefix("applications.")) for row in rows]
    elif rule.each == "dispute":
        bindings = [("d", name, name) for name in DISPUTES]
    else:
        bindings = [("", "", "")]
    found = [_apply(rule, name, value, label, values) for name, value, label in bindings]
    return [finding for finding in found if finding]


def _apply(rule: Rule, name: str, value: str, label: str, values: Values) -> Finding | None:
    left = [code.replace("{" + name + "}", value) if name else code for code in rule.left]
    right = [code.replace("{" + name + "}", value) if name else code for code in rule.right]
    first, second = _sum(left, values), _sum(right, values)
    if first is None or second is None or _holds(rule.op, first, second):
        return None
    a, b = first[0], second[0]
    sign = "≠" if rule.op == "=" else ">"
    where = f"（{label}）" if label else ""
    english = f" ({value})" if label else ""
    message = f"{rule.zh}{where}：{_shown(a)} {sign} {_shown(b)} · {rule.en}{english}: {_shown(a)} {sign} {_shown(b)}"
    return Finding(
        rule.id, LEVELS[rule.level], message, tuple(code for code in (*left, *right) if values.get(code) is not None)
    )


def _sum(codes: Sequence[str], values: Values) -> tuple[float, int] | None:
    """The sum of the printed operands and how many are not printed; None when none is printed."""
    printed = [values[code] for code in codes if values.get(code) is not None]
    if not printed:
        return None
    return sum(number for number in printed if number is not None), len(codes) - len(printed)


def _holds(op: str, first: tuple[float, int], second: tuple[float, int]) -> bool:
    """Whether the rule holds, or could hold with what the blank cells may stand for."""
    (a, blank_a), (b, blank_b) = first, second
    if abs(a - b) <= TOLERANCE:
        return True
    if blank_a and blank_b:
        return True
    if op == "<=":
        return a < b or bool(blank_b)
    # Unprinted counts can only add: a side with blanks may be smaller than the whole one, never larger.
    return (a < b and bool(blank_a)) or (b < a and bool(blank_b))


def _shown(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else f"{number:g}"


# ---------------------------------------------------------------- single values


def _negative(values: Values) -> list[Finding]:
    bad = [
        code
        for code, value in values.items()
        if value is not None and value < 0 and not code.endswith(CHANGE) and not code.startswith("local:")
    ]
    return [
        Finding(
            "T2-NEG",
            "error",
            f"数量不应为负：{_shown(values[code] or 0)} · a count should not be negative: {_shown(values[code] or 0)}",
            (code,),
        )
        for code in bad
    ]


def _items(values: Values) -> list[Finding]:
    found = []
    for code, change in values.items():
        before = values.get(code.removesuffix(CHANGE) + ".items_prev_year") if code.endswith(CHANGE) else None
        if change is not None and before is not None and before + change < 0:
            message = f"上一年项目数量加本年增/减不应为负：{_shown(before)} + {_shown(change)} · items of last year plus the change should not be negative"
            found.append(Finding("T2-NEG", "error", message, (code.removesuffix(CHANGE) + ".items_prev_year", code)))
    return found


def _units(observations: Sequence[Observation]) -> list[Finding]:
    return [
        Finding(
            "T2-2021",
            "info",
            f"表头单位为万元，单元格印的是{o.unit} · the head says 万元, the cell prints {o.unit}",
            (o.indicator,),
        )
        for o in observations
        if o.indicator == "disclosure.fees.amount" and o.status == "ok" and o.unit not in {"万元", None}
    ]


def _doubtful(observations: Sequence[Observation]) -> list[Finding]:
    """One finding for all rows that could not be read for certain, and one for cells a table lacks."""
    found = []
    for status, rule, zh, en in (
        (
            "ambiguous",
            "READ-AMBIGUOUS",
            "有单元格不能确定地读出，按原样保留",
            "cells could not be read for certain and are kept as printed",
        ),
        ("missing", "READ-MISSING", "表中缺少应有的单元格", "expected cells are not in the table"),
    ):
        codes = tuple(o.indicator for o in observations if o.status == status)
        if codes:
            found.append(Finding(rule, "warning", f"{zh}（{len(codes)}）· {len(codes)} {en}", codes))
    return found


# ---------------------------------------------------------------- text against table


def against_text(table: Sequence[Observation], prose: Sequence[Observation]) -> tuple[Finding, ...]:
    """Where a figure in the text differs from the table's cell; both stay as printed."""
    values = values_of(table)
    found = []
    for observation in prose:
        printed = values.get(observation.indicator)
        if printed is None or observation.value is None or abs(printed - observation.value) <= TOLERANCE:
            continue
        sentence = (observation.where.sentence or "")[:80]
        message = (
            f"正文为 {_shown(observation.value)}，表格为 {_shown(printed)}：“{sentence}” · "
            f"the text says {_shown(observation.value)}, the table {_shown(printed)}"
        )
        found.append(Finding("TEXT-TABLE", "warning", message, (observation.indicator,)))
    return tuple(found)


def fee_without_requests(observations: Sequence[Observation], fee: Observation | None) -> tuple[Finding, ...]:
    """A fee for information that was collected though nobody asked for any (field guide, 6.5)."""
    if fee is None or values_of(observations).get("applications.received.total") != 0:
        return ()
    message = (
        f"没有申请却收取了费用（{fee.raw}{fee.unit}） · a fee was collected without any request ({fee.raw} {fee.unit})"
    )
    return (Finding("FEE-RECEIVED", "warning", message, ("applications.received.total",)),)


def across_sections(observations: Sequence[Observation]) -> tuple[Finding, ...]:
    """Figures of different tables that sit oddly together: information, not an error."""
    values = values_of(observations)
    received = values.get("applications.received.total")
    carried = values.get("applications.carried_in.total")
    disputes = [code for code in (f"{name}.total" for name in DISPUTES) if values.get(code)]
    if received == 0 and carried == 0 and disputes:
        message = "没有申请却有复议或诉讼（可能是往年申请引起） · disputes without requests, perhaps over requests of earlier years"
        return (Finding("T34-DISPUTES", "info", message, ("applications.received.total", *disputes)),)
    return ()


# ---------------------------------------------------------------- year against year


def across_years(this: Sequence[Observation], previous: Sequence[Observation]) -> tuple[Finding, ...]:
    """Compare two successive reports of the same publisher (the caller knows that they are).

    Y-CARRY: carried in equals last year's carried out, by column.  Y-ITEMS (2019 → 2020), Y-PUB, Y-FORCE (2021
    on) and Y-PEND are warnings: repeals and clean-ups break them lawfully.
    """
    now, before = values_of(this), values_of(previous)
    return (
        *_carry(now, before),
        *_item_chain(now, before),
        *_public(now, before),
        *_in_force(now, before),
        *_pending(now, before),
    )


def _differs(a: float | None, b: float | None) -> bool:
    return a is not None and b is not None and abs(a - b) > TOLERANCE


def _pair(
    rule: str, level: Level, zh: str, en: str, pair: tuple[float | None, float | None], codes: tuple[str, ...]
) -> Finding:
    a, b = _shown(pair[0] or 0), _shown(pair[1] or 0)
    return Finding(rule, level, f"{zh}：{a} 与 {b} · {en}: {a} and {b}", codes)


def _carry(now: Values, before: Values) -> list[Finding]:
    found = []
    for column in COLUMNS:
        code, earlier = f"applications.carried_in.{column}", f"applications.carried_out.{column}"
        pair = now.get(code), before.get(earlier)
        if _differs(*pair):
            zh, en = (
                f"上年结转应等于上一年的结转下年度（{COLUMN_NAMES[column]}）",
                f"carried in should equal last year's carried out ({column})",
            )
            found.append(_pair("Y-CARRY", "error", zh, en, pair, (code, earlier)))
    return found


def _item_chain(now: Values, before: Values) -> list[Finding]:
    found = []
    for code in (code for code in now if code.endswith(".items_prev_year")):
        start, change = before.get(code), before.get(code.replace(".items_prev_year", CHANGE))
        if start is not None and change is not None and _differs(now[code], start + change):
            zh, en = (
                "上一年项目数量应等于上一年报告的数量加增减",
                "items of last year should equal last year's report plus its change",
            )
            found.append(_pair("Y-ITEMS", "warning", zh, en, (now[code], start + change), (code,)))
    return found


def _public(now: Values, before: Values) -> list[Finding]:
    found = []
    for code in ("disclosure.rules.public_total", "disclosure.normative_docs.public_total"):
        a, b = now.get(code), before.get(code)
        if a is not None and b is not None and a < b:
            found.append(
                _pair(
                    "Y-PUB",
                    "warning",
                    "对外公开总数量少于上一年",
                    "the public total is below last year's",
                    (a, b),
                    (code,),
                )
            )
    return found


def _in_force(now: Values, before: Values) -> list[Finding]:
    found = []
    for name in ("disclosure.rules", "disclosure.normative_docs"):
        last, issued, repealed = before.get(f"{name}.in_force"), now.get(f"{name}.issued"), now.get(f"{name}.repealed")
        actual = now.get(f"{name}.in_force")
        if (
            last is None
            or issued is None
            or repealed is None
            or actual is None
            or not _differs(actual, last + issued - repealed)
        ):
            continue
        zh, en = "现行有效应等于上年有效加制发减废止", "in force should equal last year's plus issued minus repealed"
        found.append(_pair("Y-FORCE", "warning", zh, en, (actual, last + issued - repealed), (f"{name}.in_force",)))
    return found


def _pending(now: Values, before: Values) -> list[Finding]:
    found = []
    for name in DISPUTES:
        pending, total = before.get(f"{name}.pending"), now.get(f"{name}.total")
        if pending is not None and total is not None and pending > total:
            zh, en = "上年尚未审结多于本年总计", "last year's pending exceed this year's total"
            found.append(_pair("Y-PEND", "warning", zh, en, (pending, total), (f"{name}.pending", f"{name}.total")))
    return found
