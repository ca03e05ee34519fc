"""What a server says: answers, the pages of errors, and the bodies of challenges as they were seen.

The challenges are the field guide's: A1 412 with ``$_ts``, A2 521 that sets a cookie by script, A3 a shell
of 380 bytes that reloads, A4 a script of an edge network, A6 a stub of 1,166 bytes.  They hold the
signatures and no working code.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Headers = tuple[tuple[str, str], ...]
HTML = (("Content-Type", "text/html; charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response before it is sent."""

    status: int
    headers: Headers
    body: bytes
    tagged: bool = False
    """Whether an ETag is sent and conditional requests are honoured."""

    @classmethod
    def page(cls, text: str, status: int = 200, encoding: str = "utf-8") -> Answer:
        """An HTML page, labelled UTF-8 whatever its bytes are."""
        return cls(status, HTML, text.encode(encoding))

    @property
    def etag(self) -> str:
        """A tag of the body."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


def status_page(status: int, more: Headers = ()) -> Answer:
    """The bare page a server gives for an error."""
    reason = {404: "Not Found", 410: "Gone", 403: "Forbidden", 500: "Internal Server Error"}.get(status, "Error")
    text = f"<html><head><title>{status} {reason}</title></head><body><center><h1>{status} {reason}</h1></center><hr><center>nginx</center></body></html>"
    return Answer(status, (*HTML, *more), text.encode())


def robots(text: str, status: int = 200) -> Answer:
    """A robots.txt; a page of HTML in its place is labelled as one."""
    return Answer(status, HTML if text.startswith("<") else (("Content-Type", "text/plain"),), text.encode())


def soft_404() -> Answer:
    """A page that is not there, said with status 200."""
    return Answer.page(
        "<html><head><title>页面不存在</title></head><body><div class='err'>"
        "<p>您访问的页面不存在或已删除！</p><p><a href='/'>返回首页</a></p></div></body></html>"
    )


def empty() -> Answer:
    """Status 200 and nothing."""
    return Answer(200, HTML, b"")


def garbage() -> Answer:
    """Bytes that are no page at all under an HTML label."""
    noise = b"".join(hashlib.sha256(bytes([index])).digest() for index in range(64))
    return Answer(200, HTML, noise)


_RUISHU = (
    '<!DOCTYPE html><html><head><meta id="9DhefwqGPrzGxEp9hPaoag" content="">'
    "<script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=92817;$_ts.cd=\"q\";</script>"
    '<script src="/4QbVtADbnLVIc/d.FxJzG50F.js" r="m"></script></head><body></body></html>'
)
_JSL = "<script>document.cookie='__jsl_clearance_s=1700000000.1|-1|x;max-age=3600;path=/';location.href=location.pathname+location.search</script>"
_EDGE = "<!DOCTYPE html><html><head><script>var WTKkN=1;document.cookie='EO_Bot_Ssid=0;path=/';document.cookie='__tst_status=0#;path=/';location.reload();</script></head><body></body></html>"
_LOGIN = "<html><head><title>统一身份认证</title></head><body><form action='/login'><input name='username'/><input type='password' name='password'/><button>登录</button></form></body></html>"


def _shell() -> Answer:
    text = "<html><body><script>document.cookie='C3VK=0a1b2c;max-age=300;path=/';window.location.reload();</script>"
    return Answer(200, (*HTML, ("Set-Cookie", "C3VK=0a1b2c; max-age=300; path=/")), text.ljust(380).encode())


def _stub() -> Answer:
    return Answer.page(f"<html><body><script>/*{'x' * 1110}*/</script></body></html>".ljust(1166))


CHALLENGES: dict[str, Callable[[], Answer]] = {
    "403": lambda: status_page(403),
    "405": lambda: status_page(405),
    "412": lambda: Answer(412, (*HTML, ("Set-Cookie", "http-sid=1; path=/")), _RUISHU.encode()),
    "512": lambda: Answer(512, HTML, _JSL.encode()),
    "521": lambda: Answer(521, (*HTML, ("Set-Cookie", "__jsluid_h=1; path=/")), _JSL.encode()),
    "cookie-shell": _shell,
    "edgeone": lambda: Answer.page(_EDGE),
    "stub": _stub,
    "login": lambda: Answer.page(_LOGIN),
    "429": lambda: status_page(429, (("Retry-After", "2"),)),
    "503": lambda: status_page(503, (("Retry-After", "2"),)),
    "500": lambda: status_page(500),
    "502": lambda: status_page(502),
    "404": lambda: status_page(404),
    "410": lambda: status_page(410),
    "soft-404": soft_404,
    "empty": empty,
    "garbage": garbage,
}
"""What a broken address can answer, by name."""
