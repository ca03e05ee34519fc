"""An archive-like database of as many distinct paragraphs as asked for, the same at every run.

Words follow Zipf's law, some belong to an era (the layout of reports changed in 2014 and 2019); reports are two
fifths shared headings and phrases, and two fifths of them were revised in one paragraph; portals are written one after
the other, their newest year first, as a first crawl does.  Some paragraphs are printed in Traditional characters,
in full-width figures, or with spaces between the characters.
"""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, NamedTuple

from archive.search import text_digest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

YEARS = range(2008, 2026)
COMMON = (  # noqa: SIM905  # words in lines, not in a column
    "政府 信息 公开 工作 信息公开 依申请公开 主动公开 部门 单位 年度 报告 条例 制度 机关 平台 网站 "
    "群众 服务 管理 监督 保障 政策 解读 回应 社会 关切 规范性文件 行政 许可 处罚 复议 诉讼 申请 "
    "答复 受理 办理 情况 数量 存在 问题 改进 措施 领导 小组 会议 培训 考核 重点 领域 财政 预算 "
    "决算 公共 资源 配置 重大 项目 建设 环境 保护 教育 卫生 食品 药品 安全 生产 价格 收费 商务 "
    "外贸 招商 引资 消费 市场 流通 电子商务 口岸 开放 自贸 企业 投资 农村 扶贫 民生 就业 救助 住房 "
    "征地 拆迁 审计 统计 税收 交通 水利 林业 气象 贯彻 落实 推进 加强 完善 健全 提高 深化 改革 "
    "创新 发展 规范 统一 及时 准确 全面 有效 进一步 不断 切实 认真 积极 严格 按照 要求 国务院 "
    "自治区 党委 人民 代表 大会 常务 委员会 办公厅 办公室 政务 新媒体 微信 公众号 政务服务 营商环境 "
    "放管服 互联网"
).split()
OLD = ("政府信息公开目录 信息公开专栏 免费查阅 纸质 触摸屏 公报 查阅点 政府上网 电子政务").split()  # noqa: SIM905
NEW = ("数字政府 一网通办 政务公开标准化 规范化 公开属性 存量 精细化 新闻发布会 短视频").split()  # noqa: SIM905
OFFICES = (  # noqa: SIM905  # words in lines, not in a column
    "商务厅 财政厅 教育厅 民政厅 司法厅 水利厅 卫生健康委员会 发展和改革委员会 市场监督管理局 统计局 "
    "林业和草原局 人民政府办公室"
).split()
FIGURES = str.maketrans("0123456789", "０１２３４５６７８９")


class Report(NamedTuple):
    """A report to be written: who, when, and the paragraphs of its revisions."""

    portal: int
    publisher: str
    year: int
    revisions: list[list[str]]


class Writer:
    """Makes texts from a seed."""

    def __init__(self, seed: int = 20) -> None:
        self.random = random.Random(seed)
        letters = [bytes((0xA0 + row, 0xA0 + cell)).decode("gb2312") for row in range(16, 55) for cell in range(1, 95)]
        rare = ["".join(self.random.choices(letters, k=size)) for size in (2, 2, 2, 3, 4) for _ in range(2500)]
        self.rare = rare
        self.words = COMMON + rare
        self.weights = list(itertools.accumulate(1 / (rank + 12) for rank in range(len(self.words))))
        self.places = ["".join(self.random.sample(letters, 2)) + kind for kind in "省市县区旗" for _ in range(40)]
        self.traditional = _traditional()
        self.shared = [self._phrase(2015) for _ in range(2000)]
        self.shared_weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(self.shared))))

    def document(self, year: int) -> str:
        """A document's number, as printed."""
        left, right = self.random.choice(("〔〕", "〔〕", "〔〕", "[]", "（）", "【】"))
        place = self.random.choice(self.places)[0]
        return f"{place}政办发{left}{year}{right}{self.random.randrange(1, 200)}号"

    def _phrase(self, year: int) -> str:
        pieces = self.random.choices(self.words, cum_weights=self.weights, k=self.random.randrange(8, 56))
        if year < 2014 and self.random.random() < 0.2:
            pieces.insert(2, self.random.choice(OLD))
        if year >= 2019 and self.random.random() < 0.2:
            pieces.insert(2, self.random.choice(NEW))
        for at in range(5, len(pieces), 6):
            pieces[at] += "，" if at % 4 else "。"
        return "".join(pieces)[:180] + "。"

    def paragraph(self, year: int) -> str:
        """A paragraph of 20 to 200 characters of a report on a year."""
        kind = self.random.random()
        figure = self.random.randrange(10_000)
        text = self._phrase(year)
        if kind < 0.4:
            text = f"{year}年，共{text[:60]}{figure}件，同比增长{figure % 100}%，{text[60:]}"
        elif kind < 0.47:
            text = f"根据《{text[:8]}办法》（{self.document(year)}），{text[8:]}"
        elif kind < 0.55:
            text = f"{self.random.choice(self.places)}{self.random.choice(OFFICES)}{text}"
        twist = self.random.random()
        if twist < 0.01:
            text = text.translate(self.traditional)
        elif twist < 0.05:
            text = text.translate(FIGURES)
        elif twist < 0.07:
            text = text[:20].replace("", " ").strip() + text[20:]
        return text

    def reports(self, paragraphs: int) -> Iterator[Report]:
        """Reports until so many distinct paragraphs were made."""
        made = portal = 0
        while made < paragraphs:
            portal += 1
            for publisher, year in itertools.product(self._publishers(), reversed(YEARS)):
                own = [self.paragraph(year) for _ in range(min(23, paragraphs - made))]
                made += len(own)
                shared = self.random.choices(self.shared, cum_weights=self.shared_weights, k=16)
                first = [
                    f"{publisher}{year}年政府信息公开工作年度报告",
                    *itertools.chain(*zip(own, shared, strict=False)),
                    *own[16:],
                ]
                revisions = [first]
                if made < paragraphs and self.random.random() < 0.4:
                    again = list(first)
                    again[3] = self.paragraph(year)
                    made += 1
                    revisions.append(again)
                yield Report(portal, publisher, year, revisions)
                if made >= paragraphs:
                    return

    def _publishers(self) -> list[str]:
        place = self.random.choice(self.places)
        return [place + office for office in OFFICES]


def _traditional() -> dict[int, str]:
    from archive.folding import _DATA

    lines = [line for line in _DATA.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {ord(line[0]): line[1] for line in lines if len(line) == 2}


def fill(sql: sqlite3.Connection, reports: Iterator[Report]) -> int:
    """Write reports into an empty archive, everything but the index; return how many revisions there are."""
    sql.execute("INSERT INTO software VALUES (1, 'benchmark', '1', '{}')")
    sql.execute("INSERT INTO portal VALUES (1, 'portal-1', 'Portal', 'http://a/', '{}')")
    sql.execute("INSERT INTO crawl VALUES (1, 'u', 1, 0, 1, 'finished', 1, '{}', x'00', NULL, NULL)")
    known: dict[bytes, int] = {}
    portals, revision = {1}, 0
    for number, report in enumerate(reports, 1):
        if report.portal not in portals:
            sql.execute(
                "INSERT INTO portal VALUES (?,?,?,?,'{}')",
                (report.portal, f"portal-{report.portal}", "Portal", "http://a/"),
            )
            portals.add(report.portal)
        sql.execute("INSERT INTO resource VALUES (?,?,?,NULL,NULL)", (number, f"http://a/{number}", str(number)))
        sql.execute(
            "INSERT INTO capture (id, crawl, resource, at, method, outcome) VALUES (?,1,?,?,'GET','fetched')",
            (number, number, number),
        )
        sql.execute(
            "INSERT INTO report (id, portal, key, resource, title, publisher, year, kind, state, revisions, first_seen,"
            " last_seen, last_crawl) VALUES (?,?,?,?,?,?,?,'disclosure','present',?,?,?,1)",
            (
                number, report.portal, str(number), number, report.revisions[0][0], report.publisher, report.year,
                len(report.revisions), number, number,
            ),
        )  # fmt: skip
        for n, texts in enumerate(report.revisions, 1):
            revision += 1
            _revision(sql, known, revision, number, n, report, texts)
    return revision


def _revision(
    sql: sqlite3.Connection,
    known: dict[bytes, int],
    revision: int,
    number: int,
    n: int,
    report: Report,
    texts: list[str],
) -> None:
    sql.execute(
        "INSERT INTO revision (id, report, n, home, crawl, capture, at, substance, reading) VALUES (?,?,?,?,1,?,?,x'00',?)",
        (revision, number, n, n, number, number + (n - 1) * 10_000_000, revision),
    )
    sql.execute(
        "INSERT INTO reading (id, revision, software, at, title, publisher, year, kind, substance, digest, data)"
        " VALUES (?,?,1,0,?,?,?,'disclosure',x'00',x'00',x'00')",
        (revision, revision, texts[0], report.publisher, report.year),
    )
    links = []
    for position, text in enumerate(texts):
        digest = text_digest(text)
        if digest not in known:
            known[digest] = len(known) + 1
            sql.execute("INSERT INTO paragraph VALUES (?,?,?)", (known[digest], digest, text))
        links.append((revision, position, known[digest]))
    sql.executemany("INSERT INTO revision_paragraph VALUES (?,?,?)", links)
