"""Hosts whose subject is robots.txt (field guide, 4, B1; RFC 9309): four small portals of static pages.

``robots-all``: ``Disallow: /``: nothing may be asked.  ``robots-503``: the file answers 503, so that nothing may be
asked for now.  ``robots-403``: it answers 403, so that permission cannot be established and nothing is asked.
``robots-html``: a page of HTML with 200 in its place, as if there were none: everything may be asked.
The portals behind are whole, and a client that asks will get what it asks for.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
"""

from __future__ import annotations

from crawler.simulator.plain import Plain
from crawler.simulator.site import Host

PAGE = (
    '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>门户网站</title></head>'
    '<body><p>您访问的页面不存在，<a href="/">返回首页</a></p><p>User-agent: * Disallow: /</p></body></html>'
)
HOSTS = {"robots-html": Host(Plain, robots=PAGE)}
PECULIAR = {
    "robots-all": Host(Plain, robots="User-agent: *\nDisallow: /\n", most=0, closed=True),
    "robots-503": Host(Plain, robots="", robots_status=503, most=0, closed=True),
    "robots-403": Host(
        Plain, robots="<html><body><h1>403 Forbidden</h1></body></html>", robots_status=403, most=0, closed=True
    ),
}
