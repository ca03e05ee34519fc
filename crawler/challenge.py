"""What an answer really is: a page, a block, a soft 404, a failure.  Pure rules over status, headers and body.

Signatures: field guide section 4 (A1 Ruishu, A2 Jiasule, A3 cookie shell, A4 EdgeOne, A6 shells, A8 WAF answers,
D1 soft 404), each seen on a named portal.  A block is recorded and the host left alone; nothing is solved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

Verdict = Literal["fetched", "redirected", "gone", "failed", "blocked", "refused", "retry", "throttled"]

_SHELL = 4096
_RUISHU = re.compile(rb"\$_ts\b|_\$[a-zA-Z]{2}\s*=")
_JSL = re.compile(
    rb"__jsl|__jsluid|go\(\{.{0,400}(?:md5|sha1|sha256)|document\.cookie\s*=.{0,2000}location\.href\s*=\s*location\.pathname",
    re.DOTALL,
)
_COOKIE_SHELL = re.compile(
    rb"C3VK|document\.cookie\s*=.{0,600}(?:location\.(?:reload|href|replace)|window\.location)", re.DOTALL
)
_EDGEONE = re.compile(rb"WTKkN|__tst_status|EO_Bot_Ssid")
_CAPTCHA = re.compile(
    "验证码|滑动验证|安全验证|访问过于频繁|请完成验证|captcha|verify you are human".encode() + rb"|geetest",
    re.IGNORECASE,
)
_ENABLE_JS = re.compile("(?:please )?enable javascript|启用\\s*javascript|开启\\s*javascript".encode(), re.IGNORECASE)
_LOGIN = re.compile(b"<input[^>]+type=[\"']?password", re.IGNORECASE)
_GONE = re.compile(
    "(?:您|你)?(?:访问|查看|请求|浏览)的(?:页面|网页|内容|信息|文章|资源)[^<]{0,12}(?:不存在|已被?删除|已下线|未找到|找不到)"
    "|(?:页面|网页|文章|信息|内容)(?:不存在|未找到|找不到了?|已被?删除|已失效|已撤稿|已下线)|404\\s*(?:not found|错误|页面)|page not found"
    "|抱歉[,，]?[^<]{0,20}(?:不存在|找不到|已删除)",
    re.IGNORECASE,
)
_UNSEEN = (
    (b"<script", b"</script"),
    (b"<style", b"</style"),
    (b"<head>", b"</head"),
    (b"<head ", b"</head"),
    (b"<!--", b"-->"),
)
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on an answer, the reason to record, and for a redirect where it leads."""

    verdict: Verdict
    reason: str | None = None
    location: str | None = None
    retry_after: int | None = None
    """Seconds a throttled answer asks for; None where it names none."""


def classify(
    url: str, status: int, headers: Mapping[str, str], body: bytes, *, home: str | None = None, document: bool = False
) -> Answer:
    """Judge an answer.  ``document``: the request was for a report's page, so a redirect home means it is gone.

    ``headers`` have lower-case names.
    """
    if status in (301, 302, 303, 307, 308) and headers.get("location"):
        return _redirect(url, headers["location"], home, document=document)
    if status == 405 and headers.get("allow"):  # RFC 9110, 15.5.6: the server's own word; a firewall's lacks it
        return Answer("failed", "405: this method is not allowed")
    block = blocked_kind(status, body)
    if block:
        return Answer("blocked", block)
    if status in (404, 410):
        return Answer("gone", str(status))
    if status in (429, 503) and headers.get("retry-after", "").strip().isdigit():
        return Answer("throttled", str(status), retry_after=int(headers["retry-after"]))
    if status == 429:
        return Answer("throttled", "429")
    if status >= 500 or status in (408, 425):
        return Answer("retry", f"status {status}")
    if status == 304 or 200 <= status < 300:
        return _content(status, headers, body)
    return Answer("failed", f"status {status}")


def _redirect(url: str, location: str, home: str | None, *, document: bool) -> Answer:
    target = urljoin(url, location.strip())
    if document and home and _same_page(target, home) and not _same_page(url, home):
        return Answer("gone", "soft-404: redirected to the home page")
    return Answer("redirected", None, location=target)


def _same_page(left: str, right: str) -> bool:
    a, b = urlsplit(left), urlsplit(right)
    strip = re.compile(r"/(?:index\.\w+)?$")
    return a.hostname == b.hostname and strip.sub("", a.path) == strip.sub("", b.path) and a.query == b.query


def blocked_kind(status: int, body: bytes) -> str | None:
    """The kind of block an answer is, or None."""
    head = body[:65536]
    if status in (412, 202, 400) and _RUISHU.search(head):
        return "ruishu"
    if status in (412, 405, 406):
        return str(status)
    if status in (521, 512):
        return "jsl"
    if status in (401, 403, 407, 451):
        return str(status)
    if status == 200 and len(body) < _SHELL:
        return _shell_kind(body)
    return None


def _shell_kind(body: bytes) -> str | None:
    for kind, pattern in (
        ("ruishu", _RUISHU),
        ("jsl", _JSL),
        ("edgeone", _EDGEONE),
        ("cookie_shell", _COOKIE_SHELL),
        ("captcha", _CAPTCHA),
        ("enable-javascript", _ENABLE_JS),
    ):
        if pattern.search(body):
            return kind
    return None


def _content(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    if status == 304:
        return Answer("fetched")
    if status == 206:
        return Answer("failed", "a part that was not asked for (206)")
    if not body:
        return Answer("failed", "empty")
    kind = headers.get("content-type", "").lower()
    if body[:5] == b"%PDF-" or body[:2] == b"PK" or not (kind == "" or "html" in kind or "text" in kind):
        return Answer("fetched")
    return _page(body)


def _page(body: bytes) -> Answer:
    if b"\x00" in body[:4096]:
        return Answer("fetched")
    text = _visible(body) if len(body) < 65536 else ""
    titles = _TITLE.search(body[:8192])
    title = _decode(titles.group(1)) if titles else ""
    if len(text) < 600 and (_GONE.search(text) or _GONE.search(title) or title.strip().startswith("404")):
        return Answer("gone", "soft-404: the page says so")
    if len(body) < _SHELL and not text.strip() and b"<frame" not in body.lower() and b"http-equiv" not in body.lower():
        if b"<script" in body.lower() and b"location" in body:
            return Answer("fetched")
        return Answer("failed", "empty_shell")
    if len(text) < 300 and _LOGIN.search(body):
        return Answer("blocked", "login")
    return Answer("fetched")


def _visible(body: bytes) -> str:
    """The text between tags, without scripts, styles and head; one pass, whatever is left unclosed."""
    low, at, seen = body.lower(), 0, []
    while at < len(body):
        opening = low.find(b"<", at)
        if opening < 0:
            seen.append(body[at:])
            break
        seen.append(body[at:opening])
        end = next((end for start, end in _UNSEEN if low.startswith(start, opening)), None)
        closing = low.find(end, opening) if end else opening
        closing = low.find(b">", closing) if closing >= 0 else -1
        at = closing + 1 if closing >= 0 else len(body)
    return re.sub(r"\s+", " ", _decode(b" ".join(seen)))


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
