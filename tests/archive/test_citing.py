"""Citations: what stands in them, and that no title can break out."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from archive.citing import bibtex, gbt7714

REPORT = {
    "id": 3, "revision": 2, "title": "测试商务厅2023年政府信息公开工作年度报告", "publisher": "测试商务厅", "published": "2024-01-14",
    "captured": "2024-02-01T08:00:00.000Z", "url": "http://www.test.gov.cn/2023.html",
}  # fmt: skip
ADDRESS = "http://127.0.0.1:8001/report/3/revision/2"


def test_the_national_standard() -> None:
    assert gbt7714(REPORT, ADDRESS) == (
        "测试商务厅. 测试商务厅2023年政府信息公开工作年度报告[EB/OL]. (2024-01-14)[2024-02-01]."
        f" http://www.test.gov.cn/2023.html. 存档: {ADDRESS}."
    )


def test_without_publisher_or_date() -> None:
    found = gbt7714({**REPORT, "publisher": None, "published": None}, ADDRESS)
    assert found.startswith("测试商务厅2023年政府信息公开工作年度报告[EB/OL]. [2024-02-01].")


def test_bibtex() -> None:
    found = bibtex(REPORT, ADDRESS, "sha256:ab")
    assert "@online{nianlun-3-2," in found
    assert "urldate = {2024-02-01}" in found
    assert "sha256:ab" in found


@given(st.text(), st.text(alphabet="{}%\\ \n&#_$~^a中", max_size=20))
def test_braces_stay_balanced(title, publisher) -> None:
    found = bibtex({**REPORT, "title": title or "x", "publisher": publisher or None}, ADDRESS, None)
    bare = re.sub(r"\\textbackslash\{\}|\\textascii\w+\{\}|\\[{}]", "", found)
    depth = 0
    for letter in bare:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0
    assert depth == 0
    assert found.count("\n") == 9 - (not publisher)
