"""Flaws put into reports on purpose, as real reports have them, each with the rule a reader should name.

The kinds follow damage seen in published reports: a printed 总计 of 0 under leaves that add up to more
(T3-SUM, T3-BAL), a wrong row total (T3-COL), prose and table that disagree (TEXT-TABLE), a half table left
blank, organisations left blank, full-width digits, figures with signs and units in the cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.simulator.labels import OUTCOME
from crawler.simulator.sheet import Planted

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

FLAWS = ("total-zero", "row-total", "prose", "blank-review", "blank-organisations", "full-width", "verdicts")

_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_ORGANISATIONS = (".business", ".research", ".public_interest", ".legal_service", ".other_org")


def printed(
    rng: random.Random, form: str, counted: Mapping[str, int], flaw: str | None
) -> tuple[dict[str, str], tuple[Planted, ...]]:
    """The text of every figure, with the flaw in it, and what was planted."""
    texts = {code: str(n) for code, n in counted.items()} | _dressed(rng, form, counted)
    if form in {"free", "2014"}:
        return texts, ()
    change = _CHANGES.get(flaw or "")
    if change is None:
        return texts, (_text_table(flaw),) if flaw == "prose" else ()
    found, planted = change(counted)
    return texts | found, planted


def told(received: int, flaw: str | None) -> int:
    """How many applications the prose says were received."""
    return received + 3 if flaw == "prose" else received


def _text_table(_: str | None) -> Planted:
    return Planted("TEXT-TABLE", ("applications.received.total",))


def _dressed(rng: random.Random, form: str, counted: Mapping[str, int]) -> dict[str, str]:
    """Signs, units and fractions as they are printed inside cells."""
    if form == "2019":
        amount = counted["disclosure.procurement.amount"]
        texts = {code: _signed(rng, n) for code, n in counted.items() if code.endswith(".items_change")}
        texts["disclosure.procurement.amount"] = rng.choice((f"{amount / 10_000:.4f}万元", f"{amount}元"))
        return texts
    if form in {"2021", "mixed"} and counted["disclosure.fees.amount"]:
        return {"disclosure.fees.amount": f"{counted['disclosure.fees.amount'] / 100:.2f}"}
    return {}


def _signed(rng: random.Random, change: int) -> str:
    if not change:
        return "0"
    sign = ("+", "增") if change > 0 else ("-", "减")
    return f"{rng.choice(sign)}{abs(change)}"


def _total_zero(counted: Mapping[str, int]) -> tuple[dict[str, str], tuple[Planted, ...]]:
    wrong = [f"{OUTCOME}.total.{name}" for name in ("natural_person", "total") if counted[f"{OUTCOME}.total.{name}"]]
    return dict.fromkeys(wrong, "0"), (Planted("T3-SUM", tuple(wrong)), Planted("T3-BAL", tuple(wrong)))


def _row_total(counted: Mapping[str, int]) -> tuple[dict[str, str], tuple[Planted, ...]]:
    code = f"{OUTCOME}.granted.total"
    return {code: str(counted[code] + 1)}, (Planted("T3-COL", (code,)), Planted("T3-SUM", (f"{OUTCOME}.total.total",)))


def _blank_review(counted: Mapping[str, int]) -> tuple[dict[str, str], tuple[Planted, ...]]:
    return {code: "" for code in counted if code.startswith("review.")}, ()


def _blank_organisations(counted: Mapping[str, int]) -> tuple[dict[str, str], tuple[Planted, ...]]:
    rows = {code.rpartition(".")[0] for code in counted if code.startswith("applications.") and code.endswith(".total")}
    zero = {row for row in rows if not any(counted.get(row + name, 0) for name in _ORGANISATIONS)}
    return {row + name: "" for row in zero for name in _ORGANISATIONS if row + name in counted}, ()


def _full_width(counted: Mapping[str, int]) -> tuple[dict[str, str], tuple[Planted, ...]]:
    return {
        code: str(n).translate(_WIDE) for code, n in counted.items() if code.startswith("applications.received.")
    }, ()


def _verdicts(counted: Mapping[str, int]) -> tuple[dict[str, str], tuple[Planted, ...]]:
    code = "litigation.direct.total"
    return {code: str(counted[code] + 2)}, (Planted("T4-SUM", (code,)),)


_CHANGES = {
    "total-zero": _total_zero,
    "row-total": _row_total,
    "blank-review": _blank_review,
    "blank-organisations": _blank_organisations,
    "full-width": _full_width,
    "verdicts": _verdicts,
}
