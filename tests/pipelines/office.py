"""The office fixtures: what every file of a report must read as, said by the truth beside it."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path

from pipelines.read import read_payload

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "office"


def files(*extensions: str) -> list[str]:
    """The fixtures of these formats, as ``2021a/report.doc``."""
    return sorted(str(p.relative_to(FIXTURES)) for p in FIXTURES.glob("*/*") if p.suffix.lstrip(".") in extensions)


@cache
def truth(name: str) -> dict:
    return json.loads((FIXTURES / name).parent.joinpath("truth.json").read_text("utf-8"))


@cache
def reading(name: str, called: str | None = None):
    """A fixture as it is read; its text alone must do, so it has no telling name."""
    return read_payload((FIXTURES / name).read_bytes(), name=called or Path(name).name)


def wrong_cells(name: str) -> dict[str, tuple]:
    """Indicator → what was expected and what was found, for every cell that is not exactly right."""
    found = {o.indicator: (" ".join((o.raw or "").split()), o.value, o.status) for o in reading(name).observations}
    wrong = {}
    for code, (raw, value, status) in truth(name)["observations"].items():
        expected = (" ".join(raw.split()), value, status)
        if found.get(code) != expected:
            wrong[code] = (expected, found.get(code))
    return wrong


def lost_paragraphs(name: str) -> list[str]:
    """The paragraphs that are not blocks of their own, white space around them aside."""
    texts = {block.text for block in reading(name).conversion.blocks}
    return [text for text in truth(name)["paragraphs"] if text.strip(" \u3000") not in texts]


def flipped(payload: bytes, times: int = 100, seed: int = 7):
    """Copies of a file with one to eight random bytes changed."""
    rng = random.Random(seed)
    for _ in range(times):
        broken = bytearray(payload)
        for _ in range(rng.randint(1, 8)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        yield bytes(broken)


def cut(payload: bytes, times: int = 20):
    """Beginnings of a file."""
    for i in range(times):
        yield payload[: max(1, len(payload) * i // times)]


def shape(grid) -> list[tuple]:
    """A grid's cells without their places."""
    return [(c.row, c.column, c.rowspan, c.colspan, c.text) for c in grid.cells]
