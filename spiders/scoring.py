"""How much a link promises: its words and its path scored, as the field guide weighs them (3.1).

The 2019 norm puts 政府信息公开年报 into the section 政府信息公开 of every site, and 22 of 31 provincial portals call its
directory ``zfxxgknb`` or ``xxgknb``.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from spiders.text import squeezed

SECTION = 4
"""From this score of its words a link is taken for a section of the site, on the way to a column."""
SURE_PATH = 5
"""From this score of its path an address is taken for an annual-report column."""
COLUMN = 6
"""From this score of its words a link is taken for an annual-report column."""

_EXACT = {
    "政府信息公开年报",
    "信息公开年报",
    "政府信息公开工作年度报告",
    "政府信息公开年度报告",
    "公开年报",
    "政府信息公开工作年报",
}
_COLUMN = {"年报", "年度报告", "工作年度报告", "政务公开年报", "工作年报", "历年年报", "公开年度报告"}
_ROAD = {
    "政府信息公开",
    "信息公开",
    "政务公开",
    "政府信息公开专栏",
    "政府信息公开平台",
    "公开",
    "要闻公开",
    "政府信息公开网",
}
_SIDE = (
    "法定主动公开",
    "信息公开目录",
    "监督保障",
    "部门信息公开",
    "乡镇信息公开",
    "街道信息公开",
    "乡镇(街道)信息公开",
)
_AWAY = re.compile(
    r"依申请公开|办事|互动|登录|登陆|注册|网站工作年度|网站年度|网站年报|网站工作报|预决算|预算|决算|政府公报|English|无障碍|长者|"
    r"企业年报|事业单位|邮箱|投诉|举报|天气|微博|微信",
    re.IGNORECASE,
)
_ENDS = re.compile(r"(?:政府信息公开|政务公开|信息公开)(?:工作)?(?:年报|年度报告)(?:专栏|\(.*\))?$")
_GROUP = re.compile(r"(?:部门|单位|市县|县区|区县|乡镇|街道|直属|机关|各).{0,8}(?:年报|年度报告)$")
_COLUMN_PATH = re.compile(
    r"^[a-z]{0,6}(?:zfxxgknb|xxgknb|gknb|xxgk_?nb|ndbg|nbgk|xxgkndbg|zfxxgkgzndbg|szfxxgkndbg)(?:_?\d+)?$",
    re.IGNORECASE,
)
_ROAD_PATH = re.compile(r"^(?:zfxxgk|xxgk|zwgk|gongkai|zfxxgkpt|zfxxgkzl|fdzdgknr|gkmlpt)(?:_\d+)?$", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")


def text_score(text: str) -> int:
    """How much a link's words promise; a title with a year in it is a report's, not a column's."""
    words = squeezed(text).strip("·>»:：[]【】")
    if _AWAY.search(words):
        return -8
    dated = _YEAR.search(words)
    if words in _EXACT or (_ENDS.search(words) and not dated and len(words) <= 24):
        return 10
    if words in _COLUMN or (_GROUP.search(words) and not dated and len(words) <= 16):
        return 6
    if words in _ROAD:
        return 4
    return 2 if any(side in words for side in _SIDE) else 0


def path_score(url: str) -> int:
    """How much an address's last directory promises; Lonsun's annual reports are ``type=3`` of a column."""
    parts = urlsplit(url)
    if "/public/column/" in parts.path and "type=3" in parts.query:
        return 5
    last = last_name(parts.path)
    if _COLUMN_PATH.search(last):
        return 5
    return 2 if _ROAD_PATH.search(last) else 0


def last_name(path: str) -> str:
    """The name of the directory an address is the front page of, or of the page itself without its ending."""
    directory, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return directory.rpartition("/")[2] if re.match(r"(?:index|list|zfxxgk|xxgk_list)?$", stem) else stem
