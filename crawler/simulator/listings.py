"""The two ways in which TRS columns list their rows, with paging that stands only in a script.

The table is the one of 2010-era columns (``createPageHTML(total, current, "index", "html")``, current from
0, page k in ``index_{k-1}.html``); the list carries the title in an attribute, the date inside the anchor,
and the page count in an inline script without semicolons.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.simulator.documents import Document

STYLES = ("table", "list")


def listing(rows: list[Document], column: str, style: str, page: int, pages: int) -> str:
    """The rows of one page of a column (``page`` from 0), and its paging script."""
    return _table(rows, column, page, pages) if style == "table" else _list(rows, column, page, pages)


def _table(rows: list[Document], column: str, page: int, pages: int) -> str:
    lines = "\n".join(
        '<tr valign="top" style="padding-bottom:10px;">\n<td width="25"><img src="../../images/ico2.jpg"></td>\n'
        f'<td width="550">\n<a href="{row.href(column)}">{html.escape(row.title)}</a>\n</td>\n'
        f"<td>\n{row.listed:%Y-%m-%d}\n</td>\n</tr>"
        for row in rows
    )
    return (
        f'<table width="682" border="0" cellspacing="0" cellpadding="0" class="gl_list"><tbody>\n{lines}\n'
        '</tbody></table>\n<div class="page"><script language="JavaScript">'
        f'createPageHTML({pages}, {page}, "index", "html");</script></div>'
    )


def _list(rows: list[Document], column: str, page: int, pages: int) -> str:
    lines = "\n".join(
        f'<li><a href="{row.href(column)}" target="_blank" title="{html.escape(row.title, quote=True)}">'
        f"{html.escape(_cut(row.title))}<span>{row.listed:%Y-%m-%d}</span></a></li>"
        for row in rows
    )
    return (
        f'<div class="overview_right"><ul>\n{lines}\n</ul></div>\n<div class="page"><script type="text/javascript">\n'
        f"var currentPage = {page};//所在页从0开始\nvar prevPage = currentPage-1//上一页\n"
        f"var nextPage = currentPage+1//下一页\nvar countPage = {pages}//共多少页\n"
        'document.write("共计"+countPage+"页");\n'
        'if(countPage>1&&currentPage!=(countPage-1))\ndocument.write("<a href=\\"index"+"_" + nextPage + "."+"html\\">'
        '下一页</a>");\n</script></div>'
    )


def _cut(title: str) -> str:
    return title if len(title) <= 18 else title[:17] + "…"


BEYOND = (
    '<html><head><meta http-equiv="refresh" content="0;url=./"/></head><body>页面不存在，正在返回栏目首页</body></html>'
)
"""What the table's column answers past its last page, with status 200."""
