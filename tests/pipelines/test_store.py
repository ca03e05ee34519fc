"""What a report's judging takes from its page."""

from __future__ import annotations

import pytest

from archive.model import Conversion, Reading, Software
from pipelines.judging import site_division


def page(*codes: str) -> Reading:
    meta = tuple(("meta:SiteIDCode", code) for code in codes)
    return Reading(Conversion(Software("html", "1"), "text/html", "ok", meta=meta))


@pytest.mark.parametrize(
    ("codes", "division"),
    [
        (("1506000140",), "150600"),
        (("6400000012",), "640000"),
        (("", "1304000009"), "130400"),
        (("bm14000002",), None),
        (("28",), None),
        (("9919000019",), None),
        ((), None),
    ],
)
def test_the_site_s_own_code_names_its_division(codes, division) -> None:
    assert site_division(page(*codes)) == division
