"""Hosts that do not answer a program (field guide, 4, A1 to A8): what they say, and how often they may be asked.

A wall says the same whatever is asked, but for robots.txt (404): ``wall-412`` Ruishu, ``wall-521`` jsl, ``wall-c3vk`` a
shell that sets a cookie and reloads, ``wall-edge`` an edge network's script, ``wall-slider`` a page with a slider
(200), ``wall-captcha`` one that wants the characters of an image (200).  Behind each stands a whole portal; the truth names
its reports as hidden, and allows one request.
``wall-405``: an ordinary portal that answers 405 to everything after its twentieth page: what was read before counts,
one request more than twenty may be made.
``wall-ct6t``: a redirect to itself that sets ``CT6T``; with an ordinary cookie jar one gets everything.

Traps: the shells answer 200; ``wall-ct6t`` looks like a loop, and a filter of duplicates that drops its second
request never sees a page.
Volatile: ``CT6TS`` changes with every answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.simulator.answers import CHALLENGES, Answer
from crawler.simulator.plain import Plain
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

PAGES = 20
"""How many pages ``wall-405`` gives."""

_SLIDER = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>安全验证</title></head><body><div class="slide-verify">'
    "<p>为了保障您的访问安全，请拖动滑块完成验证</p><div id='nwaf-slider' data-token='0f3c'></div></div>"
    '<script src="/NWAF/slider.js"></script></body></html>'
)
_CAPTCHA = (
    '<html><head><meta charset="utf-8"><title>请输入验证码</title></head><body><form action="/system/resource/code/check.jsp">'
    '<p>访问过于频繁，请输入图片中的验证码后继续访问</p><img src="/system/resource/code/image.jsp"/>'
    '<input type="text" name="codeValue"/><input type="submit" value="提交"/></form></body></html>'
)
WALLS: dict[str, Callable[[], Answer]] = {
    "wall-412": CHALLENGES["412"],
    "wall-521": CHALLENGES["521"],
    "wall-c3vk": CHALLENGES["cookie-shell"],
    "wall-edge": CHALLENGES["edgeone"],
    "wall-slider": lambda: Answer.page(_SLIDER),
    "wall-captcha": lambda: Answer.page(_CAPTCHA),
}
"""What each wall says."""


class Walled(Plain):
    """A portal that nobody sees."""

    def __init__(self, said: Callable[[], Answer], rng: random.Random, domain: str, last: int) -> None:
        self.said = said
        super().__init__(rng, domain, last)

    def answer(self, _request: Request, _load: Load) -> Answer:
        """The wall."""
        return self.said()


class Tired(Plain):
    """A portal that gives so many pages and no more."""

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        self.given = 0
        super().__init__(rng, domain, last)

    def answer(self, request: Request, load: Load) -> Answer:
        """405 after the last page."""
        self.given += 1
        return super().answer(request, load) if self.given <= PAGES else CHALLENGES["405"]()


class Cookies(Plain):
    """A portal for those who keep cookies."""

    def answer(self, request: Request, load: Load) -> Answer:
        """A redirect to the same address until the cookie comes back."""
        if "CT6T=" in request.header("Cookie"):
            return super().answer(request, load)
        cookies = (("Set-Cookie", "CT6T=7f3a; path=/"), ("Set-Cookie", f"CT6TS={load.serial:06x}; path=/"))
        return Answer(302, (("Location", request.target), *cookies), b"")


def _wall(said: Callable[[], Answer]) -> Host:
    build = lambda rng, domain, last: Walled(said, rng, domain, last)  # noqa: E731
    return Host(build, robots="", robots_status=404, most=1, closed=True)


PECULIAR = {name: _wall(said) for name, said in WALLS.items()} | {
    "wall-405": Host(Tired, most=PAGES + 1),
    "wall-ct6t": Host(Cookies),
}
