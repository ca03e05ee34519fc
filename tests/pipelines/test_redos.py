"""No pattern takes a second on a megabyte of hostile text."""

import re
import time

import pytest

from pipelines import (
    dates,
    identity,
    local_tables,
    matching,
    narrative,
    narrative_scope,
    narrative_words,
    recognise,
    text,
    values,
)
from pipelines.convert import decoding, sniff
from pipelines.convert.ruled import flow, furniture, spill
from pipelines.convert.web import html, webpage

MODULES = (
    dates,
    identity,
    local_tables,
    matching,
    narrative,
    narrative_scope,
    narrative_words,
    recognise,
    text,
    values,
    decoding,
    flow,
    furniture,
    spill,
    html,
    sniff,
    webpage,
)
HOSTILE = [
    "一、" * 350_000,
    "1" * 1_000_000,
    " " * 1_000_000,
    "（一）" * 300_000,
    "收到政府信息公开申请" * 100_000,
    "2019年1月1日至" * 100_000,
    "关于编制报送" * 160_000,
    "〔2019〕" * 160_000,
    "地址：" * 300_000,
    "a@a." * 250_000,
    "信息公开年" * 200_000,
    "<" * 1_000_000,
    "浏览次数：1 " * 120_000,
    "\n" * 1_000_000,
    "-" * 1_000_000,
    "自" * 1_000_000,
]


def patterns():
    for module in MODULES:
        for name, value in vars(module).items():
            for item in value if isinstance(value, (tuple, list)) else [value]:
                for part in (
                    item
                    if isinstance(item, tuple)
                    else [*(getattr(item, n, None) for n in ("pattern", "words", "topic", "without")), item]
                ):
                    if isinstance(part, re.Pattern):
                        yield f"{module.__name__}.{name}", part


ALL = {(name, pattern.pattern): pattern for name, pattern in patterns()}


@pytest.mark.parametrize("key", list(ALL), ids=[f"{name}-{i}" for i, (name, _) in enumerate(ALL)])
def test_a_pattern_is_linear_enough(key):
    pattern = ALL[key]
    for hostile in HOSTILE:
        sample = hostile[:1_000_000] if isinstance(pattern.pattern, str) else hostile[:300_000].encode()
        sample = sample[:8_000]
        start = time.perf_counter()
        for _ in pattern.finditer(sample):
            pass
        assert time.perf_counter() - start < 0.2, (key, hostile[:10])
