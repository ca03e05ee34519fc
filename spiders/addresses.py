"""Addresses compared: what belongs to a site, what is a file, what a viewer hides.

Which spellings of an address are one resource is :func:`archive.urls.url_key`'s rule.
"""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from archive.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Iterable

FILES = (
    "pdf", "doc", "docx", "wps", "rtf", "odt", "ofd", "xls", "xlsx", "et", "ods", "ceb",
    "zip", "rar", "7z", "ppt", "pptx", "txt", "csv",
)  # fmt: skip
"""Extensions of files that can hold a report or its tables."""
IMAGES = ("jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp")

_SUFFIXES = frozenset({"gov.cn", "cn", "com.cn", "org.cn", "net.cn"})
"""Names below which everybody's sites lie; ``www.gov.cn`` is a portal and no owner of all others."""
_BREAKS = re.compile(r"[\t\r\n]")
_NAMED = re.compile(r"(?:file_?name|showname|filename|fText|file)=([^&#]+)", re.IGNORECASE)
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{2,4})$")
_FILE_NAME = re.compile(rf"\.(?:{'|'.join(FILES)})[)）\]】。]?$", re.IGNORECASE)
_PAGE = re.compile(r"(?:\.(?:s?html?|xhtml)|/)$", re.IGNORECASE)
_ENDPOINT = re.compile(
    r"/(?:downfile|downloadfile|document/download(?:-fre)?|attachment_down|(?:download|showfile)\.(?:jsp|do|aspx?|php))"
    r"(?:\.jsp|\.do|\.aspx?|\.php)?$",
    re.IGNORECASE,
)


def absolute(base: str, href: str) -> str | None:
    """``href`` seen from ``base``, without its fragment; None for what is no web address."""
    try:
        url = urljoin(base, _BREAKS.sub("", href.strip())).partition("#")[0]
        parts = urlsplit(url)
        if parts.netloc == urlsplit(base).netloc and parts.scheme in {"http", "https"}:
            return url
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
            return None
    except ValueError:
        return None
    return url


def site_of(url: str) -> str:
    """The host without ``www.``, with the port where it is not the scheme's own."""
    return host_of(url).removeprefix("www.")


def same_site(url: str, other: str) -> bool:
    """Whether two addresses lie on one host, with and without ``www.`` alike."""
    return urlsplit(url).netloc == urlsplit(other).netloc or site_of(url) == site_of(other)


def belongs(url: str, home: str, more: Iterable[str] = ()) -> bool:
    """Whether ``url`` lies on the site of ``home``: its host, a host below it, or one of the globs ``more``.

    A department's site is not its province's: ``www.nx.gov.cn`` does not belong to ``dofcom.nx.gov.cn``.
    """
    site, own = site_of(url), site_of(home)
    host = site.partition(":")[0]
    below = site.endswith("." + own) and own not in _SUFFIXES
    return site == own or below or any(fnmatch(host, glob.removeprefix("www.")) for glob in more)


def extension(url: str) -> str | None:
    """The extension an address shows: in a query that names a file, else in its path."""
    parts = urlsplit(url)
    names = [unquote(found).rpartition("/")[2] for found in _NAMED.findall(parts.query)]
    names.append(parts.path.rpartition("/")[2])
    for name in names:
        if found := _EXTENSION.search(name):
            return found[1].lower()
    return None


def is_file(url: str) -> bool:
    """Whether an address leads to a file: by its extension, or by a download endpoint a family is known for."""
    return extension(url) in FILES or bool(_ENDPOINT.search(urlsplit(url).path))


def names_file(text: str) -> bool:
    """Whether a link's words end in a file's name: ``点击下载：2023年报.docx``."""
    return bool(_FILE_NAME.search(text))


def has_page(url: str) -> bool:
    """Whether an address is a page's by its path: a directory's, or one that ends in ``.html`` or the like."""
    parts = urlsplit(url)
    return bool(_PAGE.search(parts.path)) and not (parts.query and parts.path.endswith("/"))


def unwrapped(url: str) -> str:
    """The file behind a viewer: ``/pdfjs/web/viewer.html?file=%2Fa.pdf`` is ``/a.pdf`` (field guide, E4)."""
    parts = urlsplit(url)
    if "viewer" not in parts.path.lower():
        return url
    inside = dict(parse_qsl(parts.query)).get("file")
    return (absolute(url, inside) or url) if inside else url


def folder(url: str) -> str:
    """The directory of an address's path, with its slash."""
    return urlsplit(url).path.rpartition("/")[0] + "/"
