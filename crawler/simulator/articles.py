"""The article page of a TRS portal, in the layouts it has had; a redesign takes the next one."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from crawler.simulator import markup

if TYPE_CHECKING:
    from crawler.simulator.documents import Attached, Document

LAYOUTS = 3


def article_meta(document: Document, url: str) -> tuple[tuple[str, str], ...]:
    """The national tags of an article, with a misspelling and empty ones as seen."""
    stamp = f"{document.published:%Y-%m-%d %H:%M}"
    return (
        ("ArticleTitle", document.title),
        ("PubDate", stamp),
        ("ContentSource", document.source),
        ("KeyWords", ""),
        ("Author", ""),
        ("Desctiption", ""),
        ("Url", url),
        ("DocId", str(document.id)),
    )


def article(document: Document, layout: int, load: int) -> str:
    """The middle of an article page in one of the layouts."""
    name = picture_name(document)
    shown = f'<p align="center"><img src="./{name}" oldsrc="{name}" alt=""/></p>'
    inner = substance(document, shown) + "".join(_file(file) for file in document.attachments if file.place == "editor")
    after = "".join(_file(file) for file in document.attachments if file.place == "appendix")
    return (_old, _new, _late)[layout % LAYOUTS](document, inner, after, load)


def picture_name(document: Document) -> str:
    """The file name of an infographic's image, pasted into the editor."""
    return f"W0{document.filed:%Y%m%d}{markup.spice(document.id):012d}.jpg"


def substance(document: Document, picture: str) -> str:
    """What an editor entered, as HTML; ``picture`` is the markup of an infographic's image."""
    if document.image:
        return picture
    if document.content is None:
        return "".join(f"<p>　　{html.escape(text)}</p>" for text in document.paragraphs)
    if not document.shown:
        return f"<p>　　{html.escape(document.content.title)}（见附件）</p>"
    return markup.body(
        document.content.blocks, document.style, document.content.title, titled=document.style != "clean"
    )


def _file(file: Attached) -> str:
    return (
        f'<p><a href="./{file.file}" oldsrc="{file.file}" needdownload="true" appendix="true">'
        f"{html.escape(file.name)}</a></p>"
    )


def _old(document: Document, inner: str, after: str, load: int) -> str:
    return (
        f'<table width="752" class="bor"><tbody><tr><td><h1>{html.escape(document.title)}</h1>\n'
        f'<div class="info">发布时间：{document.published:%Y-%m-%d %H:%M}　来源：{html.escape(document.source)}　'
        f'浏览次数：<span id="hits">{load}</span>　字体：[大 中 小]</div>\n'
        f"<div class=TRS_Editor>{inner}</div>\n"
        f'<div class="fj"><span id="appendix">{after}</span></div></td></tr></tbody></table>'
    )


def _new(document: Document, inner: str, after: str, load: int) -> str:
    return (
        f'<div class="article_component"><div class="article_title">{html.escape(document.title)}</div>\n'
        f'<div class="article_extend"><span class="article_source">来源：{html.escape(document.source)}</span>'
        f'<span class="article_time">时间：{document.published:%Y-%m-%d %H:%M}</span>'
        f'<span class="hits">{load}次</span></div>\n<div class="article_content">'
        f'<div class="view TRS_UEDITOR trs_paper_default trs_web">{inner}</div></div>\n'
        f'<div class="article_fj"><span id="appendix">{after}</span></div></div>'
    )


def _late(document: Document, inner: str, after: str, load: int) -> str:
    return (
        f'<div class="xl-main"><h2 class="xl-tit">{html.escape(document.title)}</h2>\n'
        f'<div class="xl-info"><b>发布日期：</b>{document.published:%Y年%m月%d日}&nbsp;<b>信息来源：</b>'
        f"{html.escape(document.source)}&nbsp;<b>点击：</b>{load}</div>\n"
        f'<div class="xl-cont trs_editor_view TRS_UEDITOR" id="zoom">{inner}</div>\n'
        f'<div class="xl-fj"><span id="appendix">{after}</span></div></div>'
    )
