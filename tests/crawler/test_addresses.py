"""Guard's rules: only http(s), only allowed hosts, only public addresses, however they are spelled."""

from __future__ import annotations

import pytest

from crawler.addresses import host_allowed, is_public, literal_address, refusal

GLOBS = (
    "*.gov.cn",
    "127.*",
    "[*",
    "localhost",
    "10.*",
    "2130706433",
    "0x7f*",
    "0177*",
    "169.*",
    "100.*",
    "192.*",
    "172.*",
    "0.*",
)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fc00::1",
        "fe80::1", "fe80::1%eth0", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "::", "no address",
    ],
)  # fmt: skip
def test_a_private_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["203.119.1.1", "8.8.8.8", "2400:3200::1", "64:ff9b::808:808"])
def test_a_public_address_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/", "http://0177.0.0.1/",
        "http://169.254.169.254/latest/meta-data", "http://100.64.0.1/", "http://192.168.0.1/", "http://10.0.0.1:8080/",
        "http://172.31.255.255/", "http://0.0.0.0/",
    ],
)  # fmt: skip
def test_no_spelling_of_a_private_address_is_asked(url: str) -> None:
    assert refusal(url, GLOBS, allow_private=False) == "private-address"
    assert refusal(url, GLOBS, allow_private=True) in (None, "off-host")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://www.x.gov.cn/a", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("data:text/html,x", "scheme"),
        ("http://user@www.x.gov.cn/", "malformed"),
        ("http://www.x.gov.cn\\@evil.com/", "malformed"),
        ("http://evil.com\t.gov.cn/", "malformed"),
        ("http://www．x．gov．cn/", "malformed"),
        ("http://[::1/", "malformed"),
        ("http://www.x.gov.cn:99999/", "malformed"),
        ("http://evil.com/", "off-host"),
        ("http://www.x.gov.cn.evil.com/", "off-host"),
        ("http://evilgov.cn/", "off-host"),
        ("http://www.x.gov.cn/" + "a" * 3000, "trap"),
        ("http://www.x.gov.cn" + "/a" * 5 + "/b", "trap"),
        ("http://www.x.gov.cn/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", "trap"),
        ("http://www.x.gov.cn/zwgk/nb/202401/t20240101_1.html", None),
        ("https://x.gov.cn/", None),
    ],
)
def test_what_is_refused_and_why(url: str, reason: str | None) -> None:
    assert refusal(url, ("*.gov.cn",), allow_private=False) == reason


def test_a_glob_may_name_a_port() -> None:
    assert host_allowed("127.0.0.1:8000", ["127.0.0.1:8000"])
    assert not host_allowed("127.0.0.1:9000", ["127.0.0.1:8000"])
    assert host_allowed("127.0.0.1:9000", ["127.0.0.1"])


def test_a_real_name_is_no_literal() -> None:
    assert literal_address("www.12345.gov.cn") is None
    assert literal_address("999999999999") == "0.0.0.0"
