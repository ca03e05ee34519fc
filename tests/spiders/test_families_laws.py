"""Laws every family keeps, whatever a portal answers: stable identities, paging that ends, readers that never raise."""

from __future__ import annotations

import json
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse

from archive.urls import url_key
from spiders.addresses import absolute
from spiders.base import PAGES
from spiders.discovery import short
from spiders.families import (
    BY_NAME,
    FAMILIES,
    asked,
    datastore,
    fragments,
    identity,
    lists,
    parameters,
    recognise,
    scripts,
)
from spiders.families.interface import Ask

HEX = "0123456789abcdef0123456789abcdef"
GUID = "0a1b2c3d-1111-4222-8333-abcdefabcdef"
ARTICLES = {
    "trs": "/xxgk/nb/202404/t20240430_4526898_zzb.html",
    "hanweb": "/art/2024/4/30/art_77_4526898.html",
    "hanweb-hex": f"/col/col7/art/2024/art_{HEX}.html",
    "xxgk": "/module/xxgk/xxgkAnnualReport.jsp?fbtime=2015&area=00248242",
    "truecms": "/col/4039_446643/art/17356608/17364738729029ffO7DUB.html",
    "lonsun": "/public/1681/23672221.html",
    "lonsun-news": "/content/article/23672221",
    "epoint": f"/Front/InfoDetail/Default.aspx?InfoID={GUID}&CategoryNum=003",
    "epoint-file": f"/zwgk/003001/20240112/{GUID}.html",
    "ucap": f"/ac/c108390/202402/{HEX}.shtml",
    "ucap-content": "/ac/c101972/c7500001/content.shtml",
    "vsb": "/info/1331/30031.htm",
    "vsb-twin": "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1331&wbnewsid=30031",
    "gkmlpt": "/gkmlpt/content/9/9103/post_9103540.html",
    "nfcms": "/zwgk/xxgknb/content/mpost_9103540.html",
    "govcn": "/zhengce/content/202402/content_6930000.htm",
    "uuid": f"/columns/{GUID}/202401/26/{GUID}.html",
    "number": "/gk/nb/8801234.html",
    "state": "/zfxxgkml/?gk=4",
    "aspx": "/NewsView.aspx?NewsID=903",
}
TWINS = {
    "vsb: info and content.jsp": [
        "/info/1331/30031.htm", "/info/1400/30031.htm",
        "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1331&wbnewsid=30031",
        "/content.jsp?wbnewsid=30031&urltype=news.NewsContentUrl&wbtreeid=1400",
    ],
    "gkmlpt and its copies in NFCMS": [
        "/gkmlpt/content/9/9103/post_9103540.html", "/zjj/gkmlpt/content/9/9103/post_9103540.html",
        "/zwgk/xxgknb/content/post_9103540.html", "/zwgk/xxgknb/content/mpost_9103540.html",
    ],
    "hanweb: another column, another day": [
        "/art/2024/4/30/art_77_4526898.html", "/art/2023/12/1/art_1229179150_4526898.html",
    ],
    "hanweb: 32 digits": [f"/art/2024/art_{HEX}.html", f"/col/col7/art/2024/art_{HEX}.html"],
    "trs: another column, a variant, a mirror": [
        "/xxgk/nb/202404/t20240430_4526898.html", "/zwgk_274/202404/t20240430_4526898_zzb.html",
        "/big5/xxgk/nb/202404/t20240430_4526898.htm", "/wap/202404/t20240430_4526898_app.shtml",
    ],
    "ucap: another channel": [f"/ac/c108390/202402/{HEX}.shtml", f"/ac/c1/2024/2/9/{HEX}.html"],
    "lonsun: another organ": ["/public/1681/23672221.html", "/zwgk/public/1699/23672221.html"],
    "xxgk: the query in either order, with a sort": [
        "/module/xxgk/xxgkAnnualReport.jsp?fbtime=2015&area=00248242",
        "/module/xxgk/xxgkAnnualReport.jsp?sortfield=,orderid:0&area=00248242&fbtime=2015",
    ],
    "uuid: either case": [f"/columns/{GUID}/202401/26/{GUID}.html", f"/columns/{GUID}/202401/26/{GUID.upper()}.html"],
    "epoint: either case": [f"/a/20240112/{GUID}.html", f"/a/b/20240112/{GUID.upper()}.html"],
}  # fmt: skip
APART = [
    ("/zfxxgkml/?gk=1", "/zfxxgkml/?gk=4"),
    ("/info/1331/30031.htm", "/info/1331/30032.htm"),
    ("/art/2024/4/30/art_77_1.html", "/art/2024/4/30/art_77_2.html"),
    (
        "/module/xxgk/xxgkAnnualReport.jsp?fbtime=2015&area=1",
        "/module/xxgk/xxgkAnnualReport.jsp?fbtime=2016&area=1",
    ),
    ("/list.aspx?catId=1&type=3", "/list.aspx?catId=2&type=3"),
    ("/a/20240112.html", "/b/20240112.html"),
]
SESSIONS = ("", ";jsessionid=0A1B2C3D", ";JSESSIONID=ff.node1")
NOISE = ("_=0.4213", "eqid=f00", "from=singlemessage", "spm=a.b", "timestamp=17000", "isappinstalled=0")


def page(body: str, url: str = "http://www.example.gov.cn/gk/nb/") -> HtmlResponse:
    """A page as the crawler hands it over."""
    return HtmlResponse(url, body=body.encode("utf-8", "replace"), encoding="utf-8")


# ------------------------------------------------------------ identity


@given(
    name=st.sampled_from(sorted(ARTICLES)),
    scheme=st.sampled_from(("http", "https")),
    www=st.sampled_from(("", "www.", "WWW.")),
    session=st.sampled_from(SESSIONS),
    noise=st.lists(st.sampled_from(NOISE), unique=True, max_size=3),
    fragment=st.sampled_from(("", "#top", "#721")),
)
def test_identity_outlives_the_spelling(name, scheme, www, session, noise, fragment):
    """Scheme, www, session ids, trackers and fragments do not change whose page an address is (field guide, C1, C4)."""
    parts = urlsplit(ARTICLES[name])
    query = "&".join(filter(None, [parts.query, *noise]))
    spelled = f"{scheme}://{www}example.gov.cn{parts.path}{session}{'?' + query if query else ''}{fragment}"
    assert identity(spelled) == identity(f"http://www.example.gov.cn{ARTICLES[name]}")


@pytest.mark.parametrize("name", TWINS)
def test_twins_share_one_key(name):
    """The addresses one article stands under are one key, and not that of a bare address."""
    keys = {identity(f"http://www.example.gov.cn{path}") for path in TWINS[name]}
    assert len(keys) == 1
    assert not keys.pop().startswith("url:")


@pytest.mark.parametrize(("one", "other"), APART)
def test_two_articles_are_two_keys(one, other):
    """Parameters that select a document stay, and a day is no document's number."""
    assert identity(f"http://a.example.gov.cn{one}") != identity(f"http://a.example.gov.cn{other}")


@pytest.mark.parametrize("name", sorted(ARTICLES))
def test_two_hosts_never_share_a_key(name):
    """Two portals number their articles apart."""
    one, other = (identity(f"http://{host}.example.gov.cn{ARTICLES[name]}") for host in ("a", "b"))
    assert one != other


@given(st.text(max_size=80))
@example("http://[::1")
@example("http://a.gov.cn:99999/art/2024/1/1/art_1_1.html")
@example("http://a.gov.cn/%u653F%zz")
def test_identity_of_anything(text):
    """Whatever a link may lead to has a key and a way to ask for it."""
    for href in (text, f"http://a.gov.cn/{text}", f"//{text}"):
        url = absolute(FIRST, href)
        if url is not None:
            assert identity(url)
            assert asked(url).url


# ------------------------------------------------------------ paging

FIRST = "http://www.example.gov.cn/gk/nb/index.html"
ROW = (
    '<li id="line_u8_{0}"><a href="/gk/nb/202401/t20240126_{0}.html">松漪县水利局{0}年政府信息公开工作年度报告</a></li>'
)
ROWS = f"<ul>{ROW.format(2021)}{ROW.format(2022)}</ul>"
RECORDS = [
    {"title": f"松漪县{year}年政府信息公开工作年度报告", "url": f"/a{year}.html", "infourl": f"/a{year}.html"}
    for year in (2021, 2022)
]
STORE = (
    f"<datastore><totalrecord>900</totalrecord><recordset><record><![CDATA[{ROWS}]]></record></recordset></datastore>"
)
AT = {"at": FIRST}
ENDLESS = {
    "trs": (ROWS + '<script>createPageHTML(900, 0, "index", "html")</script>', None),
    "trs-loop": (ROWS + "<script>var currentPage = 0; var countPage = 900</script>", None),
    "ucap": (ROWS + "<script>createPageHTML('page_div',900, 1,'list','shtml',9000)</script>", None),
    "generic-next": (ROWS + '<div class="page"><a href="/gk/nb/index_9.html">下一页</a></div>', None),
    "generic-count": (ROWS + '<div class="page">共900页</div>', None),
    "vsb": ('<div class="v_news_content"></div>' + ROWS + '<div class="page">1/900页</div>', None),
    "aspnet": ((
        f'<form>{ROWS}<input type="hidden" name="__VIEWSTATE" value="x"><a href="javascript:__doPostBack(&#39;g&#39;,'
        '&#39;Page$Next&#39;)">下页</a></form>'), None,
    ),
    "hanweb": (STORE, AT | {"endpoint": FIRST, "parameters": {"col": "1"}, "per": 2, "total": 900, "group": "1"}),
    "hanweb-xxgk": (ROWS + "共900页", AT | {"endpoint": FIRST, "query": {}, "form": {"area": "1"}, "column": FIRST}),
    "truecms": (
        "cb(" + json.dumps({"result": STORE}) + ")",
        AT | {"url": FIRST, "column": "1", "window": 50, "shown": 0},
    ),
    "jpaas": (json.dumps({"data": {"html": ROWS}}), AT | {"url": FIRST, "data": {"webId": "1"}}),
    "ucap-json": (json.dumps({"data": {"results": RECORDS}}), AT | {"search": FIRST}),
    "gkmlpt": (json.dumps({"total": 9000, "articles": RECORDS}), AT | {"shown": 0}),
    "epoint": (
        json.dumps({"custom": {"data": RECORDS}}),
        AT | {"category": "1", "department": "", "root": FIRST, "guid": "g", "project": "", "rule": "bare 1"},
    ),
    "lonsun": (ROWS, AT | {"url": FIRST, "sent": {"pageSize": "2"}, "count": None}),
    "was": (ROWS, AT | {"sent": {"channelid": "1"}}),
    "uuid": (ROWS, AT | {"block": FIRST}),
}  # fmt: skip
WHERE = {
    "gkmlpt": "http://www.example.gov.cn/gkmlpt/api/all/7?page=1&sid=1",
    "was": "http://www.example.gov.cn/was5/web/search?channelid=1",
    "vsb": "http://www.example.gov.cn/zfxxgknb.htm",
}
OWNER = {"trs-loop": "trs", "generic-next": "generic", "generic-count": "generic", "ucap-json": "ucap"}


def followed(name: str, *, repeats: bool) -> list[Ask]:
    """What is asked for when a server gives one page for ever, the way the spider follows a listing.

    ``repeats``: whether the spider's own guard holds, which reads no page that shows nothing new; without it only
    the family's rules and the bound on pages stop.
    """
    body, carry = ENDLESS[name]
    family = BY_NAME[OWNER.get(name, name)]
    response, page_number, seen, done = page(body, WHERE.get(name, FIRST)), 1, set(), []
    waiting: list[Ask] = []
    while page_number < PAGES:
        fresh = {short(row.url) for row in family.rows(response, carry)} - seen
        if fresh or repeats:
            waiting = family.pages(response, page_number, carry)
        seen |= fresh
        if not waiting:
            break
        ask = waiting.pop(0)
        done.append(ask)
        response, page_number = page(body, ask.url), ask.page
        carry = json.loads(json.dumps({**ask.carry, **AT})) if ask.carry else None
    return done


@pytest.mark.parametrize("name", ENDLESS)
def test_a_page_that_repeats_for_ever_ends(name):
    """A server that gives the same rows under every address is asked a handful of times, not a hundred."""
    asks = followed(name, repeats=False)
    assert 1 <= len(asks) <= 5


@pytest.mark.parametrize("name", sorted(ENDLESS.keys() - {"aspnet"}))  # its state, repeated, is the same request
def test_no_page_leads_to_itself(name):
    """What follows a page is another request than the one it answered."""
    keys = [ask.key for ask in followed(name, repeats=True)]
    assert len(keys) < PAGES
    assert all(one != other for one, other in pairwise(keys))


@given(
    total=st.integers(0, 12), current=st.integers(0, 12), page_number=st.integers(1, 12), vendor=st.booleans(),
    stem=st.sampled_from(("index", "list", "xxgk_list")), guess=st.booleans(),
)  # fmt: skip
def test_pages_never_return_the_address_they_were_read_from(total, current, page_number, vendor, stem, guess):
    """Whichever numbers a paging script carries, no reading is the page itself."""
    call = (
        f"createPageHTML('page_div',{total}, {current},'{stem}','shtml',99)"
        if vendor
        else f'createPageHTML({total}, {current}, "{stem}", "shtml")'
    )
    for number in {page_number - 1, page_number, page_number + 1}:
        url = f"http://www.example.gov.cn/gk/{stem}_{number}.shtml"
        text = f"<div class='page'>共{total}页</div>" if guess else f"<script>{call}</script>"
        for family in FAMILIES:
            asks = family.pages(page(ROWS + text, url), page_number)
            assert url_key(url) not in {url_key(ask.url) for ask in asks if not ask.body}


def test_a_numbered_list_keeps_its_rule():
    """The rule that named page 2 names page 3 too; the spider follows no other (gov.cn, ``home_0.htm``)."""
    script = '<script>var nPageCount = 3; createPage(nPageCount, {}, "home", "htm");</script>'
    first, second = (
        BY_NAME["govcn"].pages(page(ROWS + script.format(number - 1), url), number)[0]
        for number, url in ((1, "https://www.gov.cn/nb/"), (2, "https://www.gov.cn/nb/home_1.htm"))
    )
    assert [first.url, second.url] == ["https://www.gov.cn/nb/home_1.htm", "https://www.gov.cn/nb/home_2.htm"]
    assert first.rule == second.rule


# ------------------------------------------------------------ requests

CARRY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=6,
)


@given(
    st.builds(
        Ask,
        page=st.integers(0, 60),
        url=st.text(),
        rule=st.text(),
        certain=st.booleans(),
        method=st.sampled_from(("GET", "POST")),
        body=st.text(),
        headers=st.lists(st.tuples(st.text(), st.text()), max_size=3).map(tuple),
        carry=st.dictionaries(st.text(), CARRY, max_size=3),
        family=st.text(),
    )
)
def test_a_request_survives_the_frontier(ask):
    """A request rebuilt from its JSON is the same request."""
    again = Ask.unpacked(json.loads(json.dumps(ask.packed())))
    assert again == ask
    assert again.key == ask.key


@given(st.text(), st.text())
def test_two_bodies_are_two_requests(one, other):
    """Two pages asked for by POST at one address are two keys."""
    keys = {Ask(1, FIRST, "x", method="POST", body=body).key for body in (one, other)}
    assert len(keys) == len({one, other})


# ------------------------------------------------------------ readers of scripts

SIGNS = st.text(alphabet="<>(){}[]'\"\\=:,&? \n0123456789abcinput<![CDATA", max_size=200)


@given(st.one_of(st.text(), SIGNS), st.text(min_size=1, max_size=8))
@example("value=name=" * 3, "name")
@example("['a\\", "a")
@example("9" * 5000, "9")
@example("[" * 5000, "x")
@example('{"a":' * 5000, "x")
@example("cb(" + "9" * 5000 + ")", "x")
def test_readers_never_raise(text, name):
    """Any text at all is read, and what is read has the promised shape."""
    assert isinstance(parameters.value(text, name), str | None)
    assert isinstance(parameters.number(text, name), int | None)
    parameters.loaded(text)
    inside = parameters.balanced(text, 0)
    assert inside == "" or (text.startswith(inside) and inside[-1] in "]})")
    assert all(isinstance(record, str) for record in datastore.records(text))
    assert isinstance(datastore.total(text), int | None)
    assert isinstance(scripts.printed(text), int | None)
    scripts.paging(text)
    for record in fragments.loose_records(text):
        assert all(isinstance(held, str) for held in record.values())


@given(held=CARRY)
@example(held=10**400)
@example(held={"total": True, "results": "x"})
@example(held=[[[{"url": "http://[", "title": "政府信息公开年报"}]]])
def test_any_json_is_an_answer(held):
    """No answer of an interface breaks a family, whatever stands where its list should be."""
    for wrapped in (held, {"data": held}, {"custom": held}, {"articles": held, "total": held}, {"searchVO": held}):
        for name, (_, carry) in ENDLESS.items():
            response = page(json.dumps(wrapped), WHERE.get(name, FIRST))
            family = BY_NAME[OWNER.get(name, name)]
            assert all(row.url and row.title for row in family.rows(response, carry))
            assert all(ask.url and ask.page > 0 for ask in family.pages(response, 1, carry))
            told = family.expectation(response, carry)
            assert told is None or told.count >= 0


@settings(max_examples=40)
@given(st.one_of(st.text(), SIGNS))
def test_any_text_is_a_page(text):
    """Every question can be asked of every page."""
    response = page(text)
    for family in FAMILIES:
        rows = family.rows(response)
        assert len({row.url for row in rows}) == len(rows)
        family.columns(response)
        family.pages(response, 1)
        family.expectation(response)
        family.attachments(response)
        lists(response, family, rows)
    assert recognise(response) in FAMILIES
