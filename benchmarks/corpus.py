"""Portals that never were, crawled many times: pages of annual reports with noise, edits and redesigns, always the same.

Of a page's captures 70 % are as before, 20 % differ in noise (a counter, a token, a stamp), 8 % in one figure, and now
and then a whole portal is redesigned: the shares of the measurements this archive was designed on.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = "政府信息公开工作年度报告依申请主动公开行政许可处罚强制复议诉讼机构建设监督保障平台解读回应社会关切制度规范管理情况存在问题改进措施其他事项"
FIGURES = 60


@dataclass(frozen=True)
class Page:
    """One fetched page: its address, its bytes, and what it says (values), or None for a file that is no report."""

    url: str
    body: bytes
    values: tuple[int, ...] | None
    paragraphs: tuple[str, ...]
    media_type: str


class Portal:
    """One portal with ``resources`` addresses: reports, and a file beside every tenth."""

    def __init__(self, number: int, resources: int) -> None:
        self.name = f"p{number:03d}"
        self.home = f"http://www.{self.name}.gov.cn/"
        self.random = random.Random(number)
        self.resources = resources
        self.design = 0
        self._dress()
        self.values = [[self.random.randrange(900) for _ in range(FIGURES)] for _ in range(resources)]
        self.text = [tuple(self._paragraph() for _ in range(14)) for _ in range(resources)]
        self.noise = [0] * resources
        self.files = {i: self.random.randbytes(30_000) for i in range(0, resources, 10)}

    def _paragraph(self) -> str:
        words = "".join(self.random.choices(WORDS, k=self.random.randrange(40, 120)))
        return f"{self.random.randrange(2014, 2024)}年{words}{self.random.randrange(1000)}件。"

    def _dress(self) -> None:
        """A template of some 22 KB, of which half repeats itself as markup does."""
        names = ["".join(self.random.choices("abcdefghijklmnop", k=6)) for _ in range(60)]
        rules = "".join(
            f".{n}{{margin:{self.random.randrange(40)}px;color:#{self.random.randrange(1 << 24):06x}}}" for n in names
        )
        menu = "".join(
            f'<li class="{n}"><a href="/{n}/index_{i}.html">{n}栏目{i}</a></li>' for i, n in enumerate(names * 4)
        )
        self.head = f"<html><head><style>{rules}</style></head><body><ul>{menu}</ul>".encode()
        self.foot = (
            b"<div class=foot>" + "网站标识码 6400000001 主办单位 办公室 ".encode() * 8 + b"</div></body></html>"
        )

    def crawl(self) -> Iterator[Page]:
        """The pages of one crawl."""
        if self.random.random() < 0.02:
            self.design += 1
            self._dress()
        for i in range(self.resources):
            chance = self.random.random()
            if chance < 0.2:
                self.noise[i] += 1
            elif chance < 0.28:
                self.values[i][self.random.randrange(FIGURES)] += 1
            yield self._page(i)
            if i in self.files:
                yield Page(f"{self.home}files/{i}.pdf", self.files[i], None, (), "application/pdf")

    def _page(self, i: int) -> Page:
        cells = "".join(f"<tr><td>指标{k}</td><td>{v}</td></tr>" for k, v in enumerate(self.values[i]))
        text = "".join(f"<p>{line}</p>" for line in self.text[i])
        counter = (
            f"<span>浏览次数：{self.noise[i] * 7 + i}</span><i data-token='{self.noise[i] * 7919 % 10**9:09d}'></i>"
        )
        body = self.head + f"<h1>报告{i}</h1>{text}<table>{cells}</table>{counter}".encode() + self.foot
        return Page(f"{self.home}nb/{i}.html", body, tuple(self.values[i]), self.text[i], "text/html")
