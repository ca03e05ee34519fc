"""Fills a portal: ten years of reports of four publishers, what only looks like a report, and news.

Every way of publishing that the field guide names stands here once: page, page with the same content as
file, only a PDF, only a DOCX, a row straight to a PDF, a pasted ``.doc`` that is HTML, one article in two
columns, a page whose bytes are GBK under a UTF-8 label.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.simulator import content, names
from crawler.simulator.documents import Attached, Document, FileKind

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping

    from crawler.simulator.names import Cast, Publisher
    from crawler.simulator.sheet import Content

MIGRATED = date(2018, 9, 3)
"""The day the older articles were moved into this CMS: their addresses carry it."""


@dataclass(frozen=True, slots=True)
class Way:
    """How one report is published."""

    flaw: str | None = None
    style: str = "word"
    files: tuple[FileKind, ...] = ()
    shown: bool = True
    direct: bool = False
    suffix: str = ""
    gbk: bool = False
    twice: bool = False
    place: str = "appendix"
    bare: bool = False
    """The title does not name the publisher."""


PLAIN = Way(style="clean")
OWNER_WAYS: Mapping[int, Way] = {
    0: Way(style="clean", files=("pdf",)),
    1: Way(flaw="blank-review", suffix="_zzb"),
    2: Way(files=("pdf",), shown=False),
    3: Way(files=("pdf",), shown=False, direct=True),
    4: Way(flaw="total-zero", style="nested"),
    5: Way(style="clean", gbk=True),
    7: Way(files=("doc",), place="editor"),
    9: Way(style="nested"),
}
"""How the owner's reports are published, by the number of years before the newest."""
OTHER_WAYS: tuple[Mapping[int, Way], ...] = (
    {
        0: Way(files=("docx",), shown=False, place="editor"),
        1: Way(twice=True, bare=True),
        2: Way(flaw="full-width"),
        3: Way(flaw="prose", files=("docx",)),
    },
    {3: Way(flaw="row-total"), 5: Way(style="nested")},
    {0: Way(flaw="blank-organisations", style="nested"), 1: Way(flaw="verdicts", style="clean"), 2: Way(twice=True)},
)


@dataclass(slots=True)
class Clerk:
    """Enters articles: hands out ids and file names, and knows the columns' directories."""

    rng: random.Random
    own: str
    others: str
    news: str
    next_id: int
    ledger: dict[str, Mapping[str, int]] = field(default_factory=dict)
    """The figures each publisher's next report follows on."""

    def number(self) -> int:
        """A new article's id."""
        self.next_id += self.rng.randint(1, 97)
        return self.next_id

    def file_name(self, day: date, kind: FileKind, *, pasted: bool = False) -> str:
        """A file's name in the directory: ``P0`` attached, ``W0`` pasted into the editor."""
        letter = "W0" if pasted else "P0"
        return f"{letter}{day:%Y%m%d}{self.rng.randrange(10**12):012d}.{kind}"

    def enter(self, report: Content, way: Way, columns: tuple[str, ...]) -> Document:
        """One report as an article, published in the first months after its year."""
        published = datetime(report.year + 1, 1, 12, tzinfo=names.BEIJING) + timedelta(
            days=self.rng.randrange(70), hours=self.rng.randint(8, 17), minutes=self.rng.randrange(60)
        )
        return self.file(report, way, columns, published)

    def file(self, report: Content, way: Way, columns: tuple[str, ...], published: datetime) -> Document:
        """One report as an article published at a given time."""
        filed = max(MIGRATED, published.date())
        files = tuple(
            Attached(
                self.file_name(filed, kind, pasted=kind == "doc"),
                f"{'附件：' if index else ''}{report.title}.{kind}",
                kind,
                report,
                "editor" if way.place == "editor" else "appendix",
            )
            for index, kind in enumerate(way.files)
        )
        title = report.title if not way.bare else f"{report.year}年政府信息公开工作年度报告"
        late = timedelta(days=self.rng.choice((0, 0, 1, 3)))
        return Document(
            self.number(),
            columns,
            title,
            published,
            filed,
            (published + late).date(),
            report.publisher,
            content=report,
            shown=way.shown,
            attachments=files,
            direct=way.direct,
            suffix=way.suffix,
            style=way.style,
            gbk=way.gbk,
        )


def reports(clerk: Clerk, who: Cast) -> list[Document]:
    """Every publisher's reports: the owner's in its own column, the others' in theirs."""
    documents: list[Document] = []
    for publisher, ways in zip(who.publishers, (OWNER_WAYS, *OTHER_WAYS), strict=True):
        documents += _series(clerk, publisher, ways, who)
    return documents


def _series(clerk: Clerk, publisher: Publisher, ways: Mapping[int, Way], who: Cast) -> Iterable[Document]:
    newest = who.owner.years[-1]
    flaws = {newest - age: way.flaw for age, way in ways.items() if way.flaw}
    owned = publisher is who.owner
    written, clerk.ledger[publisher.name] = content.history(clerk.rng, publisher, flaws, newest if owned else 0)
    for year, report in written.items():
        way = ways.get(newest - year, Way())
        home = clerk.own if owned else clerk.others
        columns = (home, clerk.own) if way.twice else (home,)
        yield clerk.enter(report, way, columns)


LOOK_ALIKES = (
    ("notice", "关于做好{y}年政府信息公开工作年度报告编制和发布工作的通知", "请各单位按照格式要求编制年度报告，并于次年1月31日前报送。"),
    ("infographic", "一图读懂{p}{y}年政府信息公开工作年度报告", ""),
    ("rule-of-law", "{p}{y}年法治政府建设情况报告", "{y}年，{p}深入推进依法行政，现将法治政府建设情况报告如下。"),
    ("statistics", "{v}省{y}年国民经济和社会发展统计公报", "初步核算，全年地区生产总值4321.5亿元，比上年增长5.2%。"),
    ("website", "{p}{y}年政府网站工作年度报表", "网站名称：{p}；独立用户访问总量12345个；信息发布总数678条。"),
    ("accounts", "{p}{y}年度部门决算公开", "{y}年度收入总计1234.56万元，支出总计1234.56万元。"),
    ("other-annual", "{v}省{t}事务中心{y}年度事业单位法人年度报告", "开办资金120万元，从业人数35人，宗旨和业务范围见附表。"),
    ("plan", "{p}{y}年政务公开工作要点", "一、加强政策解读；二、扩大公众参与；三、夯实工作基础。"),
    ("plan", "关于{y}年政府信息公开工作要点落实情况的函", "现将{y}年政府信息公开工作要点落实情况函告如下。"),
    ("guide", "{p}政府信息公开指南", "为了方便公民、法人和其他组织获得政府信息，编制本指南。"),
)  # fmt: skip


def look_alikes(clerk: Clerk, who: Cast) -> list[Document]:
    """Rows that hold a report's words and are none, spread over the columns and the years."""
    newest = who.owner.years[-1]
    result = []
    for index, (kind, title, text) in enumerate(LOOK_ALIKES):
        year = newest - clerk.rng.randrange(5)
        said = {"p": who.site, "y": year, "v": who.province, "t": who.trade}
        column = clerk.others if index % 4 == 3 else clerk.own
        day = datetime(year + 1, 1, 20, tzinfo=names.BEIJING) + timedelta(days=7 * index, hours=10)
        paragraphs = (text.format(**said),) if text else ()
        document = _plain(clerk, column, title.format(**said), day, who.site, paragraphs, kind)
        result.append(document)
    return result


def _plain(
    clerk: Clerk, column: str, title: str, day: datetime, source: str, paragraphs: tuple[str, ...], kind: str
) -> Document:
    filed = max(MIGRATED, day.date())
    return Document(
        clerk.number(),
        (column,),
        title,
        day,
        filed,
        day.date(),
        source,
        paragraphs=paragraphs,
        image=kind == "infographic",
        look_alike=kind,
        style="clean",
    )


def news(clerk: Clerk, who: Cast) -> list[Document]:
    """News rows, two of them in the reports' column, and a row that leads to another site."""
    newest = who.owner.years[-1]
    result = []
    for index, pattern in enumerate(names.NEWS):
        year = newest - index
        title = pattern.format(name=who.site, year=year, site=who.site, trade=who.trade, place=who.province)
        column = clerk.own if index < 2 else clerk.news
        day = datetime(year, 5, 6, 9, 30, tzinfo=names.BEIJING) + timedelta(days=30 * index)
        result.append(
            _plain(clerk, column, title, day, who.site, (f"近日，{title}。会议总结了{year}年工作。",), "news")
        )
    outside = _plain(clerk, clerk.own, f"{who.province}省人民政府{newest}年政府信息公开工作年度报告", datetime(newest + 1, 3, 28, tzinfo=names.BEIJING), who.site, (), "off-site")  # fmt: skip
    address = f"http://www.{who.short}prov.gov.test/zwgk/nb/202403/t20240328_{outside.id}.html"
    return [*result, replace(outside, elsewhere=address)]
