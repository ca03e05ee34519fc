"""Figures that satisfy the forms' arithmetic, drawn from a seeded generator.

The rules are the forms' own: received + carried_in = outcome.total + carried_out in each column, total =
sum of the six applicant columns, outcome.total = sum of its leaves, and from one year to the next
carried_in = carried_out of the year before.  Breaking one of them is :mod:`crawler.simulator.planting`'s work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.simulator.labels import COLUMNS, OUTCOME, PROCEEDINGS, ROWS_2014, ROWS_2019, ROWS_2021, leaves

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

Figures = dict[str, int]

APPLICANTS = tuple(name for name, _ in COLUMNS if name != "total")


def spread(rng: random.Random, amount: int, names: tuple[str, ...]) -> Figures:
    """``amount`` distributed over ``names`` at random; the parts add up to it."""
    parts = dict.fromkeys(names, 0)
    for _ in range(amount):
        parts[rng.choice(names)] += 1
    return parts


def applications(rng: random.Random, before: Mapping[str, int], form: str) -> Figures:
    """Section three of the 2019 or 2021 form, following on the year ``before``."""
    rows = ROWS_2021 if form == "2021" else ROWS_2019
    result: Figures = {}
    for name in APPLICANTS:
        busy = name == "natural_person" or rng.random() < 0.35
        received = rng.randint(1, 40) if busy else 0
        carried_in = before.get(f"applications.carried_out.{name}", 0)
        carried_out = rng.randint(0, min(3, received + carried_in)) if busy else 0
        settled = received + carried_in - carried_out
        result |= {f"applications.received.{name}": received, f"applications.carried_in.{name}": carried_in}
        result |= {f"{code}.{name}": n for code, n in spread(rng, settled, leaves(rows)).items()}
        result |= {f"{OUTCOME}.total.{name}": settled, f"applications.carried_out.{name}": carried_out}
    for code, _ in rows:
        result[f"{code}.total"] = sum(result[f"{code}.{name}"] for name in APPLICANTS)
    return result


def proceedings(rng: random.Random) -> Figures:
    """Section four: three groups of four verdicts and their total."""
    result: Figures = {}
    for stem, _, _ in PROCEEDINGS:
        parts = spread(rng, rng.choice((0, 0, 1, 2, 5)), ("upheld", "corrected", "other", "pending"))
        result |= {f"{stem}.{name}": n for name, n in parts.items()}
        result[f"{stem}.total"] = sum(parts.values())
    return result


def disclosure_2019(rng: random.Random, before: Mapping[str, int]) -> Figures:
    """Section two of the 2019 form; last year's items follow from the year before."""
    result: Figures = {}
    for stem in ("rules", "normative_docs"):
        made = rng.randint(0, 3) if stem == "rules" else rng.randint(1, 25)
        total = before.get(f"disclosure.{stem}.public_total", rng.randint(0, 60)) + made
        names = ("made_this_year", "published_this_year", "public_total")
        result |= {f"disclosure.{stem}.{name}": n for name, n in zip(names, (made, made, total), strict=True)}
    for stem in ("licensing", "other_services", "penalties", "coercion", "fees"):
        key = f"disclosure.{stem}"
        had = before.get(f"{key}.items_prev_year", rng.randint(0, 80)) + before.get(f"{key}.items_change", 0)
        result |= {f"{key}.items_prev_year": had, f"{key}.items_change": rng.randint(-min(had, 5), 6)}
        if stem != "fees":
            result[f"{key}.decisions"] = rng.randint(0, 900)
    result |= {"disclosure.procurement.items": rng.randint(1, 40)}
    result |= {"disclosure.procurement.amount": rng.randint(100_000, 90_000_000)}
    return result


def disclosure_2021(rng: random.Random, before: Mapping[str, int]) -> Figures:
    """Section two of the 2021 form; documents in force follow from the year before."""
    result: Figures = {}
    for stem in ("rules", "normative_docs"):
        key = f"disclosure.{stem}"
        had = before.get(f"{key}.in_force", rng.randint(1, 60))
        issued, repealed = rng.randint(0, 12), rng.randint(0, min(had, 6))
        result |= {f"{key}.issued": issued, f"{key}.repealed": repealed, f"{key}.in_force": had + issued - repealed}
    result |= {f"disclosure.{stem}.decisions": rng.randint(0, 900) for stem in ("licensing", "penalties", "coercion")}
    result["disclosure.fees.amount"] = rng.choice((0, rng.randint(1, 4000)))
    return result


def _parts(result: Figures, total: str, parts: Figures) -> None:
    result |= {f"{total.removesuffix('.total')}.{name}": n for name, n in parts.items()}
    result[total] = sum(parts.values())


def statistics_2014(rng: random.Random) -> Figures:
    """Every line of the 2014 table; channels add up to at least the items, once each."""
    result: Figures = {code: rng.randint(0, 20) for code, _, _ in ROWS_2014 if code}
    website = rng.randint(200, 3000)
    result |= {"disclosure.items.total": website, "disclosure.channel.website": website}
    result["disclosure.items.normative_docs"] = rng.randint(0, 20)
    for stem in ("response.press_conferences", "response.online_interviews"):
        result[f"{stem}.by_head"] = rng.randint(0, result[stem])
    received = rng.randint(1, 90)
    modes = ("by_mode.in_person", "by_mode.fax", "by_mode.online", "by_mode.letter")
    _parts(result, "applications.received.total", spread(rng, received, modes))
    _parts(result, "applications.closed.total", spread(rng, received, ("on_time", "extended")))
    kinds = ("already_public", "granted", "partial", "refused", "not_this_agency", "not_exist", "asked_to_amend")
    _parts(result, "applications.replied.total", spread(rng, received, (*kinds, "other_channel")))
    reasons = ("state_secret", "trade_secret", "privacy", "security_stability", "not_gov_info", "other_law")
    refused = spread(rng, result["applications.replied.refused"], reasons)
    result |= {f"applications.replied.refused.{name}": n for name, n in refused.items()}
    for stem in ("review.total", "litigation.total"):
        _parts(result, stem, spread(rng, rng.randint(0, 4), ("upheld", "corrected", "other")))
    _parts(result, "resources.staff.total", {"full_time": rng.randint(0, 3), "part_time": rng.randint(1, 9)})
    return result
