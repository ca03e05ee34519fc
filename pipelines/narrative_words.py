"""The wordings of figures in prose: which words beside a number name which indicator of the 2014 statistics.

The indicators are those of the notice 国办发〔2014〕32号, whose labels reports of 2008 to 2018 repeat in sentences.
A wording stands here only when it leaves one reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PIECES = "件|份|宗|例|起|条|次|项|封|人次"


@dataclass(frozen=True, slots=True)
class Wording:
    """A wording: the indicator, its unit, the words that must and must not stand beside the number, and the counters.

    The words are looked for in the number's own label; ``topic``: its paragraph, up to the number's sentence, or
    the heading above must speak of this.
    """

    indicator: str
    unit: str
    words: re.Pattern[str]
    topic: re.Pattern[str] | None
    counters: frozenset[str]
    without: re.Pattern[str] | None = None


def _w(
    indicator: str,
    unit: str,
    words: str,
    topic: re.Pattern[str] | None,
    counters: str = PIECES,
    without: str | None = None,
) -> Wording:
    return Wording(
        indicator,
        unit,
        re.compile(words),
        topic,
        frozenset(counters.split("|")),
        re.compile(without) if without else None,
    )


APPLICATION = r"(?:依申请公开|信息公开申请|公开申请|申请公开|公开(?:政府)?信息(?:的)?申请|公开政府信息)"
APPLICATIONS = re.compile(
    rf"{APPLICATION}|受理.{{0,12}}申请|申请(?:件|表|事项|办理|答复|信息不存在)|(?:信函|当面|现场|网上|网络|传真)(?:提交|提出|方式)?(?:的)?申请"
    r"|同意(?:部分)?公开|更改补充"
)
DISCLOSURE = re.compile(r"主动公开|公开(?:了)?(?:各类)?(?:政府|政务)?信息|发布(?:各类)?(?:政府|政务)?信息|信息公开")
INFORMATION = r"(?:各类|各种)?(?:政府|政务)?信息"
NOT_OURS = r"投诉|咨询|来信|来电|来访|留言|信访|建议|提案|举报|复议|诉讼|转为?主动公开|清理|累计点击|访问|关注|浏览"
OTHER_TRAINING = r"(?:公文|法[律治制]|党[务员建]|安全|执法|保密|档案|消防|技能|岗前|写作|信访|会计|财务|干部|职工|农民|就业|创业|网络|电脑|计算机|统计|普法)[^，。；]{0,6}培训"

WORDINGS: tuple[Wording, ...] = (
    # ---- what was disclosed
    _w(
        "disclosure.items.total",
        "条",
        rf"(?:主动公开|主动发布|共公开|共发布|累计公开|公开发布)(?:了|的)?{INFORMATION}(?:总数|数量|数|总量)?(?:共|共计|总计|合计|累计|达到|达|为|约|有)*[^0-9，；。]{{0,4}}$",
        None,
        "条|件|项|篇",
        r"规范性文件|网站|公报|微博|微信|渠道|通过|上一?年|去年|栏目|累计.{0,6}以来|财政|领域|类信息.{0,4}类|预决算|办理|历年|截至|截止",
    ),
    _w(
        "disclosure.items.normative_docs",
        "件",
        r"(?:主动)?公开(?:了|的)?(?:行政)?规范性文件(?:数|数量)?(?:共|共计|为|有)?$",
        None,
        "件|份|条|个|篇",
        r"废止|清理|上一?年|去年",
    ),
    _w("disclosure.normative_docs.issued_total", "件", r"(?:制发|制定|印发|出台)(?:了|的)?(?:行政)?规范性文件(?:总数|数)?(?:共|为)?$", None, "件|份|个", r"废止|清理|主动公开|上一?年|去年"),
    _w("disclosure.channel.gazette", "条", r"公报(?:上)?(?:公开|发布|刊登)", DISCLOSURE, "条|件|篇", r"累计|期"),
    _w("disclosure.channel.website", "条", rf"(?:政府|门户|政务|部门|本|局|厅|委)(?:门户)?网站(?:上)?(?:主动)?(?:公开|发布|更新)(?:了|的)?{INFORMATION}", DISCLOSURE, "条|件|篇", r"累计.{0,6}以来|微博|微信|访问|点击"),
    _w("disclosure.channel.weibo", "条", r"(?:政务|官方)?微博(?!微信|和微信|、微信|及微信|留言).{0,16}$", DISCLOSURE, "条|篇", r"粉丝|关注|阅读|微信"),
    _w("disclosure.channel.wechat", "条", r"(?:政务|官方)?微信(?!微博|和微博|、微博|及微博|群).{0,16}$", DISCLOSURE, "条|篇", r"粉丝|关注|阅读|微博|期"),
    # ---- how the public was answered
    _w("response.issues", "次", r"回应(?:公众|社会|群众)?(?:关切|关注)?(?:的)?(?:涉及.{0,20})?(?:热点|舆情)(?:问题)?(?:或重大舆情)?(?:数)?(?:共)?$", None, "次|件|个|条"),
    _w("response.press_conferences", "次", r"(?:(?:举办|召开|参加)(?:了|或举办)?(?:各类)?$|新闻发布会(?:共|总次数|次数)?$)", re.compile("新闻发布会"), "次|场", r"培训|会议(?!$)"),
    _w("response.online_interviews", "次", r"在线访谈(?:节目|活动|次数)?(?:共)?$", None, "次|期"),
    _w("response.policy_explainers", "篇", r"(?:政策)?解读(?:稿件|文章|材料|信息|稿)(?:发布数)?(?:共)?$", None, "篇|条|件|份"),
    # ---- applications: how many, by which way
    _w(
        "applications.received.total",
        "件",
        rf"(?:(?:收到|受理|接收|接到|新收|办理|收)(?:的|到|了)?(?:[^0-9，；。]{{0,16}})(?:{APPLICATION}|申请)(?:表|事项|件|信息)?(?:总数|数量|数)?(?:的)?(?:共|共计|总计|合计|累计|为|有)*|(?:收到|受理|接收|接到|新收)(?:的|到|了)?(?:各类)?)$",
        APPLICATIONS,
        "件|份|宗|例|起|条|次",
        rf"上一?年|去年|{NOT_OURS}|结转|通过|网络|网上|信函|当面|现场|传真|邮|涉及|历年|以来|其中",
    ),
    _w("applications.received.by_mode.in_person", "件", r"(?:当面|现场|当场|窗口|柜台|上门)(?:提交|提出|递交|受理|形式|方式|申请|的)*(?:数)?(?:共|为|有)?$", APPLICATIONS, PIECES, NOT_OURS),
    _w("applications.received.by_mode.fax", "件", r"传真(?:提交|提出|形式|方式|申请|的)*(?:数)?(?:共|为|有)?$", APPLICATIONS, PIECES, NOT_OURS),
    _w("applications.received.by_mode.online", "件", r"(?:网上|网络|在线|互联网|网站|电子邮件|电子邮箱|依申请公开系统|平台)(?:提交|提出|渠道|系统|平台|形式|方式|申请|受理|的)*(?:数)?(?:共|为|有)?$", APPLICATIONS, PIECES, rf"{NOT_OURS}|发布|公开信息"),
    _w("applications.received.by_mode.letter", "件", r"(?:信函|书信|邮寄|邮政寄送|信件|挂号信|快递|书面)(?:提交|提出|形式|方式|申请|的)*(?:数)?(?:共|为|有)?$", APPLICATIONS, PIECES, NOT_OURS),
    # ---- applications: what became of them
    _w("applications.closed.on_time", "件", r"(?:按时|按期|如期|限期内|期限内|时限内)(?:办结|答复|办理|回复)(?:的|了|数)*(?:共|为)?$", APPLICATIONS, PIECES, NOT_OURS),
    _w("applications.closed.extended", "件", r"(?:延期|延长期限|延长)(?:后)?(?:办结|答复|办理|回复)(?:的|了|数)*(?:共|为)?$", APPLICATIONS, PIECES, NOT_OURS),
    _w("applications.closed.total", "件", r"(?<!按时)(?<!按期)(?<!如期)(?<!延期)(?:已|共|全部|累计)?办结(?:的|了|数|申请)*(?:共|为)?$", APPLICATIONS, PIECES, NOT_OURS),
    _w("applications.replied.total", "件", r"(?:(?:已|共|累计|做出|作出)(?:予以|作|依法|按时)?(?:答复|回复)|答复(?:总数|数))(?:的|了|申请|数)*(?:共|为)?$", APPLICATIONS, PIECES, rf"{NOT_OURS}|公开|不存在|网民"),
    _w("applications.replied.already_public", "件", r"(?:已(?:经)?主动公开(?:范围)?|主动公开范围)(?:的|内|数)*(?:有|为|共)?$|^(?:的)?(?:申请)?(?:的)?(?:内容|信息)?(?:属于|为)已(?:经)?主动公开", APPLICATIONS, PIECES, NOT_OURS.replace("转为?主动公开|", "")),
    _w("applications.replied.partial", "件", r"(?:(?<!不)同意|予以|依法|给予)?部分公开(?:的|答复|数)*(?:有|为|共)?$|^(?:的)?[^0-9，；。]{0,10}(?:同意|予以)?部分公开", APPLICATIONS, PIECES, NOT_OURS),
    _w("applications.replied.granted", "件", r"(?:(?<!不)同意公开|(?<!不)予以公开|(?<!部分)(?<!不予)全部公开|准予公开)(?:的|答复|数)*(?:有|为|共)?$|^(?:的)?(?:申请)?(?:依法)?(?:同意公开|予以公开|准予公开)(?!的?部分)", APPLICATIONS, PIECES, rf"{NOT_OURS}|部分|不予|不同意"),
    _w("applications.replied.refused", "件", r"(?:不同意公开|不予公开)(?:的|答复|数)*(?:有|为|共)?$|^(?:的)?(?:申请)?(?:依法)?(?:不同意公开|不予公开)", APPLICATIONS, PIECES, rf"{NOT_OURS}|秘密|隐私|安全|条例》|规定"),
    _w("applications.replied.refused.state_secret", "件", r"国家秘密.{0,12}$|^[^0-9，；。]{0,8}国家秘密", APPLICATIONS, PIECES, rf"{NOT_OURS}|商业|隐私"),
    _w("applications.replied.refused.trade_secret", "件", r"商业秘密.{0,12}$|^[^0-9，；。]{0,8}商业秘密", APPLICATIONS, PIECES, rf"{NOT_OURS}|国家秘密|隐私"),
    _w("applications.replied.refused.privacy", "件", r"个人隐私.{0,12}$|^[^0-9，；。]{0,8}个人隐私", APPLICATIONS, PIECES, rf"{NOT_OURS}|秘密"),
    _w("applications.replied.refused.not_gov_info", "件", r"(?:不是|不属于|非)(?:《条例》所指(?:的)?|政府信息公开条例所指(?:的)?|本条例所指(?:的)?)?(?:应当公开的)?政府信息(?:范围|范畴)?(?:的|数)*(?:有|为)?$|^(?:的)?(?:申请)?(?:内容)?(?:不是|不属于|非)(?:《条例》所指(?:的)?)?政府信息", APPLICATIONS, PIECES, rf"{NOT_OURS}|机关|本行政|本单位|本部门"),
    _w("applications.replied.not_this_agency", "件", r"(?:不属于|非)(?:本|我)(?:行政)?(?:机关|单位|部门|局|厅|委)[^0-9，；。]{0,14}$|^[^0-9，；。]{0,8}(?:不属于|非)(?:本|我)(?:行政)?(?:机关|单位|部门|局|厅|委)", APPLICATIONS, PIECES, NOT_OURS),
    _w("applications.replied.not_exist", "件", r"(?:信息)?不存在(?:的|数)*(?:有|为|共)?$|^(?:的)?(?:申请)?(?:的)?(?:政府)?信息不存在", APPLICATIONS, PIECES, rf"{NOT_OURS}|部分"),
    _w("applications.replied.asked_to_amend", "件", r"(?:更改|补正|更正)(?:、)?(?:补充)?(?:申请)?(?:的|通知|数)*(?:有|为|共)?$|^[^0-9，；。]{0,8}(?:更改补充|补正|更改、补充)", APPLICATIONS, PIECES, NOT_OURS),
    _w("applications.replied.other_channel", "件", r"(?:其他|其它)途径(?:办理|解决|获取)?(?:的|数)*(?:有|为|共)?$|^[^0-9，；。]{0,8}(?:其他|其它)途径", APPLICATIONS, PIECES, NOT_OURS),
    # ---- disputes, fees, resources
    _w("review.total", "件", r"行政复议(?:案件|申请|案|事项)?(?:共|数量|数|为|有)*$|^[^0-9，；。]{0,10}行政复议(?:案|申请)?", re.compile("信息公开|公开"), "件|宗|起|例|次", r"诉讼"),
    _w("litigation.total", "件", r"行政诉讼(?:案件|案|事项)?(?:共|数量|数|为|有)*$|^[^0-9，；。]{0,10}行政诉讼(?:案)?", re.compile("信息公开|公开"), "件|宗|起|例|次", r"复议"),
    _w("complaints.total", "件", r"(?:信息公开|公开).{0,10}(?:举报|投诉)(?:投诉|举报)?(?:数)?(?:共|为)?$", None, "件|宗|起|次"),
    _w("applications.fees", "元", r"(?:收取|收费)(?:了|的)?(?:[^0-9，；。]{0,24}费用?)?(?:共|共计|金额|合计|为)*$", APPLICATIONS, "元|万元", r"事业性|罚|学费|减免|保证金"),
    _w("training.meetings", "次", r"(?:召开)(?:了)?(?:政府信息公开|政务公开|信息公开)[^0-9，；。]{0,6}会议?(?:或专题会议)?(?:共|数)?$", None, "次"),
    _w("training.courses", "次", r"(?:举办|组织|开展)(?:了)?(?:各类)?(?:政府信息公开|政务公开|信息公开)(?:工作|业务|专题)?培训(?:班|会)?(?:共|数)?$", None, "次|期|场"),
    _w("training.participants", "人次", r"(?:接受|参加)(?:政府信息公开|政务公开|信息公开)?培训(?:人员)?(?:共|数)?$", re.compile("信息公开|政务公开"), "人次|人", OTHER_TRAINING),
    _w("resources.offices", "个", r"(?:设立|设置)?(?:政府信息公开|信息公开)(?:工作)?专门机构(?:数)?(?:共)?$", None, "个|家"),
    _w("resources.reading_points", "个", r"(?:政府信息|信息)?(?:公开)?查阅(?:点|场所|室)(?:数)?(?:共)?$", None, "个|处|家"),
    _w("resources.staff.full_time", "人", r"专职(?:工作)?人员(?:数)?(?:共)?$", re.compile("信息公开|政务公开"), "人|名"),
    _w("resources.staff.part_time", "人", r"兼职(?:工作)?人员(?:数)?(?:共)?$", re.compile("信息公开|政务公开"), "人|名"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Denial:
    """A wording that itself says none, within one clause; ``total``: it must not be of a kind (of applications) only."""

    indicator: str
    unit: str
    pattern: re.Pattern[str]
    total: bool = False


NEVER = r"(?:未|没有|无|没|尚未|均未|从未)(?:有|曾|再)?"
WITHIN = r"[^，,；;：:。（）()\n\d]"
CAUSED = rf"{NEVER}(?:收到|发生|接到|因|出现|引起|产生|被)"
DENIALS: tuple[Denial, ...] = (
    Denial("applications.received.total", "件", re.compile(rf"{NEVER}(?:收到|接到|受理|接收|发生)(?:过|到)?[^，,；;：:。（）()\n\d复诉讼]{{0,30}}?(?:{APPLICATION}|的申请)(?:件|事项|案件)?(?![^。；，\n]{{0,12}}(?:复议|诉讼|投诉|举报|咨询|撤回|收费|费用))"), total=True),
    Denial("review.total", "件", re.compile(rf"{CAUSED}{WITHIN}{{0,30}}?(?:行政)?复议(?!{WITHIN}{{0,6}}\d)|{NEVER}行政复议(?!{WITHIN}{{0,6}}\d)")),
    Denial("litigation.total", "件", re.compile(rf"{CAUSED}{WITHIN}{{0,40}}?(?:[，,](?=提起|行政诉讼|引[起发]){WITHIN}{{0,6}}?)?(?:行政)?诉讼(?!{WITHIN}{{0,6}}\d)|{NEVER}(?:行政复议(?:、|和|及|或)?)?行政诉讼(?!{WITHIN}{{0,6}}\d)")),
    Denial("applications.fees", "元", re.compile(r"(?:均)?(?:未|没有|不)(?:向[^。；，\n]{0,12})?收取(?:过)?(?:任何|信息处理|检索|复制|相关)?[^。；，\n\d]{0,12}?费|(?:未|没有)(?:产生|发生)[^。；，\n\d]{0,12}?收费")),
)  # fmt: skip
OF_A_KIND = re.compile(
    r"^(?!.*(?:等|任何|各[种类]|一切)).*(?:书面|当面|现场|网上|网络|在线|电子|信函|传真|邮寄|邮件|不予|重复|部分|涉密|超期|逾期|延期|复杂|疑难|补正|其[他它]|跨)"
)
"""A denial of some applications only: it says nothing of how many there were in all."""
INTENDED = re.compile(
    r"计划(?!生育)|力争|争取|拟(?!定|制)|目标|预计|预期|打算|不少于|不低于|不得少于|至少|确保|应当?(?:主动)?公开(?!尽)|应当?(?:达到|完成)|(?<!按)(?<!按照)(?<!有关)(?<!的)要求(?:[各主公])"
)
"""Words in a number's clause that make it a wish or a duty."""
MEANT = re.compile(r"[^，；。\d]{0,6}(?:力争|计划(?!生育)|打算|下一步|下步|争取)")
"""How a sentence of plans opens."""
RATE = re.compile(r"每[页张件份次人条宗面]|标准|单价|/页")
MODERN = frozenset({"applications.received.total", "disclosure.items.total"})
"""What the prose of a report with modern tables may give: its definition has not changed since 2014."""
