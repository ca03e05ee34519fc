"""What tests of the simulator share: a plain client and a reader of tables that knows nothing of ours."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from lxml import html


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body, whatever the status."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def head(url: str) -> tuple[int, dict[str, str]]:
    """A HEAD request's status and headers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
    try:
        connection.request("HEAD", parts.path)
        answer = connection.getresponse()
        answer.read()
        return answer.status, dict(answer.headers)
    finally:
        connection.close()


def tree(body: bytes):
    """A parsed page, decoded as a careful reader does: UTF-8 if it is, else GB18030."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("gb18030")
    return html.fromstring(text)


def figures(body: bytes) -> list[str]:
    """The text of every cell of a page's innermost tables, in order."""
    cells = tree(body).xpath("//td[not(.//table)][ancestor::table[1][not(@class='bor')]]")
    return ["".join(cell.itertext()).replace("\xa0", "").strip() for cell in cells]
