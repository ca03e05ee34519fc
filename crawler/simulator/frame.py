"""The parts every page of a simulated portal shares: national meta tags, menus, footer, and noise.

The meta tags follow 政府网站发展指引 (国办发〔2017〕47号).  The noise changes at every load, as on real pages:
a visit counter, today's date, a generated-at stamp, a random token, a rotating list of links.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Load:
    """One loading of a page: when (Beijing time) and the how-manieth of all."""

    now: datetime
    serial: int


@dataclass(frozen=True, slots=True)
class Identity:
    """What a site says of itself on every page."""

    name: str
    domain: str
    code: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be framed: its metadata, its menu and its middle."""

    title: str
    middle: str
    column: str = ""
    column_type: str = ""
    article: tuple[tuple[str, str], ...] = ()
    crumbs: tuple[tuple[str, str], ...] = ()
    up: str = "./"
    """The relative way to the site's root."""
    head: str = ""
    """What the system itself puts into the page's head."""


def meta(pairs: Iterable[tuple[str, str]]) -> str:
    """``<meta name content>`` tags."""
    return "\n".join(f'<meta name="{name}" content="{html.escape(text, quote=True)}"/>' for name, text in pairs)


def framed(page: Page, site: Identity, load: Load, menu: str, related: Iterable[tuple[str, str]]) -> str:
    """A whole page."""
    tags = meta(
        [
            ("SiteName", site.name),
            ("SiteDomain", site.domain),
            ("SiteIDCode", site.code),
            *([("ColumnName", page.column), ("ColumnType", page.column_type)] if page.column else []),
            *page.article,
        ]
    )
    stamp = f"{load.now + timedelta(seconds=load.serial % 3600):%Y-%m-%d %H:%M:%S}"
    return (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
        '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
        '<html xmlns="http://www.w3.org/1999/xhtml"><head>\n'
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>\n'
        f"<title>{html.escape(page.title)}</title>\n{tags}\n"
        f'<meta name="others" content="页面生成时间 {stamp}"/>\n'
        f'<script type="text/javascript">var viewToken="{load.serial * 2654435761 % 2**32:08x}";</script>\n'
        f'<link href="{page.up}images/gl.css" type="text/css" rel="stylesheet"/></head>\n<body>\n'
        f"{_header(page.up, load)}\n{menu}\n{_crumbs(page.crumbs)}\n{page.middle}\n"
        f"{_related(related, load)}\n{_footer(site, page.up, load)}\n</body></html>"
    )


def modern(page: Page, site: Identity, load: Load, menu: str, related: Iterable[tuple[str, str]]) -> str:
    """A whole page of the systems after 2015, with all tags of the national rule and the same noise."""
    column = [("ColumnName", page.column), ("ColumnDescription", f"{site.name}{page.column}栏目")]
    column += [("ColumnKeywords", f"{page.column}，{site.name}"), ("ColumnType", page.column_type)]
    tags = meta([("SiteName", site.name), ("SiteDomain", site.domain), ("SiteIDCode", site.code)])
    more = meta([*(column if page.column else []), *page.article])
    stamp = f"{load.now + timedelta(seconds=load.serial % 3600):%Y-%m-%d %H:%M:%S}"
    today = f"今天是{load.now.year}年{load.now.month}月{load.now.day}日 星期{WEEKDAYS[load.now.weekday()]}"
    crumbs = "&gt;".join(f'<a href="{href}">{name}</a>' for name, href in page.crumbs)
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(page.title)}</title>\n{tags}\n{more}\n"
        f'<meta name="others" content="页面生成时间 {stamp}"/>\n{page.head}\n'
        f'<script>var viewToken="{load.serial * 2654435761 % 2**32:08x}";</script>\n</head>\n<body>\n'
        f'<div class="header"><div class="today">{today}</div><h1 class="logo">{site.name}</h1></div>\n{menu}\n'
        f'<div class="position">当前位置：{crumbs}</div>\n<div class="wrap">{page.middle}</div>\n'
        f"{_related(related, load)}\n{_footer(site, page.up, load)}\n</body></html>"
    )


def _header(up: str, load: Load) -> str:
    """The banner, which is itself a ``TRS_Editor`` on older sites, and today's date."""
    today = f"今天是{load.now.year}年{load.now.month}月{load.now.day}日 星期{WEEKDAYS[load.now.weekday()]}"
    return (
        '<div class="TRS_Editor"><embed width="1014" height="282" src="'
        f'{up}images/W020190119606990532110.swf" type="application/x-shockwave-flash" '
        'oldsrc="W020190119606990532110.swf"></div>\n'
        f'<div class="today">{today}</div>\n<!--<a href="{up}old/xxgknb/">政府信息公开年报</a>-->'
    )


def _crumbs(crumbs: tuple[tuple[str, str], ...]) -> str:
    if not crumbs:
        return ""
    links = "&nbsp;&gt;&gt;&nbsp;".join(
        f'<a href="{href}" title="{name}" class="CurrChnlCls">{name}</a>' for name, href in crumbs
    )
    return f'<div class="pos">您现在的位置是：{links}</div>'


def _related(links: Iterable[tuple[str, str]], load: Load) -> str:
    rows = list(links)
    turn = load.serial % len(rows) if rows else 0
    items = "".join(f'<li><a href="{href}">{html.escape(text)}</a></li>' for text, href in rows[turn:] + rows[:turn])
    return f'<div class="xgxx"><h3>相关链接</h3><ul>{items}</ul></div>' if rows else ""


def _footer(site: Identity, up: str, load: Load) -> str:
    return (
        f'<div class="footer">主办：{site.name}　<a href="{up}wzdt/">网站地图</a>　网站标识码：{site.code}　'
        f'您是第<span id="counter">{100_000 + load.serial}</span>位访问者'
        f'<script id="_jiucuo_" sitecode="{site.code}" src="http://pucha.gov.test/exposure/jiucuo.js"></script></div>'
    )
