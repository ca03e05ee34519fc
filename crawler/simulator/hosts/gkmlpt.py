r"""The disclosure platform of one province (field guide, 1.7): ``gkmlpt`` and ``gkmlpt-jump``, both under a department's prefix.

``/{dept}/gkmlpt/index`` carries ``window._CONFIG = { SID: '…', TREE: […] }`` (keys without quotes on the top
level, a bracket in a name); a category is ``#721`` behind that address and has no link of its own.  Rows come
from ``/{dept}/gkmlpt/api/all/{category}?page=N&sid={SID}``: ten a page here (a hundred on real ones), **pages 0
and 1 are the same**, a wrong ``sid`` is 404, category 0 is all.  The detail ``/{dept}/gkmlpt/content/9/9103/
post_9103540.html`` holds its text only in ``_CONFIG.DETAIL.content`` with ``\u003C`` escapes; ``post_url`` is its
twin ``/{dept}/content/post_9103540.html``, an ordinary page.  One title is written in ``%uXXXX``.

``gkmlpt-jump``: the node 年报 has no category, only a ``jump_url`` to a column of NFCMS (1.7; page 2 is
``index_2.html``); the others' category answers everything on page 1 and 404 for page 2.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
"""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

from crawler.simulator import nfcms
from crawler.simulator.answers import Answer, status_page
from crawler.simulator.frame import Page
from crawler.simulator.portal import COLUMNS, LEFT, Column, Portal, paged
from crawler.simulator.request import whole
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

SIZE = 10
PLAIN = ("guide", "rules", "apply", "website")


class Gkmlpt(Portal):
    """One portal."""

    jump = False

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        self.sid = str(rng.randint(100_000, 999_999))
        self.category = rng.randint(300, 5000)
        super().__init__(rng, domain, last)

    @property
    def base(self) -> str:
        """The department's prefix."""
        return f"/{self.who.short}"

    def paths(self, rng: random.Random) -> Mapping[str, str]:
        """Categories behind a number sign; the rest as pages."""
        found = {"root": "/", "open": "/zwgk/", "section": f"{self.base}/gkmlpt/index"}
        found |= {key: f"{self.base}/gkmlpt/{key}" for key in PLAIN}
        for index, key in enumerate(("statutory", "own", "others")):
            found[key] = f"{self.base}/gkmlpt/index#{self.category + index}"
        if self.jump:
            found["own"] = f"{self.base}/zfxxgknb_{rng.randint(10, 99)}/index.html"
        found |= {"news": f"{self.base}/xwzx/index.html", "service": "/bsfw/", "ask": "/hdjl/", "map": "/wzdt/"}
        return {key: found[key] for key, _, _ in COLUMNS}

    def page_path(self, document: Document, column: str) -> str:
        """The platform's address, or NFCMS's where the column is one of its."""
        if "#" not in column:
            return nfcms.page_path(document, column)
        number = document.id
        return f"{self.base}/gkmlpt/content/{number // 10**6}/{number // 1000}/post_{number}.html"

    def page_paths(self, document: Document) -> tuple[str, ...]:
        """With the twin of what stands on the platform."""
        found = super().page_paths(document)
        return (*found, self._twin(document)) if any("/gkmlpt/" in path for path in found) else found

    def _twin(self, document: Document) -> str:
        return f"{self.base}/content/post_{document.id}.html"

    def file_path(self, document: Document, file: Attached) -> str:
        """By three numbers."""
        return nfcms.file_path(document, file)

    # -------------------------------------------------------- the tree

    def _tree(self) -> list[dict[str, object]]:
        nodes = {key: self._node(key) for key in ("statutory", "own", "others")}
        nodes["statutory"]["children"] = [
            {"id": self.category + 40, "name": "规范性文件[含废止]", "jump_url": "", "children": [], "post_count": 0}
        ]
        nodes["own"]["children"] = [nodes["others"]]
        guide = {"id": self.category + 50, "name": "政府信息公开指南", "jump_url": self.columns["guide"].path}
        return [guide | {"children": [], "post_count": 0}, nodes["statutory"], nodes["own"]]

    def _node(self, key: str) -> dict[str, object]:
        path = self.columns[key].path
        jump = "" if "#" in path else f"http://{self.identity.domain}{path}"
        number = int(path.partition("#")[2] or self.category + 60)
        count = 0 if jump else len(self.rows(path))
        return {"id": number, "name": self.columns[key].name, "jump_url": jump, "children": [], "post_count": count}

    def _config(self, detail: str = "") -> str:
        tree = json.dumps(self._tree(), ensure_ascii=False)
        return (
            "<script>\nwindow._CONFIG = {\n"
            f"  SID: '{self.sid}',\n  BASE_URL: '{self.base}/gkmlpt',\n  TREE: {tree},\n  SERVICE_AREA_ID: 7,\n{detail}"
            "};\n</script>"
        )

    def head(self, column: Column | None) -> str:
        """The configuration, on the platform's first page."""
        return self._config() if column and column.key == "section" else ""

    def left(self) -> str:
        """No link to a category: a script makes the menu from the tree."""
        keys = [key for key in LEFT if "#" not in self.columns[key].path and key != "own"]
        links = "".join(f'<li><a href="{self.columns[k].path}">{self.columns[k].name}</a></li>' for k in keys)
        return f'<div class="left"><ul>{links}</ul><div id="tree"></div></div>'

    def counts(self) -> dict[str, int]:
        """The categories' ``post_count``."""
        return {path: len(self.rows(path)) for path in self.annual() if "#" in path}

    # -------------------------------------------------------- rows

    def listing(self, column: Column, request: Request, _load: Load) -> str:
        """NFCMS's rows; a category's come from the interface."""
        if "#" in column.path:
            return '<div id="list"></div>'
        return nfcms.listing(self, column, request)

    def service(self, request: Request, load: Load) -> Answer | None:
        """The interface, the details, and further pages of NFCMS columns."""
        start = f"{self.base}/gkmlpt/api/all/"
        if request.path.startswith(start):
            return self._rows(request, whole(request.path.removeprefix(start), -1))
        for document in self.documents.values():
            if any("#" in c and request.asks(self.page_path(document, c)) for c in document.columns):
                return self.gone(document) or self._detail(document, load)
        return nfcms.further(self, request, load)

    def _rows(self, request: Request, category: int) -> Answer:
        paths = [self.columns[key].path for key in ("statutory", "own", "others")]
        chosen = [p for p in paths if "#" in p and category in {0, int(p.partition("#")[2])}]
        number = max(1, whole(request.args.get("page", ""), 1))
        if not chosen or request.args.get("sid") != self.sid or (self.jump and number > 1):
            return status_page(404)
        rows = [document for path in chosen for document in self.rows(path)]
        shown = rows if self.jump else paged(rows, number, SIZE)
        body = {
            "classify": {"post_count": len(rows)},
            "total": len(rows),
            "articles": [self._article(d) for d in shown],
        }
        return Answer(200, (("Content-Type", "application/json"),), json.dumps(body, ensure_ascii=False).encode())

    def _article(self, document: Document) -> dict[str, object]:
        path = document.columns[0]
        twin = "" if document.direct or document.elsewhere else f"http://{self.identity.domain}{self._twin(document)}"
        href = self.href(document, next((c for c in document.columns if "#" in c), path))
        files = [{"name": f.name, "type": f.kind, "url": self.file_path(document, f)} for f in document.attachments]
        return {
            "id": document.id,
            "title": escaped(document.title) if document.content and self._old(document) else document.title,
            "document_number": "",
            "identifier": f"99{document.id:08d}/{document.published.year}-00001",
            "publisher": document.source,
            "date": f"{document.published:%Y-%m-%d}",
            "created_at": f"{document.published:%Y-%m-%d %H:%M:%S}",
            "create_time": int(document.published.timestamp()),
            "display_publish_time": f"{document.listed:%Y-%m-%d}",
            "url": href if href.startswith("http") else f"http://{self.identity.domain}{href}",
            "post_url": twin,
            "attachment": files,
            "relation": "[]",
        }

    def _old(self, document: Document) -> bool:
        """Whether an article's title is still escaped: the others' first."""
        years = [d.content.year for d in self.documents.values() if d.content and d.columns[0] == self.clerk.others]
        return bool(document.content and document.content.year == min(years))

    # -------------------------------------------------------- articles

    def article(self, document: Document, load: Load) -> str:
        """The twin's, as NFCMS shows it."""
        return nfcms.article(self, document, load)

    def _detail(self, document: Document, load: Load) -> Answer:
        """The platform's page: a card, and the text in the configuration."""
        text = self.substance(document) + nfcms.links(self, document)
        content = json.dumps(text, ensure_ascii=False).replace("<", "\\u003C").replace(">", "\\u003E")
        title = json.dumps(document.title, ensure_ascii=False)
        detail = f"  DETAIL: {{ id: {document.id}, title: {title}, content: {content} }}\n"
        card = {"索 引 号": f"99{document.id:08d}/{document.published.year}-00001", "分　　类": "政府信息公开年报"}
        card |= {"发布机构": document.source, "成文日期": f"{document.published:%Y-%m-%d}", "名　　称": document.title}
        card |= {"文　　号": "", "发布日期": f"{document.published:%Y-%m-%d}", "主 题 词": ""}
        rows = "".join(f"<tr><th>{label}：</th><td>{html.escape(value)}</td></tr>" for label, value in card.items())
        middle = (
            f'<div class="classify-detail"><table class="classify">{rows}</table></div>'
            f'<h1 class="title">{html.escape(document.title)}</h1><div class="article-content"></div>'
        )
        url = f"http://{self.identity.domain}{self.page_paths(document)[0]}"
        page = Page(document.title, middle, "政府信息公开", "", self.tags(document, url), (), "/", self._config(detail))
        return Answer.page(self.framed(page, load))


class GkmlptJump(Gkmlpt):
    """The platform whose node 年报 leads to a column of NFCMS."""

    jump = True


def escaped(text: str) -> str:
    """A text as old scripts escape it, ``%uXXXX`` for what is not ASCII."""
    return "".join(char if char.isascii() else f"%u{ord(char):04X}" for char in text)


PECULIAR = {"gkmlpt": Host(Gkmlpt), "gkmlpt-jump": Host(GkmlptJump)}
