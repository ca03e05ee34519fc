"""Invented places, bodies and phrases; no real place, person or document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The time every portal prints."""

PLACES = (
    "云岫", "青岑", "白榆", "澜汀", "栖梧", "沅芷", "霁川", "松漪", "岚屿", "砚溪", "璃川",
    "汐澜", "枫渚", "芦汀", "星垣", "竹霭", "烟萝", "棠浦", "晴峦", "荻浦",
)  # fmt: skip

TRADES = (
    ("商务", "sw"), ("水利", "sl"), ("交通运输", "jt"), ("文化和旅游", "wlj"), ("农业农村", "ny"),
    ("生态环境", "sthj"), ("住房和城乡建设", "zjt"), ("市场监督管理", "scjg"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Publisher:
    """A body that issues reports: its full name, what it calls itself, the years it reports on."""

    name: str
    own: str
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is who on one portal: the body that owns it and the others whose reports it carries."""

    site: str
    short: str
    province: str
    code: str
    owner: Publisher
    others: tuple[Publisher, ...]
    trade: str

    @property
    def publishers(self) -> tuple[Publisher, ...]:
        """All of them, the owner first."""
        return (self.owner, *self.others)


def cast(rng: random.Random, last: int) -> Cast:
    """The bodies of one invented province, whose newest reports are of the year ``last``."""
    province, city, district, county = rng.sample(PLACES, 4)
    trade, slug = rng.choice(TRADES)
    owner = Publisher(f"{province}省{trade}厅", "我厅", tuple(range(last - 9, last + 1)))
    others = (
        Publisher(f"{city}市{trade}局", "我局", tuple(range(last - 4, last + 1))),
        Publisher(f"{district}区工业信息化和{trade}局", "我局", tuple(range(last - 6, last - 2))),
        Publisher(f"{county}县人民政府办公室", "我办", tuple(range(last - 2, last + 1))),
    )
    code = f"99{rng.randint(1, 20):02d}00{rng.randint(1, 99):04d}"
    return Cast(owner.name, slug, province, code, owner, others, trade)


OPENINGS = (
    "根据《中华人民共和国政府信息公开条例》规定，编制并公布{name}{year}年政府信息公开工作年度报告。本报告所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。",
    "按照《中华人民共和国政府信息公开条例》要求，现发布《{name}{year}年政府信息公开工作年度报告》，本报告统计数据从{year}年1月1日至12月31日。",
    "本报告由{name}按照《中华人民共和国政府信息公开条例》第五十条的规定编制，统计期限自{year}年1月1日至{year}年12月31日。如有疑问，请与{name}办公室联系（地址：{place}云锦路{number}号；邮编：9{number:05d}；电话：0999-55{number:05d}）。",
)
OVERVIEW = (
    "{year}年，{own}坚持以公开为常态、不公开为例外，健全政务公开机制，规范发布政策措施，强化重点领域公开。",
    "{year}年，{own}认真落实政务公开工作部署，围绕群众关切扩大公开范围，提升公开质量。",
    "{year}年，{own}严格执行信息发布审核制度，持续推进决策、执行、管理、服务和结果公开。",
)
ACTIVE = (
    "（一）主动公开情况。{year}年，{own}通过门户网站和政务新媒体主动公开政府信息{items}条。",
    "（一）主动公开情况。全年共主动公开各类政府信息{items}条，及时更新机构职能、财政信息等栏目。",
)
APPLIED = (
    "（二）依申请公开情况。{year}年，{own}共收到政府信息公开申请{received}件，均在法定期限内办理。",
    "（二）依申请公开情况。全年收到政府信息公开申请{received}件，已按规定答复。",
)
NO_APPLICATION = "（二）依申请公开情况。{year}年，{own}未收到政府信息公开申请。"
MANAGED = (
    "（三）政府信息管理情况。落实“先审查、后公开”原则，信息发布坚持三审三校。",
    "（三）政府信息管理情况。完善公文公开属性源头认定，动态调整主动公开目录。",
)
PLATFORM = (
    "（四）平台建设情况。加强网站栏目维护，对失效链接、错别字等开展月度巡查。",
    "（四）平台建设情况。优化政府信息公开专栏，规范设置指南、制度、年报等栏目。",
)
SUPERVISED = (
    "（五）监督保障情况。主要负责同志负总责，办公室牵头，全年开展业务培训2次。",
    "（五）监督保障情况。将政务公开纳入年度考核，主动接受社会监督，未发生责任追究情形。",
)
PROBLEMS = (
    "一是政策解读形式还不够丰富；二是信息发布的及时性有待提高；三是工作人员业务能力需要进一步加强。",
    "一是公开内容与公众需求仍有差距；二是部分栏目更新不够及时；三是基层单位公开工作发展不平衡。",
)
IMPROVED = (
    "下一步，将加强业务培训，丰富解读形式，压实公开责任，推动各项工作再上新台阶。",
    "改进情况：一是完善信息发布流程；二是加强对所属单位的指导；三是听取公众意见，改进专栏设置。",
)
OTHER_MATTERS = (
    "{year}年，{own}依申请提供政府信息未收取信息处理费。其他需要报告的事项无。",
    "按照《政府信息公开信息处理费管理办法》，本年度收取信息处理费0元。",
)
FREE_PARAGRAPHS = (
    "（一）加强组织领导。调整政务公开工作领导小组，明确由办公室承担日常工作，各处室各负其责。",
    "（二）完善制度机制。修订信息发布、保密审查、责任追究等制度，形成用制度管公开的局面。",
    "（三）拓宽公开渠道。除门户网站外，还利用公告栏、电子显示屏、新闻媒体等方式发布信息。",
)
NEWS = (
    "{name}召开{year}年工作会议",
    "{name}开展“政府开放日”活动",
    "{site}举办全省业务培训班",
    "霜降时节话{trade}：{place}的一天",
)
