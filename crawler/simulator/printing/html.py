"""Reports as web pages: pasted from a word processor, typed in a CMS, nested in layout tables, never closed.

The bytes are UTF-8, UTF-8 labelled as another charset, GBK labelled UTF-8, GB18030 without a label, or UTF-16
with a byte order mark.  A full page has navigation, related links, share bars and a footer whose telephone is the
website's, not the report's.
"""

from __future__ import annotations

import html
import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.simulator.printing.layout import head, laid_out
from crawler.simulator.sheet import Block

if TYPE_CHECKING:
    from crawler.simulator.sheet import Content, Sheet, Slot

STYLES = ("word", "plain", "nested", "unclosed", "styled", "page")
CODINGS = ("utf-8", "utf-8", "utf-8 as gb2312", "gbk as utf-8", "gb18030", "utf-16")

_SONG = "font-family:宋体;mso-ascii-font-family:&quot;Times New Roman&quot;"
_FANG = "font-size:16.0pt;line-height:150%;font-family:仿宋_GB2312"


def written(content: Content, style: str, seed: int) -> bytes:
    """The report as a page in one of :data:`STYLES`, in one of :data:`CODINGS`."""
    rng = random.Random(f"html:{style}:{seed}")
    look = rng.choice(STYLES[:-1]) if style == "page" else style
    printed = laid_out(content, rng)
    shown = [block for block in printed.blocks if block.kind != "title"] if style == "page" else joined(printed.blocks)
    body = Writer(rng, look).body(shown)
    if style == "page":
        body = _surrounded(content, body, rng)
    return _coded(content.title, body, rng, page=style == "page")


def joined(blocks: tuple[Block, ...]) -> list[Block]:
    """The blocks with a title of several lines as one block: a page has one title, broken where it must be."""
    titles = [block.text for block in blocks if block.kind == "title"]
    return [Block("title", "\n".join(titles)), *(block for block in blocks if block.kind != "title")]


@dataclass(slots=True)
class Writer:
    """Prints blocks in one style; what it does by chance it draws from ``rng``."""

    rng: random.Random
    style: str

    def body(self, blocks: list[Block]) -> str:
        """All blocks, in a layout table or two where the style nests."""
        pieces = "\n".join(self.block(block) for block in blocks)
        if self.style != "nested":
            return pieces
        inner = f'<table width="98%" border="0" align="center" cellpadding="0" cellspacing="0"><tr><td class="bt_content" id="zoom">{pieces}</td></tr></table>'
        return f'<table border=0 width=1000><tr><td width="10">&nbsp;</td><td>{inner}</td><td></td></tr></table>'

    def block(self, block: Block) -> str:
        """One block."""
        if block.kind == "table":
            return self.table(block.sheet)
        if self.style == "word":
            return self._pasted_paragraph(block)
        text = html.escape(block.text).replace("\n", "<br>")
        if self.style == "unclosed":
            return f"<p>　　{text}" if block.kind == "paragraph" else f"<p align=center><b>{text}</b>"
        if self.style == "styled":
            return f'<p style="text-indent:2em;{_FANG}">{"<strong>" * (block.kind != "paragraph")}{text}{"</strong>" * (block.kind != "paragraph")}</p>'
        if block.kind == "paragraph":
            return f"<p>&nbsp;&nbsp;&nbsp; {text}</p>" if self.rng.random() < 0.5 else f"<div>　　{text}<br></div>"
        return f"<h{1 if block.kind == 'title' else 3}>{text}</h{1 if block.kind == 'title' else 3}>"

    def _pasted_paragraph(self, block: Block) -> str:
        inner = self._spans(block.text)
        if block.kind != "paragraph":
            inner = f'<b style="mso-bidi-font-weight:normal">{inner}</b>'
        align = " align=center style='text-align:center'" if block.kind == "title" else " style='text-indent:32.0pt'"
        return f"<p class=MsoNormal{align}>{inner}<span lang=EN-US style='{_FANG}'><o:p></o:p></span></p>"

    def _spans(self, text: str) -> str:
        """Runs by script in spans of their own; digits and words are cut in two now and then."""
        out = []
        for run in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", text):
            cut = self.rng.randint(1, len(run) - 1) if len(run) > 1 and self.rng.random() < 0.25 else len(run)
            lang = " lang=EN-US" if run[0].isascii() else ""
            for piece in filter(None, (run[:cut], run[cut:])):
                safe = html.escape(piece).replace("\n", "<br>")
                inner = f"<span style='mso-spacerun:yes'></span>{safe}" if self.rng.random() < 0.05 else safe
                out.append(f'<span{lang} style="{_FANG}">{inner}</span>')
        return "".join(out)

    # ------------------------------------------------------------ tables

    def table(self, sheet: Sheet) -> str:
        """A table in the style's markup."""
        if self.style == "unclosed":
            rows = "\n".join(f"<tr>{''.join(self._cell(slot) for slot in row)}" for row in sheet)
            return f"<table border=1 cellSpacing=0>\n{rows}\n</table>"
        if self.style == "styled":
            return self._styled_table(sheet)
        rows = "\n".join(f"<tr>{''.join(self._cell(slot) for slot in row)}</tr>" for row in sheet)
        if self.style == "word":
            return f"<div align=center><table class=MsoNormalTable border=1 cellspacing=0 cellpadding=0 style='border-collapse:collapse;mso-yfti-tbllook:1184'>{rows}</table></div><p class=MsoNormal><span lang=EN-US><o:p>&nbsp;</o:p></span></p>"
        attributes = ['border="1"', 'width="100%"', 'cellspacing="0"', 'bordercolor="#000000"']
        self.rng.shuffle(attributes)
        return f"<table {' '.join(attributes)}><tbody>{rows}</tbody></table>"

    def _styled_table(self, sheet: Sheet) -> str:
        """Column widths, a head of its own where no merged cell leaves it, borders in styles."""
        first = head(sheet)
        columns = max(sum(slot.columns for slot in row) for row in sheet)
        group = "".join(f'<col style="width:{self.rng.randint(20, 120)}px">' for _ in range(columns))
        rows = [f'<tr style="height:18px">{"".join(self._cell(slot) for slot in row)}</tr>' for row in sheet]
        upper, lower = "".join(rows[:first]), "\n".join(rows[first:])
        top = f"<thead>{upper}</thead>" if upper else ""
        return f'<table style="border-collapse:collapse;width:100%"><colgroup>{group}</colgroup>{top}<tbody>{lower}</tbody></table>'

    def _cell(self, slot: Slot) -> str:
        spans = [f'rowspan="{slot.rows}"'] * (slot.rows > 1) + [f"colspan={slot.columns}"] * (slot.columns > 1)
        looks = [
            'align="center"',
            f'width="{self.rng.randint(20, 200)}"',
            'style="border:1px solid #000;padding:0 7px"',
        ]
        attributes = spans + self.rng.sample(looks, self.rng.randint(0, 3))
        self.rng.shuffle(attributes)
        start = " ".join(["td", *attributes])
        inner = self._inner(slot)
        if self.style == "unclosed":
            return f"<{start}>{inner}"
        return f"<{start}>{inner}</td>"

    def _inner(self, slot: Slot) -> str:
        if not slot.text:
            return self.rng.choice(("", "&nbsp;", "<p>&nbsp;</p>", "<br>"))
        if self.style == "word":
            pad = "&nbsp;" * (self.rng.randint(1, 7) if self.rng.random() < 0.1 else 0)
            return f"<p class=MsoNormal align=center><span style='{_SONG}'>{self._spans(slot.text)}</span>{pad}</p>"
        text = html.escape(slot.text)
        if self.style == "unclosed":
            return text.replace("\n", "<br>") if self.rng.random() < 0.7 else f"<p>{text}".replace("\n", "<br>")
        if "\n" in text and self.rng.random() < 0.5:
            return "".join(f"<p>{line}</p>" for line in text.split("\n"))
        return text.replace("\n", "<br />")


def _surrounded(content: Content, body: str, rng: random.Random) -> str:
    """The article page around the report: meta block, navigation, related links, share bar, footer."""
    title, site = html.escape(content.title), html.escape(content.publisher)
    menu = "".join(
        f'<li><a href="/{i}/">{t}</a></li>' for i, t in enumerate(("首页", "政务公开", "政务服务", "互动交流"))
    )
    side = "".join(
        f'<li><a href="../{i}/">{t}</a></li>'
        for i, t in enumerate(("政府信息公开指南", "政府信息公开制度", "法定主动公开内容", "政府信息公开年报"))
    )
    related = "".join(
        f'<li><a href="./t{year}0120_{rng.randint(1000, 99999)}.html">{site}{year}年政府信息公开工作年度报告</a><span>{year + 1}-01-20</span></li>'
        for year in range(content.year - 3, content.year)
    )
    day = f"{content.year + 1}-01-{rng.randint(10, 30)}"
    holder = rng.choice(
        ('class="TRS_Editor"', 'id="zoom"', 'class="article-content"', 'class="view TRS_UEDITOR trs_paper_default"')
    )
    return f"""<div class="header"><ul class="nav">{menu}</ul><div>今天是 星期三　搜索</div></div>
<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a> &gt; <a href="./">政府信息公开年报</a></div>
<div class="left"><ul>{side}</ul></div>
<div class="main"><h1 class="title">{title}</h1>
<div class="info"><span>发布时间：{day}</span> <span>来源：{site}</span> <span>浏览次数：<em>312</em></span> 字号：[大 中 小]</div>
<div {holder}>{body}</div>
<div class="share">分享到：<a href="#">微信</a> <a href="#">微博</a> 【打印本页】【关闭窗口】</div></div>
<div class="related"><h3>相关链接</h3><ul>{related}</ul></div>
<div class="footer"><p>主办：{site}　承办：信息中心　联系电话：0998-1{rng.randint(100000, 999999)}</p><p>地址：网信路1号　邮编：990001　网站标识码：99{rng.randint(10000000, 99999999)}　备案号：示ICP备05000001号</p></div>"""


def _coded(title: str, body: str, rng: random.Random, *, page: bool) -> bytes:
    """The whole file in some coding, under a right, a wrong or no label."""
    coding = rng.choice(CODINGS)
    label = {"utf-8": "utf-8", "utf-8 as gb2312": "gb2312", "gbk as utf-8": "utf-8"}.get(coding)
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">' if label else ""
    more = (
        f'<meta name="ArticleTitle" content="{html.escape(title)}"><meta name="ColumnName" content="政府信息公开年报">'
        if page
        else ""
    )
    start = '<!DOCTYPE html>\n<html lang="zh-CN">' if page or rng.random() < 0.5 else "<html>"
    text = f"{start}<head>{meta}<title>{html.escape(title)}</title>{more}</head>\n<body>\n{body}\n</body></html>"
    if coding == "utf-16":
        return b"\xff\xfe" + text.encode("utf-16-le")
    return text.encode("gb18030" if coding.startswith("gb") else "utf-8")
