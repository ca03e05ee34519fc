"""The official forms as data: rows, columns, labels, indicator codes.

2014: 政府信息公开情况统计表 (国办发〔2014〕32号); 2019: 国办公开办函〔2019〕60号; 2021: 国办公开办函〔2021〕30号.
"""

from __future__ import annotations

COLUMNS = (
    ("natural_person", "自然人"),
    ("business", "商业企业"),
    ("research", "科研机构"),
    ("public_interest", "社会公益组织"),
    ("legal_service", "法律服务机构"),
    ("other_org", "其他"),
    ("total", "总计"),
)
"""Section three's seven value columns."""

CORNER = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
RESULTS = "三、本年度办理结果"
OUTCOME = "applications.outcome"

_REFUSED = (
    ("state_secret", "1.属于国家秘密"),
    ("law_prohibited", "2.其他法律行政法规禁止公开"),
    ("security_stability", "3.危及“三安全一稳定”"),
    ("third_party", "4.保护第三方合法权益"),
    ("internal_affairs", "5.属于三类内部事务信息"),
    ("process_info", "6.属于四类过程性信息"),
    ("enforcement_file", "7.属于行政执法案卷"),
    ("statutory_inquiry", "8.属于行政查询事项"),
)
_UNAVAILABLE = (
    ("not_held", "1.本机关不掌握相关政府信息"),
    ("needs_creation", "2.没有现成信息需要另行制作"),
    ("unclear", "3.补正后申请内容仍不明确"),
)
_NOT_PROCESSED = (
    ("petition", "1.信访举报投诉类申请"),
    ("duplicate", "2.重复申请"),
    ("publication", "3.要求提供公开出版物"),
    ("excessive", "4.无正当理由大量反复申请"),
    ("reconfirm", "5.要求行政机关确认或重新出具已获取信息"),
)
_OTHER_2021 = (
    ("overdue_correction", "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"),
    ("overdue_fee", "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"),
    ("misc", "3.其他"),
)

Labelled = tuple[str, tuple[str, ...]]
"""A row's code and its labels from the outermost group inwards."""


def _group(name: str, label: str, leaves: tuple[tuple[str, str], ...]) -> tuple[Labelled, ...]:
    return tuple((f"{OUTCOME}.{name}.{leaf}", (RESULTS, label, text)) for leaf, text in leaves)


_HEAD: tuple[Labelled, ...] = (
    ("applications.received", ("一、本年新收政府信息公开申请数量",)),
    ("applications.carried_in", ("二、上年结转政府信息公开申请数量",)),
)
_LEAVES: tuple[Labelled, ...] = (
    (f"{OUTCOME}.granted", (RESULTS, "（一）予以公开")),
    (f"{OUTCOME}.partial", (RESULTS, "（二）部分公开（区分处理的，只计这一情形，不计其他情形）")),
    *_group("refused", "（三）不予公开", _REFUSED),
    *_group("unavailable", "（四）无法提供", _UNAVAILABLE),
    *_group("not_processed", "（五）不予处理", _NOT_PROCESSED),
)
_TAIL: tuple[Labelled, ...] = (
    (f"{OUTCOME}.total", (RESULTS, "（七）总计")),
    ("applications.carried_out", ("四、结转下年度继续办理",)),
)

ROWS_2019: tuple[Labelled, ...] = (*_HEAD, *_LEAVES, (f"{OUTCOME}.other", (RESULTS, "（六）其他处理")), *_TAIL)
ROWS_2021: tuple[Labelled, ...] = (*_HEAD, *_LEAVES, *_group("other", "（六）其他处理", _OTHER_2021), *_TAIL)


def leaves(rows: tuple[Labelled, ...]) -> tuple[str, ...]:
    """The codes of the outcome rows that add up to 总计."""
    return tuple(code for code, _ in rows if code.startswith(OUTCOME) and code != f"{OUTCOME}.total")


VERDICTS = (
    ("upheld", "结果维持"),
    ("corrected", "结果纠正"),
    ("other", "其他结果"),
    ("pending", "尚未审结"),
    ("total", "总计"),
)
PROCEEDINGS = (
    ("review", "行政复议", ""),
    ("litigation.direct", "行政诉讼", "未经复议直接起诉"),
    ("litigation.after_review", "行政诉讼", "复议后起诉"),
)

Part = tuple[str, tuple[str, ...], tuple[tuple[str, str, tuple[tuple[str, str | None], ...]], ...]]
"""One paragraph of article 20: caption, column heads, rows of (stem, label, (column code, unit) …)."""

_ITEMS = (("items_prev_year", "项"), ("items_change", "项"), ("decisions", "件"))
DISCLOSURE_2019: tuple[Part, ...] = (
    (
        "第二十条第（一）项",
        ("信息内容", "本年新制作数量", "本年新公开数量", "对外公开总数量"),
        tuple(
            (stem, label, (("made_this_year", "件"), ("published_this_year", "件"), ("public_total", "件")))
            for stem, label in (("rules", "规章"), ("normative_docs", "规范性文件"))
        ),
    ),
    (
        "第二十条第（五）项",
        ("信息内容", "上一年项目数量", "本年增/减", "处理决定数量"),
        (("licensing", "行政许可", _ITEMS), ("other_services", "其他对外管理服务事项", _ITEMS)),
    ),
    (
        "第二十条第（六）项",
        ("信息内容", "上一年项目数量", "本年增/减", "处理决定数量"),
        (("penalties", "行政处罚", _ITEMS), ("coercion", "行政强制", _ITEMS)),
    ),
    ("第二十条第（八）项", ("信息内容", "上一年项目数量", "本年增/减"), (("fees", "行政事业性收费", _ITEMS[:2]),)),
    (
        "第二十条第（九）项",
        ("信息内容", "采购项目数量", "采购总金额"),
        (("procurement", "政府集中采购", (("items", "个"), ("amount", None))),),
    ),
)
DISCLOSURE_2021: tuple[Part, ...] = (
    (
        "第二十条第（一）项",
        ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数"),
        tuple(
            (stem, label, (("issued", "件"), ("repealed", "件"), ("in_force", "件")))
            for stem, label in (("rules", "规章"), ("normative_docs", "行政规范性文件"))
        ),
    ),
    ("第二十条第（五）项", ("信息内容", "本年处理决定数量"), (("licensing", "行政许可", (("decisions", "件"),)),)),
    (
        "第二十条第（六）项",
        ("信息内容", "本年处理决定数量"),
        (("penalties", "行政处罚", (("decisions", "件"),)), ("coercion", "行政强制", (("decisions", "件"),))),
    ),
    (
        "第二十条第（八）项",
        ("信息内容", "本年收费金额（单位：万元）"),
        (("fees", "行政事业性收费", (("amount", "万元"),)),),
    ),
)

ROWS_2014: tuple[tuple[str | None, str, str | None], ...] = (
    (None, "一、主动公开情况", None),
    ("disclosure.items.total", "（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）", "条"),
    ("disclosure.items.normative_docs", "其中：主动公开规范性文件数", "条"),
    ("disclosure.normative_docs.issued_total", "制发规范性文件总数", "件"),
    (None, "（二）通过不同渠道和方式公开政府信息的情况", None),
    ("disclosure.channel.gazette", "1.政府公报公开政府信息数", "条"),
    ("disclosure.channel.website", "2.政府网站公开政府信息数", "条"),
    ("disclosure.channel.weibo", "3.政务微博公开政府信息数", "条"),
    ("disclosure.channel.wechat", "4.政务微信公开政府信息数", "条"),
    ("disclosure.channel.other", "5.其他方式公开政府信息数", "条"),
    (None, "二、回应解读情况", None),
    ("response.issues", "（一）回应公众关注热点或重大舆情数（不同方式回应同一热点或舆情计1次）", "次"),
    (None, "（二）通过不同渠道和方式回应解读的情况", None),
    ("response.press_conferences", "1.参加或举办新闻发布会总次数", "次"),
    ("response.press_conferences.by_head", "其中：主要负责同志参加新闻发布会次数", "次"),
    ("response.online_interviews", "2.政府网站在线访谈次数", "次"),
    ("response.online_interviews.by_head", "其中：主要负责同志参加政府网站在线访谈次数", "次"),
    ("response.policy_explainers", "3.政策解读稿件发布数", "篇"),
    ("response.social_media_events", "4.微博微信回应事件数", "次"),
    ("response.other_events", "5.其他方式回应事件数", "次"),
    (None, "三、依申请公开情况", None),
    ("applications.received.total", "（一）收到申请数", "件"),
    ("applications.received.by_mode.in_person", "1.当面申请数", "件"),
    ("applications.received.by_mode.fax", "2.传真申请数", "件"),
    ("applications.received.by_mode.online", "3.网络申请数", "件"),
    ("applications.received.by_mode.letter", "4.信函申请数", "件"),
    ("applications.closed.total", "（二）申请办结数", "件"),
    ("applications.closed.on_time", "1.按时办结数", "件"),
    ("applications.closed.extended", "2.延期办结数", "件"),
    ("applications.replied.total", "（三）申请答复数", "件"),
    ("applications.replied.already_public", "1.属于已主动公开范围数", "件"),
    ("applications.replied.granted", "2.同意公开答复数", "件"),
    ("applications.replied.partial", "3.同意部分公开答复数", "件"),
    ("applications.replied.refused", "4.不同意公开答复数", "件"),
    ("applications.replied.refused.state_secret", "其中：涉及国家秘密", "件"),
    ("applications.replied.refused.trade_secret", "涉及商业秘密", "件"),
    ("applications.replied.refused.privacy", "涉及个人隐私", "件"),
    (
        "applications.replied.refused.security_stability",
        "危及国家安全、公共安全、经济安全和社会稳定",
        "件",
    ),
    ("applications.replied.refused.not_gov_info", "不是《条例》所指政府信息", "件"),
    ("applications.replied.refused.other_law", "法律法规规定的其他情形", "件"),
    ("applications.replied.not_this_agency", "5.不属于本行政机关公开数", "件"),
    ("applications.replied.not_exist", "6.申请信息不存在数", "件"),
    ("applications.replied.asked_to_amend", "7.告知作出更改补充数", "件"),
    ("applications.replied.other_channel", "8.告知通过其他途径办理数", "件"),
    ("review.total", "四、行政复议数量", "件"),
    ("review.upheld", "（一）维持具体行政行为数", "件"),
    ("review.corrected", "（二）被依法纠错数", "件"),
    ("review.other", "（三）其他情形数", "件"),
    ("litigation.total", "五、行政诉讼数量", "件"),
    ("litigation.upheld", "（一）维持具体行政行为或者驳回原告诉讼请求数", "件"),
    ("litigation.corrected", "（二）被依法纠错数", "件"),
    ("litigation.other", "（三）其他情形数", "件"),
    ("complaints.total", "六、举报投诉数量", "件"),
    ("applications.fees", "七、依申请公开信息收取的费用", "万元"),
    (None, "八、机构建设和保障经费情况", None),
    ("resources.offices", "（一）政府信息公开工作专门机构数", "个"),
    ("resources.reading_points", "（二）设置政府信息公开查阅点数", "个"),
    ("resources.staff.total", "（三）从事政府信息公开工作人员数", "人"),
    ("resources.staff.full_time", "1.专职人员数（不包括政府公报及政府网站工作人员数）", "人"),
    ("resources.staff.part_time", "2.兼职人员数", "人"),
    (
        "resources.budget",
        "（四）政府信息公开专项经费（不包括用于政府公报编辑管理及政府网站建设维护等方面的经费）",
        "万元",
    ),
    (None, "九、政府信息公开会议和培训情况", None),
    ("training.meetings", "（一）召开政府信息公开工作会议或专题会议数", "次"),
    ("training.courses", "（二）举办各类培训班数", "次"),
    ("training.participants", "（三）接受培训人员数", "人次"),
)
"""The 2014 table's rows: code (None: a heading line), label, unit."""
