"""URL keys: spellings of one resource agree, different resources never do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.urls import host_of, url_key


@pytest.mark.parametrize(
    "twin",
    [
        "https://www.x.gov.cn/a/",
        "http://x.gov.cn:80/a/index.html",
        "https://x.gov.cn:443/a/index.shtml",
        "http://WWW.X.gov.cn/a/#top",
        "http://www.x.gov.cn//a/",
        "http://www.x.gov.cn/a/;jsessionid=ABC",
        "http://www.x.gov.cn/a/?_=0.42&spm=1",
    ],
)
def test_twins_of_an_address_have_one_key(twin: str) -> None:
    assert url_key(twin) == url_key("http://www.x.gov.cn/a/")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://x.gov.cn/?gk=1", "http://x.gov.cn/?gk=2"),
        ("http://x.gov.cn/a", "http://x.gov.cn/b"),
        ("http://x.gov.cn:8080/", "http://x.gov.cn/"),
        ("http://a.gov.cn/", "http://b.gov.cn/"),
        ("http://x.gov.cn/a/index_1.html", "http://x.gov.cn/a/index.html"),
    ],
)
def test_different_resources_have_different_keys(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


def test_the_order_of_a_query_does_not_count() -> None:
    assert url_key("http://x.gov.cn/?a=1&b=2") == url_key("http://x.gov.cn/?b=2&a=1")


@given(st.text(max_size=60))
def test_a_key_can_be_made_of_anything(text: str) -> None:
    assert isinstance(url_key(f"http://x.gov.cn/{text}"), str)


@given(st.from_regex(r"/[a-z0-9/_.-]{0,30}", fullmatch=True))
def test_a_key_is_stable_under_being_keyed_again(path: str) -> None:
    once = url_key(f"http://x.gov.cn{path}")
    assert url_key(f"http://{once}") == once


def test_a_host_keeps_a_port_that_is_not_its_scheme_s() -> None:
    assert host_of("http://x.gov.cn:8080/a") == "x.gov.cn:8080"
    assert host_of("https://x.gov.cn:443/a") == "x.gov.cn"


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("http://www.a.gov.cn/x.html?sid=9f3a02c1d4", True),
        ("http://www.a.gov.cn/x.html?token=ab12cd34ef56", True),
        ("http://www.a.gov.cn/x.html?sid=12", False),
        ("http://www.a.gov.cn/x.html?sid=755001", False),
        ("http://www.a.gov.cn/x.html?token=zhengwu", False),
    ],
)
def test_a_session_s_random_id_is_no_part_of_an_address(url, same) -> None:
    """A number, or a word, may be a section's; what is drawn by lot is a session's (field guide, C4)."""
    assert (url_key(url) == url_key("http://www.a.gov.cn/x.html")) is same
