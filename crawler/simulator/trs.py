"""A portal of the TRS WCM family: static pages, columns as directories, articles ``t{date}_{id}.html``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.simulator import articles, files, frame, listings, names, stock
from crawler.simulator.answers import Answer, soft_404, status_page
from crawler.simulator.frame import Identity, Load, Page

if TYPE_CHECKING:
    import random

    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.request import Request

ROWS_A_PAGE = {"table": 10, "list": 6}


@dataclass(frozen=True, slots=True)
class Column:
    """A directory of the portal and how it is shown."""

    path: str
    name: str
    kind: str = ""
    style: str = ""
    text: str = ""


@dataclass(slots=True)
class TrsSite:
    """One portal: who is on it, its columns, and every article by id."""

    who: names.Cast
    identity: Identity
    columns: dict[str, Column]
    clerk: stock.Clerk
    documents: dict[int, Document]
    layout: int
    own: Column = field(init=False)
    others: Column = field(init=False)

    def __post_init__(self) -> None:
        self.own = self.columns[self.clerk.own]
        self.others = self.columns[self.clerk.others]

    # -------------------------------------------------------- what answers where

    def answer(self, request: Request, load: Load) -> Answer:
        """What the portal says to a GET; the query counts for nothing."""
        if request.method == "POST":
            return status_page(405)
        path = request.path
        folder, _, name = path.rpartition("/")
        column = self.columns.get(folder + "/")
        if column and (name == "" or name.startswith("index")):
            return self._column(column, name or "index.html", load)
        for document in self.documents.values():
            for at in document.columns:
                if document.elsewhere or not path.startswith(document.directory(at)):
                    continue
                if found := self._article(document, at, path, load):
                    return found
        return status_page(404)

    def _article(self, document: Document, column: str, path: str, load: Load) -> Answer | None:
        if path == document.path(column) or path.startswith(document.directory(column)):
            file = next((f for f in document.attachments if path == document.directory(column) + f.file), None)
            if file is None and path != document.path(column):
                return _picture(document, path)
            if document.state != "live":
                return soft_404() if document.state == "soft" else status_page(int(document.state))
            return files.download(document, file) if file else self._page(document, column, load)
        return None

    def _page(self, document: Document, column: str, load: Load) -> Answer:
        up = "../" * (column.count("/") + 0)
        url = f"http://{self.identity.domain}{document.path(column)}"
        where = self.columns[column]
        page = Page(
            f"{document.title}_{where.name}_{self.identity.name}",
            articles.article(document, self.layout, load.serial),
            where.name,
            where.kind or where.name,
            articles.article_meta(document, url),
            (("首页", up), (where.name, "../")),
            up,
        )
        text = frame.framed(page, self.identity, load, self._top(up), self._related(up))
        return Answer.page(text, encoding="gb18030" if document.gbk else "utf-8")

    def _column(self, column: Column, name: str, load: Load) -> Answer:
        up = "../" * (column.path.count("/") - 1) or "./"
        number = _page_number(name)
        rows = self.rows(column) if column.style else []
        size = ROWS_A_PAGE.get(column.style, 1)
        pages = max(1, -(-len(rows) // size))
        if number is None or number >= pages:
            return Answer.page(listings.BEYOND) if column.style == "table" and number else status_page(404)
        middle = self._middle(column, rows[number * size : (number + 1) * size], number, pages, up)
        crumbs = (("首页", up), (column.name, "./")) if column.path != "/" else ()
        page = Page(f"{column.name}_{self.identity.name}", middle, column.name, column.kind, (), crumbs, up)
        return Answer.page(frame.framed(page, self.identity, load, self._top(up), self._related(up)))

    def _middle(self, column: Column, rows: list[Document], number: int, pages: int, up: str) -> str:
        left = self._left(up) if column.path not in {"/", self.columns["news"].path} else ""
        listing = listings.listing(rows, column.path, column.style, number, pages) if column.style else ""
        tabs = self._tabs(column) if column in (self.own, self.others) else ""
        return f'{left}<div class="con_right">{tabs}{column.text}{listing}</div>'

    def rows(self, column: Column) -> list[Document]:
        """What a column lists, the newest first; withdrawn articles are taken out, soft ones too."""
        found = [d for d in self.documents.values() if column.path in d.columns and d.state == "live"]
        return sorted(found, key=lambda d: (d.listed, d.id), reverse=True)

    # -------------------------------------------------------- addresses

    def annual(self) -> tuple[str, ...]:
        """The paths of the annual-report columns."""
        return self.own.path, self.others.path

    def page_paths(self, document: Document) -> tuple[str, ...]:
        """Every path an article stands at, its own first."""
        return tuple(document.path(column) for column in document.columns)

    def file_path(self, document: Document, file: Attached) -> str:
        """The path of a file of an article."""
        return document.directory(document.columns[0]) + file.file

    def file_paths(self, document: Document, file: Attached) -> tuple[str, ...]:
        """Beside the article in each of its columns."""
        return tuple(document.directory(column) + file.file for column in document.columns)

    def place(self, document: Document) -> Document:
        """An article as it is entered here."""
        return document

    def counts(self) -> dict[str, int]:
        """It prints no count of rows."""
        return {}

    def unlisted(self) -> tuple[Document, ...]:
        """Its lists are whole."""
        return ()

    # -------------------------------------------------------- menus

    def _top(self, up: str) -> str:
        entries = [self.columns[key] for key in ("root", "open", "news", "service", "ask")]
        links = "".join(f'<li><a href="{up}{entry.path[1:]}">{entry.name}</a></li>' for entry in entries)
        return f'<div class="nav"><ul>{links}<li><a href="{up}login.jsp">登录</a></li></ul></div>'

    def _left(self, up: str) -> str:
        keys = ("section", "guide", "rules", "statutory", "own", "apply", "website")
        links = "".join(
            f'<li><a href="{up}{self.columns[key].path[1:]}" target="_self">{_broken(self.columns[key].name)}</a></li>'
            for key in keys
        )
        return f'<div class="gl_left"><ul>{links}</ul></div>'

    def _tabs(self, column: Column) -> str:
        back = "./" if column is self.own else "../"
        below = self.others.path.removeprefix(self.own.path) if column is self.own else ""
        return f'<div class="tab"><a href="{back}">厅机关</a><a href="{"./" + below}">{self.others.name}</a></div>'

    def _related(self, up: str) -> list[tuple[str, str]]:
        return [(d.title, up + d.path()[1:]) for d in self.documents.values() if d.columns[0] == self.clerk.news]


def _broken(name: str) -> str:
    """A menu entry whose long text is cut by a ``<br>``, as left menus do."""
    return f"<em></em>政府信息<br>{name[4:]}" if name.startswith("政府信息公开") and len(name) > 6 else name


def _page_number(name: str) -> int | None:
    stem = name.removesuffix(".html")
    if stem == name:
        return None
    number = stem.removeprefix("index").removeprefix("_")
    return int(number) if number.isdigit() else 0 if not number else None


def _picture(document: Document, path: str) -> Answer | None:
    return files.picture() if document.image and path.endswith(".jpg") else None


def build(rng: random.Random, domain: str, last: int) -> TrsSite:
    """A TRS portal whose newest reports are of the year ``last``; all that varies comes from ``rng``."""
    who = names.cast(rng, last)
    columns = _columns(rng, who)
    clerk = stock.Clerk(
        rng, columns["own"].path, columns["others"].path, columns["news"].path, rng.randint(80_000, 4_000_000)
    )
    entered = [*stock.reports(clerk, who), *stock.look_alikes(clerk, who), *stock.news(clerk, who)]
    documents = {document.id: document for document in entered}
    identity = Identity(who.site, domain, who.code)
    return TrsSite(who, identity, columns, clerk, documents, rng.randrange(articles.LAYOUTS))


def _columns(rng: random.Random, who: names.Cast) -> dict[str, Column]:
    root = rng.choice(("/zwgk/", "/xxgk/", f"/zwgk_{rng.randint(100, 999)}/"))
    section = root + rng.choice(("zfxxgk/", "zfxxgkzl/", f"zfxxgk_{rng.randint(10_000, 99_999)}/"))
    own = section + rng.choice(("zfxxgknb/", "xxgknb/", f"zfxxgknb_{rng.randint(1000, 9999)}/"))
    others = own + rng.choice(("sxnb/", "bmnb/", "dwnb/"))
    intro = f'<p class="intro">{who.site}门户网站，提供政务公开、办事服务和互动交流。</p>'
    listed = (
        ("root", Column("/", "首页", text=intro)),
        (
            "open",
            Column(root, rng.choice(("政务公开", "信息公开")), text=f'<p><a href="{section}">政府信息公开</a></p>'),
        ),
        ("section", Column(section, "政府信息公开", text="<p>法定主动公开内容、指南、制度、年报。</p>")),
        (
            "guide",
            Column(
                section + "zfxxgkzn/", "政府信息公开指南", "信息公开指南", text=f"<p>{who.site}政府信息公开指南。</p>"
            ),
        ),
        ("rules", Column(section + "zfxxgkzd/", "政府信息公开制度", "信息公开制度", text="<p>政府信息公开制度。</p>")),
        ("statutory", Column(section + "fdzdgknr/", "法定主动公开内容", text="<p>机构职能、规划、财政、人事。</p>")),
        ("own", Column(own, rng.choice(("政府信息公开年报", "政府信息公开年度报告")), "信息公开年报", "table")),
        ("others", Column(others, rng.choice(("市县和所属单位年报", "部门年报")), "信息公开年报", "list")),
        ("apply", Column(section + "ysqgk/", "依申请公开", "依申请公开", text="<p>申请表下载。</p>")),
        ("website", Column(section + "wzndbb/", "政府网站工作年度报表", text="<p>网站年度报表。</p>")),
        ("news", Column(f"/xwzx/{who.short}yw/", "新闻动态", "工作动态", "list")),
        ("service", Column("/bsfw/", "办事服务", text="<p>办事指南。</p>")),
        ("ask", Column("/hdjl/", "互动交流", text="<p>领导信箱。</p>")),
        ("map", Column("/wzdt/", "网站地图", text=f'<p><a href="{own}">年报</a> <a href="/bsfw/">办事服务</a></p>')),
    )
    named = dict(listed)
    return named | {column.path: column for column in named.values()}
