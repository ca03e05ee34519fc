"""Figures of a random report that keep the forms' arithmetic, the breaches planted in them, and their look.

Sources: the arithmetic printed on the forms (国办公开办函〔2019〕60号, 〔2021〕30号, 国办发〔2014〕32号).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from crawler.simulator import figures
from crawler.simulator.labels import COLUMNS, OUTCOME, PROCEEDINGS, ROWS_2019, ROWS_2021, leaves
from crawler.simulator.sheet import Planted

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

Figures = dict[str, int]
Texts = dict[str, str]

APPLICANTS = figures.APPLICANTS
SCALES = (0, 3, 40, 900, 60_000)
"""The most applications of one kind of applicant; 0: nobody applied."""

_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_LARGE = 1000


def parted(rng: random.Random, amount: int, names: tuple[str, ...]) -> Figures:
    """``amount`` cut at random places into named parts, most of them small or nothing."""
    parts = dict.fromkeys(names, 0)
    some = rng.sample(names, min(len(names), rng.randint(1, 9)))
    cuts = sorted(rng.randint(0, amount) for _ in some[1:])
    for name, first, last in zip(some, [0, *cuts], [*cuts, amount], strict=True):
        parts[name] = last - first
    return parts


def applications(rng: random.Random, form: str, scale: int) -> Figures:
    """Section three: balance, columns and sums hold."""
    rows = ROWS_2021 if form == "2021" else ROWS_2019
    result: Figures = {}
    for name in APPLICANTS:
        busy = name == "natural_person" or rng.random() < 0.3
        received = rng.randint(0, scale) if busy else 0
        carried_in = rng.randint(0, scale // 8 + (scale > 0)) if busy else 0
        carried_out = rng.randint(0, min(received + carried_in, scale // 8 + 1))
        settled = received + carried_in - carried_out
        result |= {f"applications.received.{name}": received, f"applications.carried_in.{name}": carried_in}
        result |= {f"{code}.{name}": n for code, n in parted(rng, settled, leaves(rows)).items()}
        result |= {f"{OUTCOME}.total.{name}": settled, f"applications.carried_out.{name}": carried_out}
    for code, _ in rows:
        result[f"{code}.total"] = sum(result[f"{code}.{name}"] for name in APPLICANTS)
    return result


def proceedings(rng: random.Random, scale: int) -> Figures:
    """Section four: each total is the sum of its four verdicts."""
    result: Figures = {}
    for stem, _, _ in PROCEEDINGS:
        parts = parted(rng, rng.randint(0, max(1, scale // 4)), ("upheld", "corrected", "other", "pending"))
        result |= {f"{stem}.{name}": n for name, n in parts.items()} | {f"{stem}.total": sum(parts.values())}
    return result


def disclosure(rng: random.Random, form: str, scale: int) -> Figures:
    """Section two of either form, with large numbers of decisions where the publisher is busy."""
    found = figures.disclosure_2019(rng, {}) if form == "2019" else figures.disclosure_2021(rng, {})
    busy = [code for code in found if code.endswith(".decisions")]
    return found | {code: rng.choice((0, rng.randint(0, 9 + 200 * scale))) for code in busy}


def statistics(rng: random.Random, scale: int) -> Figures:
    """The 2014 table; the sums hold, and large figures stand where busy publishers have them."""
    found = figures.statistics_2014(rng)
    large = rng.randint(1, 9 + 50 * scale)
    found |= {"disclosure.items.total": large, "disclosure.channel.website": large}
    found["disclosure.items.normative_docs"] = min(large, rng.randint(0, 99))
    found["training.participants"] = rng.randint(0, 9 + 20 * scale)
    return found


# ---------------------------------------------------------------- breaches


Breach = tuple[Figures, tuple[Planted, ...]]
"""The figures that are printed wrong, and the rules they break."""
Broken = Callable[["random.Random", Mapping[str, int]], Breach]


def _zero_total(rng: random.Random, counted: Mapping[str, int]) -> Breach:
    """The printed 总计 of 0 under leaves that add up to more, as 自治区商务厅 2019 has it."""
    name = rng.choice([name for name, _ in COLUMNS if counted[f"{OUTCOME}.total.{name}"]] or ["total"])
    wrong = dict.fromkeys({f"{OUTCOME}.total.{name}", f"{OUTCOME}.total.total"}, 0)
    if not counted[f"{OUTCOME}.total.{name}"]:
        return {}, ()
    codes = tuple(sorted(wrong))
    planted = [Planted("T3-SUM", codes), Planted("T3-BAL", codes)]
    others = [other for other in APPLICANTS if other != name and counted[f"{OUTCOME}.total.{other}"]]
    if others or name == "total":
        planted.append(Planted("T3-COL", (f"{OUTCOME}.total.total",)))
    return wrong, tuple(planted)


def _row_total(rng: random.Random, counted: Mapping[str, int]) -> Breach:
    code = f"{rng.choice(('applications.carried_in', 'applications.carried_out', 'applications.received'))}.total"
    more = rng.randint(1, 30)
    return {code: counted[code] + more}, (Planted("T3-COL", (code,)), Planted("T3-BAL", (code,)))


def _leaf(rng: random.Random, counted: Mapping[str, int]) -> Breach:
    """One leaf of one applicant is off by some: its row and its column no longer add up."""
    row = rng.choice([code for code, _ in ROWS_2019 if code.startswith(OUTCOME) and f"{code}.total" in counted][:-1])
    code = f"{row}.{rng.choice(APPLICANTS)}"
    column = code.rpartition(".")[2]
    found = (Planted("T3-COL", (f"{row}.total",)), Planted("T3-SUM", (f"{OUTCOME}.total.{column}",)))
    return {code: counted[code] + rng.randint(1, 12)}, found


def _verdicts(rng: random.Random, counted: Mapping[str, int]) -> Breach:
    code = f"{rng.choice(PROCEEDINGS)[0]}.total"
    return {code: counted[code] + rng.randint(1, 9)}, (Planted("T4-SUM", (code,)),)


def _published(rng: random.Random, counted: Mapping[str, int]) -> Breach:
    stem = "disclosure.normative_docs"
    code = f"{stem}.published_this_year"
    if code not in counted:
        return {}, ()
    more = counted[f"{stem}.public_total"] + rng.randint(1, 5)
    return {code: more}, (Planted("T2-2019", (code,)),)


def _wrong_2014(rng: random.Random, counted: Mapping[str, int]) -> Breach:
    """A total of the 2014 table that is not the sum of its parts."""
    rule, code = rng.choice((("S14-STAFF", "resources.staff.total"), ("S14-REVIEW", "review.total")))
    return {code: counted[code] + rng.randint(1, 7)}, (Planted(rule, (code,)),)


def _documents_2014(rng: random.Random, counted: Mapping[str, int]) -> Breach:
    """More documents of one kind than items of every kind."""
    code = "disclosure.items.normative_docs"
    return {code: counted["disclosure.items.total"] + rng.randint(1, 7)}, (Planted("S14-DOCS", (code,)),)


BREACHES: tuple[Broken, ...] = (_zero_total, _row_total, _leaf, _verdicts, _published)
BREACHES_2014: tuple[Broken, ...] = (_wrong_2014, _documents_2014)


# ---------------------------------------------------------------- look


def texts(rng: random.Random, counted: Mapping[str, int], *, full: bool) -> Texts:
    """Every figure as printed: separators, signs, units, decimals, full-width digits.

    Zeros are left out in some reports, but not where the table is ``full``: beside a planted breach a blank would
    leave it open whether the rule is broken at all.
    """
    separated = rng.random() < 0.3
    wide = rng.random() < 0.12
    result = {}
    for code, n in counted.items():
        text = f"{n:,}" if separated and n >= _LARGE else str(n)
        result[code] = text.translate(_WIDE) if wide else text
    result |= {code: _change(rng, n) for code, n in counted.items() if code.endswith(".items_change")}
    result |= _money(rng, counted)
    if rng.random() < 0.35 and not full:
        result |= _emptied(rng, counted, result)
    return result


def _change(rng: random.Random, change: int) -> str:
    if not change:
        return rng.choice(("0", "0", "+0"))
    sign = rng.choice(("+", "增", "")) if change > 0 else rng.choice(("-", "减", "－"))
    return f"{sign}{abs(change)}"


def _money(rng: random.Random, counted: Mapping[str, int]) -> Texts:
    result = {}
    if (amount := counted.get("disclosure.procurement.amount")) is not None:
        exact = f"{amount / 10_000:.4f}"
        forms = (f"{exact}万元", f"{exact} 万元", f"{amount}元", f"{amount:,}元", f"{amount / 100:.2f}元")
        result["disclosure.procurement.amount"] = rng.choice(forms)
    if fee := counted.get("disclosure.fees.amount"):
        forms = (f"{fee / 100:.2f}", f"{fee / 100:.2f}万元", f"{fee * 100}元", f"{fee}", f"{fee / 10_000:.4f}")
        result["disclosure.fees.amount"] = rng.choice(forms)
    for code in ("applications.fees", "resources.budget"):
        if counted.get(code):
            result[code] = rng.choice((str(counted[code]), f"{counted[code]}.5"))
    return result


def _emptied(rng: random.Random, counted: Mapping[str, int], printed: Mapping[str, str]) -> Texts:
    """Zeros that some reports leave blank, or print as a dash or 无."""
    zeros = [code for code, text in printed.items() if not counted[code] and text in {"0", "０"}]
    mark = rng.choice(("", "", "-", "/", "无", "—"))
    pick = rng.randrange(4)
    if pick == 0:
        return dict.fromkeys((code for code in counted if code.startswith("review.")), "")
    if pick == 1:
        return dict.fromkeys(_of_organisations(zeros), mark)
    if pick == 2:
        return {code: mark for code in zeros if rng.random() < 0.4}
    return dict.fromkeys(zeros, mark)


def _of_organisations(codes: Iterable[str]) -> list[str]:
    people = (".natural_person", ".total")
    return [code for code in codes if code.startswith("applications.") and not code.endswith(people)]
