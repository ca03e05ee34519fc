"""A portal of any system but static TRS: columns, articles and files, found by the addresses the system gives.

A system is a subclass that says where things stand (:meth:`Portal.paths`, :meth:`Portal.page_path`,
:meth:`Portal.file_path`), how a column shows its rows (:meth:`Portal.listing`), how an article looks
(:meth:`Portal.article`) and what its interfaces answer (:meth:`Portal.service`).  Everything else (menus,
national tags, footer, noise, withdrawn articles) is shared.
"""

from __future__ import annotations

import hashlib
import html
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from crawler.simulator import articles, files, frame, names, stock
from crawler.simulator.answers import Answer, soft_404, status_page
from crawler.simulator.frame import Identity, Load, Page

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping

    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.request import Request


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a portal: its path (with a query where the system needs one) and how it is named."""

    key: str
    path: str
    name: str
    kind: str = ""
    """Its ColumnType, if not its name."""
    text: str = ""
    rows: bool = False
    """Whether it lists articles."""


COLUMNS = (
    ("root", "首页", ""),
    ("open", "政务公开", ""),
    ("section", "政府信息公开", ""),
    ("guide", "政府信息公开指南", "信息公开指南"),
    ("rules", "政府信息公开制度", "信息公开制度"),
    ("statutory", "法定主动公开内容", "信息公开目录"),
    ("own", "政府信息公开年报", "信息公开年报"),
    ("others", "市县和所属单位年报", "信息公开年报"),
    ("apply", "依申请公开", "依申请公开"),
    ("website", "政府网站工作年度报表", ""),
    ("news", "新闻动态", "工作动态"),
    ("service", "办事服务", ""),
    ("ask", "互动交流", ""),
    ("map", "网站地图", ""),
)
"""Every portal's columns: key, name, ColumnType (the last where it is not the name)."""
TOP = ("root", "open", "news", "service", "ask")
LEFT = ("section", "guide", "rules", "statutory", "own", "apply", "website")
LISTING = ("own", "others", "news")


class Portal(ABC):
    """One portal; a subclass is one system."""

    layout = 0

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        self.who = names.cast(rng, last)
        self.identity = Identity(self.who.site, domain, self.who.code)
        self.columns = self._columns(self.paths(rng))
        own, others, news = (self.columns[key].path for key in LISTING)
        self.clerk = stock.Clerk(rng, own, others, news, rng.randint(80_000, 4_000_000))
        entered = [*stock.reports(self.clerk, self.who), *stock.look_alikes(self.clerk, self.who)]
        entered += stock.news(self.clerk, self.who)
        self.documents = {document.id: self.place(document) for document in entered}

    def _columns(self, paths: Mapping[str, str]) -> dict[str, Column]:
        texts = {
            "root": f'<p class="intro">{self.who.site}门户网站，提供政务公开、办事服务和互动交流。</p>',
            "open": f'<p><a href="{paths["section"]}">政府信息公开</a></p>',
            "map": f'<p><a href="{paths["own"]}">年报</a> <a href="{paths["service"]}">办事服务</a></p>',
        }
        return {
            key: Column(key, paths[key], name, kind, texts.get(key, f"<p>{name}。</p>"), key in LISTING)
            for key, name, kind in COLUMNS
        }

    # -------------------------------------------------------- what a system says

    @abstractmethod
    def paths(self, rng: random.Random) -> Mapping[str, str]:
        """The path of every column of :data:`COLUMNS`, by key."""

    @abstractmethod
    def page_path(self, document: Document, column: str) -> str:
        """The address of an article in the column at ``column`` (a path)."""

    @abstractmethod
    def file_path(self, document: Document, file: Attached) -> str:
        """The address by which a file is linked."""

    def file_paths(self, document: Document, file: Attached) -> tuple[str, ...]:
        """Every path of a file, the linked one first; a system that redirects adds where to."""
        return (self.file_path(document, file),)

    @abstractmethod
    def listing(self, column: Column, request: Request, load: Load) -> str:
        """The rows of a column as its page has them, with what its paging needs."""

    @abstractmethod
    def article(self, document: Document, load: Load) -> str:
        """The middle of an article's page."""

    def service(self, _request: Request, _load: Load) -> Answer | None:
        """What an interface of the system answers; None where the request is for a page or a file."""
        return None

    def head(self, _column: Column | None) -> str:
        """What the system puts into the head of a column's page, or of an article's (None)."""
        return ""

    def place(self, document: Document) -> Document:
        """An article as this portal enters it."""
        return document

    def counts(self) -> dict[str, int]:
        """The counts the portal prints, by column; none unless a system prints them."""
        return {}

    def unlisted(self) -> tuple[Document, ...]:
        """The reports no list gives; none unless a system hides them."""
        return ()

    # -------------------------------------------------------- addresses

    def annual(self) -> tuple[str, ...]:
        """The paths of the annual-report columns."""
        return self.columns["own"].path, self.columns["others"].path

    def page_paths(self, document: Document) -> tuple[str, ...]:
        """Every path an article stands at, the linked one first; for a row straight to a file, the file's."""
        if document.direct:
            return self.file_paths(document, document.attachments[0])
        return tuple(dict.fromkeys(self.page_path(document, column) for column in document.columns))

    def href(self, document: Document, column: str) -> str:
        """What a row of ``column`` links."""
        if document.elsewhere:
            return document.elsewhere
        return self.page_paths(document)[0] if document.direct else self.page_path(document, column)

    def rows(self, column: str) -> list[Document]:
        """What the column at a path lists, the newest first; withdrawn articles are taken out."""
        found = [d for d in self.documents.values() if column in d.columns and d.state == "live"]
        return sorted(found, key=lambda d: (d.listed, d.id), reverse=True)

    def picture_path(self, document: Document) -> str:
        """The address of an infographic's image."""
        return f"/images/{self.token(document, 'picture')}.jpg"

    def token(self, document: Document, salt: str = "") -> str:
        """32 hexadecimal digits that belong to an article on this host, as systems name things."""
        host = self.identity.domain.partition(":")[0]
        return hashlib.md5(f"{host}:{document.id}:{salt}".encode(), usedforsecurity=False).hexdigest()

    # -------------------------------------------------------- answers

    def answer(self, request: Request, load: Load) -> Answer:
        """What the portal says to a request: an interface, a column, an article, a file, or 404."""
        if found := self.service(request, load):
            return found
        if request.method == "POST":
            return status_page(405)
        for column in self.columns.values():
            index = column.path + "index.html" if column.path.endswith("/") else column.path
            if request.asks(column.path) or request.asks(index):
                return self.column(column, request, load)
        return self._entered(request, load) or status_page(404)

    def _entered(self, request: Request, load: Load) -> Answer | None:
        for document in sorted(self.documents.values(), key=lambda d: d.state != "live"):
            if document.elsewhere:
                continue
            file = next((f for f in document.attachments if request.asks(self.file_path(document, f))), None)
            page = file is None and any(request.asks(path) for path in self.page_paths(document))
            if document.image and request.asks(self.picture_path(document)):
                return files.picture()
            if file or page:
                return self.gone(document) or (
                    files.download(document, file) if file else self.page(document, request, load)
                )
        return None

    def gone(self, document: Document) -> Answer | None:
        """The answer for a withdrawn article and its files; None while it stands."""
        if document.state == "live":
            return None
        return soft_404() if document.state == "soft" else status_page(int(document.state))

    def column(self, column: Column, request: Request, load: Load) -> Answer:
        """A column's page."""
        shown = self.listing(column, request, load) if column.rows else ""
        tabs = self.tabs(column) if column.key in {"own", "others"} else ""
        left = self.left() if column.key in {*LEFT, "others"} else ""
        crumbs = (("首页", "/"), (column.name, column.path)) if column.key != "root" else ()
        page = Page(
            f"{column.name}_{self.identity.name}" if crumbs else self.identity.name,
            f'{left}<div class="right">{tabs}{"" if column.rows else column.text}{shown}</div>',
            "" if column.key == "root" else column.name,
            column.kind or column.name,
            (),
            crumbs,
            "/",
            self.head(column),
        )
        return Answer.page(self.framed(page, load))

    def page(self, document: Document, request: Request, load: Load) -> Answer:
        """An article's page; of the articles marked so the bytes are GBK under a UTF-8 label."""
        at = next((c for c in document.columns if request.asks(self.page_path(document, c))), document.columns[0])
        column = next((c for c in self.columns.values() if c.path == at), self.columns["own"])
        url = f"http://{self.identity.domain}{self.page_path(document, at)}"
        page = Page(
            f"{document.title}_{column.name}_{self.identity.name}",
            self.article(document, load),
            column.name,
            column.kind or column.name,
            self.tags(document, url),
            (("首页", "/"), (column.name, column.path)),
            "/",
            self.head(None),
        )
        return Answer.page(self.framed(page, load), encoding="gb18030" if document.gbk else "utf-8")

    def framed(self, page: Page, load: Load) -> str:
        """A page in the portal's frame."""
        related = [(d.title, self.page_paths(d)[0]) for d in self.documents.values() if d.columns[0] == self.clerk.news]
        return frame.modern(page, self.identity, load, self.top(), related)

    def tags(self, document: Document, url: str) -> tuple[tuple[str, str], ...]:
        """The national tags of an article."""
        return (
            ("ArticleTitle", document.title),
            ("PubDate", f"{document.published:%Y-%m-%d %H:%M}"),
            ("ContentSource", document.source),
            ("Keywords", ""),
            ("Author", ""),
            ("Description", ""),
            ("Url", url),
        )

    # -------------------------------------------------------- menus and bodies

    def top(self) -> str:
        """The menu on every page."""
        links = "".join(f'<li><a href="{self.columns[k].path}">{self.columns[k].name}</a></li>' for k in TOP)
        return f'<div class="nav"><ul>{links}<li><a href="/login.jsp">登录</a></li></ul></div>'

    def left(self) -> str:
        """The left menu of the section, one long entry broken by ``<br>``."""
        broken = "<em></em>政府信息<br>公开年报"
        links = "".join(
            f'<li><a href="{self.columns[k].path}">{broken if k == "own" else self.columns[k].name}</a></li>'
            for k in LEFT
        )
        return f'<div class="left"><ul>{links}</ul></div>'

    def tabs(self, column: Column) -> str:
        """The tabs between the owner's reports and the others'."""
        return "".join(
            f'<a class="{"tab on" if key == column.key else "tab"}" href="{self.columns[key].path}">{name}</a>'
            for key, name in (("own", "本机关"), ("others", self.columns["others"].name))
        )

    def substance(self, document: Document) -> str:
        """What an editor entered, as HTML, without its attachments."""
        image = f'<p style="text-align:center"><img src="{self.picture_path(document)}" alt=""/></p>'
        return articles.substance(document, image)

    def links(self, document: Document, template: str = '<p><a href="{href}">{name}</a></p>') -> str:
        """The attachments' links."""
        return "".join(
            template.format(href=html.escape(self.file_path(document, f)), name=html.escape(f.name))
            for f in document.attachments
        )


def cut(title: str, length: int = 24) -> str:
    """A title as a list shortens it."""
    return title if len(title) <= length else title[: length - 1] + "…"


def paged(rows: list[Document], number: int, size: int) -> list[Document]:
    """The rows of page ``number`` (from 1)."""
    return rows[(number - 1) * size : number * size] if number > 0 else []


def pages(count: int, size: int) -> int:
    """How many pages ``count`` rows fill; an empty column has one."""
    return max(1, -(-count // size))


def percent(text: str) -> str:
    """Text percent-encoded as UTF-8, everything."""
    return quote(text, safe="")


def record(pairs: Iterable[tuple[str, str]]) -> str:
    """An index card: a table of labels (with their spaces) and values before the report."""
    rows = "".join(f"<tr><td><b>{label}</b></td><td>{html.escape(value)}</td></tr>" for label, value in pairs)
    return f'<table class="xxgk_table"><tbody>{rows}</tbody></table>'
