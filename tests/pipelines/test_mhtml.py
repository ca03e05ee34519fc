"""MHTML and HTML under a ``.doc`` name: the page's own part, whole or not at all."""

import base64
import quopri

import pytest

from pipelines.convert.interface import Context
from pipelines.convert.sniff import sniff
from pipelines.convert.web import html, mhtml
from pipelines.read import read_payload
from tests.pipelines import office
from tests.pipelines.building import modern, page, sound_values

VALUES = {name: sound_values(name, 3) for name in ("2019", "2021")}
PAGES = {name: page(modern(name, VALUES[name]), year=2020 if name == "2019" else 2023) for name in VALUES}


def part(source, kind="text/html", charset="utf-8", coding="quoted-printable", location="file:///C:/a/x.htm", more=""):
    coded = {
        "quoted-printable": quopri.encodestring,
        "base64": base64.encodebytes,
        "8bit": lambda content: content,
    }[coding](source)
    head = f'Content-Location: {location}\r\nContent-Transfer-Encoding: {coding}\r\n{more}Content-Type: {kind}; charset="{charset}"\r\n\r\n'
    return head.encode() + coded


def made(*parts, head="", close=True):
    lines = [
        f'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="----=_Next"{head}\r\n\r\nA web archive.\r\n'.encode()
    ]
    lines += [b"\r\n------=_Next\r\n" + each for each in parts]
    return b"".join(lines) + (b"\r\n------=_Next--\r\n" if close else b"")


def gbk(source):
    return source.decode().replace('charset="utf-8"', 'charset="gb2312"').encode("gb18030")


# ---------------------------------------------------------------- whole reports

WAYS = {
    "quoted": lambda source: made(part(source)),
    "base64": lambda source: made(part(source, coding="base64")),
    "gbk": lambda source: made(part(gbk(source), charset="gb2312", coding="8bit")),
    "with a picture": lambda source: made(part(source), part(b"\x89PNG", "image/png", coding="base64")),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("way", WAYS)
def test_every_cell_is_right(way, name):
    found = read_payload(WAYS[way](PAGES[name]), name="report.doc")
    assert {o.indicator: str(o.value) for o in found.observations} == VALUES[name]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("way", WAYS)
def test_title_publisher_year_and_form(way, name):
    found, plain = read_payload(WAYS[way](PAGES[name]), name="report.doc"), read_payload(PAGES[name])
    assert (found.title, found.publisher, found.year, found.form) == (
        plain.title,
        plain.publisher,
        plain.year,
        plain.form,
    )
    assert found.form == name


def test_html_under_a_doc_name_is_html():
    assert sniff(PAGES["2021"], "application/msword", "report.doc") == "text/html"
    found = read_payload(PAGES["2021"], media_type="application/msword", name="report.doc")
    assert {o.indicator: str(o.value) for o in found.observations} == VALUES["2021"]


# ---------------------------------------------------------------- parts

ROWS = "<html><body><p>{}</p></body></html>"


def texts(payload):
    found = mhtml.convert(payload, Context())
    assert found.state == "ok", found.error
    return [block.text for block in found.blocks]


def test_the_part_named_as_start_is_the_page():
    first, second = (part(ROWS.format(text).encode(), more=f"Content-ID: <{text}@x>\r\n") for text in ("a", "b"))
    assert texts(made(first, second)) == ["a"]
    assert texts(made(first, second, head='; start="<b@x>"')) == ["b"]


def test_a_page_in_an_alternative_within():
    inner = b'Content-Type: multipart/alternative; boundary="in"\r\n\r\n--in\r\nContent-Type: text/plain\r\n\r\nx\r\n--in\r\n'
    assert texts(made(inner + part(ROWS.format("页").encode()) + b"\r\n--in--\r\n")) == ["页"]


def test_links_are_those_of_the_pages_own_address():
    source = b'<html><body><div class="TRS_Editor"><p>x</p><a href="./a.pdf">a.pdf</a></div></body></html>'
    found = mhtml.convert(made(part(source, location="http://www.a.gov.test/b/c.html")), Context())
    assert [link.url for link in found.links] == ["http://www.a.gov.test/b/a.pdf"]


def test_it_says_what_it_is_and_who_read_it():
    found = mhtml.convert(made(part(ROWS.format("x").encode())), Context())
    assert (found.media_type, found.converter.name) == ("multipart/related", "nianlun.mhtml")
    assert html.SOFTWARE.parameters == found.converter.parameters


# ---------------------------------------------------------------- damage


def test_a_missing_end_behind_the_page_costs_nothing():
    whole = made(part(ROWS.format("页").encode()), close=False)
    assert texts(whole) == ["页"]
    assert texts(made(part(ROWS.format("页").encode()), part(b"x", "image/png"), close=False)) == ["页"]


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        (made(part(b"x", "image/png")), "unreadable"),
        (made(), "unreadable"),
        (made(part(b"<html><body><p>x", coding="8bit"), close=False), "unreadable"),
        (made(part(b"<html><body></body></html>")), "empty"),
    ],
)
def test_what_cannot_be_read_says_so(payload, state):
    found = mhtml.convert(payload, Context())
    assert (found.state, bool(found.error)) == (state, True)


def test_truncated_files_are_unreadable_or_whole():
    payload = made(part(PAGES["2019"]))
    whole = mhtml.convert(payload, Context())
    for cut in office.cut(payload):
        found = mhtml.convert(cut, Context())
        assert found.state == "unreadable" or found.blocks == whole.blocks


def test_flipped_bytes_never_raise():
    for broken in office.flipped(made(part(PAGES["2021"][:20000] + b"</html>")), 100):
        found = mhtml.convert(broken, Context())
        assert found.state == "ok" or found.error
