"""No reading of a page grows faster than the page: steps are counted, never time.

The steps of our own loops are the lines they run.  Those of a pattern cannot be seen from outside its engine, so a
plain backtracking matcher (of the operations our patterns use) counts them, on hostile text of two lengths: what
is linear doubles, what is quadratic goes four times as high.
"""

from __future__ import annotations

import re
import sys
from itertools import count
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]

import pytest

from spiders.families import (
    aspnet,
    attachments,
    datastore,
    epoint,
    fragments,
    generic,
    gkmlpt,
    govcn,
    hanweb,
    hanweb_xxgk,
    jpaas,
    lonsun,
    nfcms,
    parameters,
    scripts,
    trs,
    truecms,
    ucap,
    uuid,
    vsb,
    was,
)

MODULES = (
    aspnet, attachments, datastore, epoint, fragments, generic, gkmlpt, govcn, hanweb, hanweb_xxgk, jpaas, lonsun,
    nfcms, parameters, scripts, trs, truecms, ucap, uuid, vsb, was,
)  # fmt: skip

UNITS = (
    "<", "(", "'", "7", " ", "[", '"', "共1", "1-1-", "{", "createPageHTML(", "<record>",
    "<input name='", "<input ", "['a',", "href='", "&a=b", '{"a":"', "/info/1", "<script url=", "var InitData=[",
    "channelId='", "DETAIL:", "<nextgroup>", "\\", "content:", "__doPostBack('", "vsb_pdf_image_data=[", "=a",
)  # fmt: skip
SHORT = 250


class Steps:
    """A backtracking matcher that counts the characters and the choices it looks at."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self.text, self.taken = text, 0
        self.known: dict[tuple[int, str], bool] = {}
        self.tree = list(_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
        self.fold = bool(pattern.flags & re.IGNORECASE)

    def search_all(self) -> int:
        """The steps of finding every match, as ``finditer`` does."""
        at, first = 0, _first(self.tree)
        while at <= len(self.text):
            if first is not None and (at == len(self.text) or not self._is(first, self.text[at])):
                at += 1  # an engine looks for the first sign of a pattern at the price of a step a character
                self.taken += 1
                continue
            end = next(self.match(self.tree, at), at)
            at = end if end > at else at + 1
        return self.taken

    def match(self, items: list, at: int):
        """Where the items can end when they begin at a place, the likeliest first."""
        self.taken += 1
        if not items:
            yield at
            return
        (kind, held), rest = items[0], items[1:]
        if kind in {op.MAX_REPEAT, op.MIN_REPEAT}:
            yield from self._repeated(kind, held, rest, at)
        elif kind is op.SUBPATTERN:
            yield from self.match([*held[3], *rest], at)
        elif kind is op.BRANCH:
            for branch in held[1]:
                yield from self.match([*branch, *rest], at)
        elif kind in {op.ASSERT, op.ASSERT_NOT}:
            back = held[1].getwidth()[0] if held[0] < 0 else 0
            found = at >= back and next(self.match(list(held[1]), at - back), None) is not None
            if found == (kind is op.ASSERT):
                yield from self.match(rest, at)
        elif kind is op.AT:
            if PLACES[held].match(self.text, at):
                yield from self.match(rest, at)
        elif at < len(self.text) and self._is(items[0], self.text[at]):
            yield from self.match(rest, at + 1)

    def _repeated(self, kind, held, rest, at):
        low, high, inside = held
        if len(inside) == 1 and inside[0][0] in SINGLE:
            far = at
            while far - at < high and far < len(self.text) and self._is(inside[0], self.text[far]):
                far += 1
                self.taken += 1
            places = range(at + low, far + 1)
            for place in places if kind is op.MIN_REPEAT else reversed(places):
                yield from self.match(rest, place)
            return
        waiting = [(at, 0)]  # greedy, without recursion: a place further on is tried before the one it came from
        reached = []
        while waiting:
            place, times = waiting.pop()
            reached.append((place, times))
            if times < high:
                waiting += [(end, times + 1) for end in self.match(list(inside), place) if end > place]
        for place, times in reversed(reached):
            if times >= low:
                yield from self.match(rest, place)

    def _is(self, item, sign: str) -> bool:
        key = (id(item), sign)
        if key not in self.known:
            self.known[key] = self._matches(item, sign)
        return self.known[key]

    def _matches(self, item, sign: str) -> bool:
        kind, held = item
        if kind is op.ANY:
            return True
        if kind is op.IN:
            no = held[0][0] is op.NEGATE
            return any(self._matches(each, sign) for each in held[no:]) != no
        if kind is op.RANGE:
            return held[0] <= ord(sign) <= held[1] or (self.fold and held[0] <= ord(sign.lower()[0]) <= held[1])
        if kind is op.CATEGORY:
            return bool(CATEGORIES[held].match(sign))
        same = ord(sign) == held or (self.fold and sign.lower() == chr(held).lower())
        return same == (kind is op.LITERAL)


PLACES = {op.AT_BOUNDARY: re.compile(r"\b"), op.AT_END: re.compile(r"$"), op.AT_BEGINNING: re.compile(r"^")}
SINGLE = {op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY}
CATEGORIES = {
    op.CATEGORY_DIGIT: re.compile(r"\d"), op.CATEGORY_SPACE: re.compile(r"\s"), op.CATEGORY_WORD: re.compile(r"\w"),
    op.CATEGORY_NOT_SPACE: re.compile(r"\S"), op.CATEGORY_NOT_WORD: re.compile(r"\W"),
}  # fmt: skip


def _first(tree):
    """What a pattern must begin with, where that is one sign or one set of signs."""
    for item in tree:
        kind, held = item
        if kind is op.SUBPATTERN:
            return _first(held[3])
        if kind in {op.ASSERT, op.ASSERT_NOT, op.AT}:
            continue
        return item if kind in {op.LITERAL, op.NOT_LITERAL, op.IN} else None
    return None


def patterns():
    """Every compiled pattern of the families, and those of a name that a parameter is looked for by."""
    for module in MODULES:
        for name, held in vars(module).items():
            for each in held if isinstance(held, tuple) else (held,):
                if isinstance(each, re.Pattern):
                    yield f"{module.__name__.rpartition('.')[2]}.{name}", each
    for number, each in enumerate(parameters._patterns("columnId")):  # made per name, kept nowhere else
        yield f"parameters.{number}", each


ALL = list({each.pattern: (name, each) for name, each in patterns()}.values())


def grows(pattern: re.Pattern[str], units: tuple[str, ...] = UNITS) -> list[tuple[str, int, int]]:
    """The hostile texts on which a pattern's steps more than treble when the text doubles."""
    bad = []
    for unit in units:
        text = unit * (2 * SHORT // len(unit) + 2)
        one, two = (Steps(pattern, text[:length]).search_all() for length in (SHORT, 2 * SHORT))
        if two > 3 * one + 200:
            bad.append((unit, one, two))
    return bad


@pytest.mark.parametrize(("name", "pattern"), ALL, ids=[f"{name}-{number}" for number, (name, _) in enumerate(ALL)])
def test_a_pattern_is_linear(name, pattern):
    """Twice the text is twice the steps."""
    assert grows(pattern) == [], name


def test_the_counter_counts():
    """The matcher finds what ``re`` finds, and sees a quadratic pattern for what it is."""
    for pattern in (
        r"a(?:b|c)*d",
        r"(?<![\w-])x\s{0,4}=\s*(\d+|true)\b",
        r"<(/?)r>",
        r"'((?:[^'\\]|\\.)*)'",
        r"A[^b-d]+?z$",
    ):
        for text in ("abcbcd", " x = 12 ", "y-x=1", "</r>", r"'it\'s'", "Aeez", "Abz", ""):
            compiled = re.compile(pattern)
            found = compiled.match(text)
            steps = Steps(compiled, text)
            assert next(steps.match(steps.tree, 0), None) == (found.end() if found else None), (pattern, text)
    assert grows(re.compile(r"<record>(.*?)</record>"), ("<record>",))
    assert grows(re.compile(r"\w+:"), ("7",))


def lines(work) -> int:
    """How many lines of the spiders' code a piece of work runs."""
    counted = count(1)

    def tracer(frame, event, _):
        if "spiders" not in frame.f_code.co_filename or "tests" in frame.f_code.co_filename:
            return None
        if event == "line":
            next(counted)
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        work()
    finally:
        sys.settrace(before)
    return next(counted)


READERS = {
    "value": lambda text: parameters.value(text, "columnId"),
    "balanced": lambda text: parameters.balanced(text, 0),
    "loaded": parameters.loaded,
    "records": datastore.records,
    "next_group": datastore.next_group,
    "loose_records": fragments.loose_records,
    "paging": scripts.paging,
    "printed": scripts.printed,
}


@pytest.mark.parametrize("name", READERS)
def test_a_reader_is_linear(name):
    """A reader runs at most ten lines of code for a character of a page."""
    for unit in UNITS:
        text = (unit * (20_000 // len(unit) + 1))[:20_000]
        assert lines(lambda text=text: READERS[name](text)) <= 10 * len(text) + 100, unit


def test_variables_of_few_calls_are_looked_up(monkeypatch):
    """Each variable of a paging call costs a look at the whole page, so only a few calls are read."""
    looked = count()
    search = scripts.re.search
    monkeypatch.setattr(scripts.re, "search", lambda *given: (next(looked), search(*given))[1])
    scripts.paging("createPageHTML(a,b,c,d);" * 300)
    scripts.printed("createPageHTML(a,b,c,d);" * 300)
    assert next(looked) <= 200
