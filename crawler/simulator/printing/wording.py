"""The sentences of random reports, with the figures, contacts and document numbers that they state.

Invented bodies and phrases only.  A figure in a sentence agrees with the tables unless a disagreement is planted;
sentences with figures that are no indicators (proposals, visits, accounts) stand between them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.simulator.labels import OUTCOME
from crawler.simulator.printing.report import Particulars
from crawler.simulator.sheet import Block

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

Sentence = tuple[str, tuple[str, ...]]
"""A pattern whose ``{0}``, ``{1}`` … are figures, and their indicators."""

RECEIVED = "applications.received.total"
_CHANNEL = "disclosure.channel"
_MODE = "applications.received.by_mode"

ITEMS: tuple[Sentence, ...] = (
    ("{year}年，{own}主动公开政府信息{0}条。", ("disclosure.items.total",)),
    ("全年共主动公开各类政府信息 {0} 条，做到应公开尽公开。", ("disclosure.items.total",)),
    ("截至{year}年12月31日，{own}本年度累计主动公开政府信息{0}条。", ("disclosure.items.total",)),
)
APPLIED: tuple[Sentence, ...] = (
    ("{year}年，{own}共收到政府信息公开申请{0}件，均按期答复。", (RECEIVED,)),
    ("全年收到政府信息公开申请 {0} 件，办理过程依法依规。", (RECEIVED,)),
    ("{year}年度，{own}收到政府信息公开申请{0}件，较好保障了公众知情权。", (RECEIVED,)),
)
OUTCOMES: tuple[Sentence, ...] = (
    ("办理结果中，予以公开{0}件，部分公开{1}件。", (f"{OUTCOME}.granted.total", f"{OUTCOME}.partial.total")),
    ("其中，结转下年度继续办理{0}件。", ("applications.carried_out.total",)),
)
CHANNELS: tuple[Sentence, ...] = (
    (
        "其中通过政府网站公开政府信息{0}条，通过政务微博公开政府信息{1}条，通过政务微信公开政府信息{2}条。",
        (f"{_CHANNEL}.website", f"{_CHANNEL}.weibo", f"{_CHANNEL}.wechat"),
    ),
)
MODES: tuple[Sentence, ...] = (
    (
        "其中，当面申请{0}件，传真申请{1}件，网络申请{2}件，信函申请{3}件。",
        (f"{_MODE}.in_person", f"{_MODE}.fax", f"{_MODE}.online", f"{_MODE}.letter"),
    ),
)
DISPUTES: tuple[Sentence, ...] = (
    ("因政府信息公开申请行政复议{0}件，提起行政诉讼{1}件。", ("review.total", "litigation.total")),
)
MEETINGS: tuple[Sentence, ...] = (
    ("全年召开政府信息公开工作会议{0}次，举办培训班{1}次。", ("training.meetings", "training.courses")),
)
OTHERS = (
    "办理人大代表建议{a}件、政协委员提案{b}件，满意率100%。",
    "门户网站全年访问量{c}人次，政务新媒体账号{b}个，关注用户{c}人。",
    "“12345”政务服务便民热线受理群众来电{c}个，按期办结率99.{b}%。",
    "开展月度巡查12次，整改错别字{a}处、失效链接{b}个。",
    "修订完善工作制度{b}项，参加省级培训{b}次。",
    "指导{a}家所属单位更新栏目，发布图解{b}篇。",
)
GENERAL = (
    "{year}年，{own}坚持以习近平新时代中国特色社会主义思想为指导，持续加强政务公开工作。",
    "围绕中心工作，聚焦社会关切，健全公开机制，提升公开实效。",
    "严格落实“先审查、后公开”的原则，信息发布实行三审三校。",
)
PROBLEMS = (
    "一是公开的深度和广度有待拓展；二是政策解读的形式较为单一；三是工作人员业务水平还需提高。",
    "存在的主要问题：信息更新的时效性不强，个别栏目内容偏少。改进情况：完善制度，加强培训，定期通报。",
    "下一步，{own}将对照要求查漏补缺，优化栏目设置，丰富解读方式，压实工作责任。",
)
LAST = (
    "{year}年，{own}未收取信息处理费。",
    "无其他需要报告的事项。",
    "{year}年度未发生收取政府信息公开信息处理费情况。",
)
OPENINGS = (
    "根据《中华人民共和国政府信息公开条例》第五十条规定和《{higher}》（{number}）要求，编制本报告。",
    "按照《{higher}》（{number}）有关要求，现公布{name}{year}年政府信息公开工作情况。",
    "本报告依据《中华人民共和国政府信息公开条例》及《{higher}》（{number}）编制。本报告中所列数据的统计期限自{year}年1月1日起，至{year}年12月31日止。",
)
HIGHER = (
    ("国务院办公厅政府信息与政务公开办公室关于印发政府信息公开工作年度报告格式的通知", "国办公开办函{l}{y}{r}{n}号"),
    ("{place}人民政府办公室关于做好政务公开工作的通知", "{sign}政办发{l}{y}{r}{n}号"),
    ("关于加强政府信息公开统计工作的通知", "{sign}政公开办{l}{y}{r}{n}号"),
)
BRACKETS = (("〔", "〕"), ("〔", "〕"), ("［", "］"), ("[", "]"), ("（", "）"))
ROADS = ("云锦路", "沧浪大道", "青石街", "望江东路", "文昌巷")


@dataclass(slots=True)
class Told:
    """What has been written so far: blocks, and what a reader gets out of them."""

    rng: random.Random
    said: dict[str, object]
    printed: Mapping[str, int]
    separated: bool
    blocks: list[Block] = field(default_factory=list)
    prose: dict[str, int] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)

    def heading(self, text: str) -> None:
        """A heading of the first level."""
        self.blocks.append(Block("heading", text))

    def paragraph(self, *sentences: str) -> None:
        """A paragraph of sentences that are already filled in."""
        if text := "".join(sentences):
            self.blocks.append(Block("paragraph", text))

    def phrase(self, bank: tuple[str, ...]) -> str:
        """A sentence without indicators."""
        few, some, many = self.rng.randint(1, 9), self.rng.randint(1, 90), self.rng.randint(100, 90000)
        return self.rng.choice(bank).format(**self.said, a=some, b=few, c=many)

    def figures(self, bank: tuple[Sentence, ...]) -> str:
        """A sentence with figures, or nothing where the report does not count these."""
        pattern, codes = self.rng.choice(bank)
        if any(code not in self.printed for code in codes):
            return ""
        self.prose |= {code: self.printed[code] for code in codes}
        shown = [f"{self.printed[code]:,}" if self.separated else str(self.printed[code]) for code in codes]
        return pattern.format(*shown, **self.said)

    def document(self) -> tuple[str, str]:
        """A higher office's document and its number, which the text then cites."""
        name, number = self.rng.choice(HIGHER)
        left, right = self.rng.choice(BRACKETS)
        year = self.rng.randint(2008, int(str(self.said["year"])))
        said = self.said | {"l": left, "r": right, "y": year, "n": self.rng.randint(1, 199)}
        self.numbers.append(number.format(**said))
        return name.format(**said), self.numbers[-1]

    def opening(self) -> None:
        """The first paragraph, with the document that asks for the report."""
        higher, number = self.document()
        self.paragraph(self.rng.choice(OPENINGS).format(**self.said, higher=higher, number=number))


def particulars(rng: random.Random, place: str) -> Particulars:
    """How an invented office can be reached; some parts are left unsaid."""
    area, number = rng.randint(910, 999), rng.randint(2_000_000, 8_999_999)
    phone = rng.choice((f"0{area}-{number}", f"（0{area}）{number}", f"0{area}－{number}"))
    room = rng.choice(("", "", f"政务大楼{rng.randint(101, 999)}室"))
    everything = {
        "address": f"{place}{rng.choice(ROADS)}{rng.randint(1, 999)}号{room}",
        "postcode": f"{rng.randint(100_000, 899_999)}",
        "phone": phone,
        "fax": f"0{area}-{rng.randint(2_000_000, 8_999_999)}",
        "email": f"{rng.choice(('xxgk', 'zwgk', 'bgs_2', 'zfb.xxgk'))}{rng.randint(1, 99)}@{rng.choice(('mail.test', '163.test', 'yx.gov.test'))}",
    }
    kept = {name: text for name, text in everything.items() if rng.random() < 0.75}
    return Particulars(**kept) if kept else Particulars()


_NAMES = (
    {"address": "地址", "postcode": "邮编", "phone": "电话", "fax": "传真", "email": "电子邮箱"},
    {"address": "联系地址", "postcode": "邮政编码", "phone": "联系电话", "fax": "传真号码", "email": "电子邮件"},
    {"address": "办公地址", "postcode": "邮政编码", "phone": "咨询电话", "fax": "传真", "email": "E-mail"},
)


def contact_paragraphs(rng: random.Random, name: str, contacts: Particulars) -> list[str]:
    """The contacts in one sentence, or line by line as a letterhead has them."""
    told = {key: getattr(contacts, key) for key in _NAMES[0] if getattr(contacts, key)}
    if not told:
        return []
    names = rng.choice(_NAMES)
    if rng.random() < 0.6:
        listed = rng.choice(("；", "，")).join(f"{names[key]}：{text}" for key, text in told.items())
        return [f"如对本报告有疑问，请与{name}政务公开科联系（{listed}）。"]
    spaced = {"地址": "地　　址", "邮编": "邮　　编", "电话": "电　　话", "传真": "传　　真"}
    return [f"{spaced.get(names[key], names[key])}：{text}" for key, text in told.items()]
