"""OAI-PMH 2.0: every rule of the protocol, and a real harvester that takes everything home."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from lxml import etree

from archive.web.machines import oai
from archive.web.machines.oai import NOBODY, ROUTES
from archive.web.machines.oai_records import SCHEMA
from tests.archive.history_maker import URL, lost, next_crawl, revise
from tests.archive.web.machines.asking import ROOT, ask, served

NAMES = {
    "o": "http://www.openarchives.org/OAI/2.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "d": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "n": "urn:nianlun:report",
}
DAY = 86_400_000
HOSTILE = '年报 ]]> <script>alert("1")</script> &amp; \x00\x08\x0b\ufffe "\'\r\n'


def get(store, **arguments):
    return read(ask(store.sql, ROUTES, f"/oai?{urlencode(arguments, doseq=True)}"))


def read(answer):
    assert (answer.status, answer.media_type) == (200, "text/xml; charset=utf-8")
    return etree.fromstring(answer.data)


def find(tree, path: str) -> list[str]:
    return [one if isinstance(one, str) else one.text for one in tree.xpath(path, namespaces=NAMES)]


def code(store, **arguments) -> str:
    (found,) = find(get(store, **arguments), "/o:OAI-PMH/o:error/@code")
    return found


def page(number: int, year: int = 2023) -> dict[str, object]:
    return {"url": f"http://www.test.gov.cn/{year}/{number}.html", "year": year, "publisher": f"测试{number}局"}


@pytest.fixture
def seven(store):
    """Seven reports on seven days; the third is gone, and the fifth was edited."""
    for number in range(1, 8):
        revise(store, number, **page(number, 2020 + number % 3))
        store.clock.now += DAY
    for _ in range(2):
        next_crawl(store)
        store.clock.now += DAY
        lost(store, page(3, 2020)["url"])
        revise(store, 50, **page(5, 2022))
    next_crawl(store)
    return store


def identifiers(tree) -> list[str]:
    return find(tree, "//o:header/o:identifier")


# ------------------------------------------------------------ about the archive


def test_it_says_what_it_is(seven) -> None:
    found = get(seven, verb="Identify")
    assert find(found, "//o:baseURL") == [f"{ROOT}/oai"]
    assert find(found, "//o:request/@verb") == ["Identify"]
    assert (find(found, "//o:deletedRecord"), find(found, "//o:granularity")) == (["persistent"], ["YYYY-MM-DDThh:mm:ssZ"])  # fmt: skip
    assert find(found, "//o:adminEmail") == [NOBODY]
    assert "POST" in find(found, "//o:description/d:dc/dc:description")[0]
    (earliest,) = find(found, "//o:earliestDatestamp")
    assert all(stamp >= earliest for stamp in find(get(seven, verb="ListIdentifiers", metadataPrefix="oai_dc"), "//o:datestamp"))  # fmt: skip


def test_the_operators_address_is_the_administrators(store) -> None:
    store.sql.execute("UPDATE crawl SET operator='Office <office@example.org> (x)'")
    assert find(get(store, verb="Identify"), "//o:adminEmail") == ["office@example.org"]


def test_its_formats_are_those_of_every_record(seven) -> None:
    name = identifiers(get(seven, verb="ListIdentifiers", metadataPrefix="oai_dc"))[0]
    for more in ({}, {"identifier": name}):
        assert find(get(seven, verb="ListMetadataFormats", **more), "//o:metadataPrefix") == ["oai_dc", "nianlun"]
    assert code(seven, verb="ListMetadataFormats", identifier="oai:other:report/1") == "idDoesNotExist"


def test_sets_are_portals_kinds_and_years(seven) -> None:
    seven.sql.execute("UPDATE portal SET name='www.a.gov.cn:81/~x' WHERE id=1")
    specs = find(get(seven, verb="ListSets"), "//o:setSpec")
    assert specs == [
        "portal", "portal:www.a.gov.cn~3A81~2F~7Ex", "kind", "kind:disclosure", "year", "year:2020", "year:2021", "year:2022",
    ]  # fmt: skip
    sizes = [len(identifiers(get(seven, verb="ListIdentifiers", metadataPrefix="oai_dc", set=spec))) for spec in specs]
    assert sizes == [7, 7, 7, 7, 7, 2, 3, 2]
    record = get(seven, verb="ListIdentifiers", metadataPrefix="oai_dc", set="year:2020")
    assert set(find(record, "//o:header[1]/o:setSpec")) == {specs[1], "kind:disclosure", "year:2020"}


# ------------------------------------------------------------ records


def test_a_record_says_who_when_and_where(store) -> None:
    revise(store, 1)
    next_crawl(store)
    revise(store, 2)
    (name,) = identifiers(get(store, verb="ListIdentifiers", metadataPrefix="oai_dc"))
    assert name == "oai:uid-1:report/1"
    found = get(store, verb="GetRecord", identifier=name, metadataPrefix="oai_dc")
    for field, value in (
        ("title", "测试商务厅2023年政府信息公开工作年度报告"), ("publisher", "测试商务厅"), ("date", "2024-01-20"),
        ("identifier", f"{ROOT}/report/1"), ("source", URL), ("format", "text/html"), ("coverage", "2023"),
        ("relation", f"{ROOT}/report/1/revision/2"),
    ):  # fmt: skip
        assert value in find(found, f"//o:metadata/d:dc/dc:{field}"), field


def test_the_richer_format_is_valid_by_its_schema(seven) -> None:
    schema = etree.XMLSchema(etree.fromstring(SCHEMA.encode()))
    assert ask(seven.sql, ROUTES, "/oai/nianlun.xsd").body == SCHEMA
    seven.sql.execute("UPDATE reading SET title=NULL, division=NULL, year=NULL, published=NULL WHERE id=1")
    found = get(seven, verb="ListRecords", metadataPrefix="nianlun").xpath("//n:report", namespaces=NAMES)
    assert len(found) == 6
    for one in found:
        schema.assertValid(etree.fromstring(etree.tostring(one)))
    edited = [one for one in found if len(one.xpath("n:revision", namespaces=NAMES)) > 1]
    assert [find(one, "n:publisher")[0] for one in edited] == ["测试5局"]
    assert find(edited[0], "n:revision/n:digest")[0].startswith("sha256:")


def test_what_is_gone_is_deleted_and_what_came_back_is_not(store) -> None:
    revise(store, 1)
    (name,) = identifiers(get(store, verb="ListIdentifiers", metadataPrefix="oai_dc"))
    stamps = []
    for expected, event in (([], lost), (["deleted"], lost), ([], revise)):
        next_crawl(store)
        event(store)
        next_crawl(store)
        for verb in ("GetRecord", "ListRecords"):
            more = {"identifier": name} if verb == "GetRecord" else {}
            found = get(store, verb=verb, metadataPrefix="oai_dc", **more)
            assert find(found, "//o:header/@status") == expected
            assert len(find(found, "//o:metadata")) == 1 - len(expected)
        stamps += find(found, "//o:datestamp")
    assert stamps == sorted(set(stamps))


def test_a_harvest_since_the_last_one_holds_what_changed(seven) -> None:
    (last,) = seven.sql.execute("SELECT max(seen) FROM change WHERE event='new'").fetchone()
    since = oai.utc(last // 1000 + 1)
    found = get(seven, verb="ListIdentifiers", metadataPrefix="oai_dc", **{"from": since})
    assert sorted(identifiers(found)) == ["oai:uid-1:report/3", "oai:uid-1:report/5"]
    assert find(found, "//o:header/@status") == ["deleted"]


def test_dates_include_both_ends_in_both_granularities(seven) -> None:
    stamps = find(get(seven, verb="ListIdentifiers", metadataPrefix="oai_dc"), "//o:datestamp")
    first, second = stamps[:2]

    def asked(since: str, until: str) -> list[str]:
        found = get(seven, verb="ListIdentifiers", metadataPrefix="oai_dc", **{"from": since, "until": until})
        return find(found, "//o:datestamp")

    assert asked(first, second) == [first, second]
    assert asked(first, first) == [first]
    assert asked(first[:10], first[:10]) == [first]
    assert asked("0001-01-01", "9999-12-31") == stamps


def test_a_cosmetic_change_is_no_change_of_the_record(store) -> None:
    revise(store, 1)
    before = find(get(store, verb="ListIdentifiers", metadataPrefix="oai_dc"), "//o:datestamp")
    store.sql.execute(
        "INSERT INTO change (crawl, report, resource, event, seen) SELECT crawl, report, resource, 'cosmetic', seen+86400000 FROM change"
    )
    assert find(get(store, verb="ListIdentifiers", metadataPrefix="oai_dc"), "//o:datestamp") == before
    store.sql.execute("UPDATE reading SET at=at+86400000")
    assert find(get(store, verb="ListIdentifiers", metadataPrefix="oai_dc"), "//o:datestamp") > before


def test_hostile_text_stays_text(store) -> None:
    revise(store, 1, publisher=HOSTILE)
    store.sql.execute("UPDATE resource SET url=? WHERE url=?", (f"http://a/{HOSTILE}", URL))
    store.sql.execute("UPDATE portal SET title=?, name=?", (HOSTILE, HOSTILE))
    for prefix in ("oai_dc", "nianlun"):
        found = get(store, verb="ListRecords", metadataPrefix=prefix)
        said = "".join(find(found, "//dc:publisher | //n:publisher"))
        assert said.split() == HOSTILE.translate(dict.fromkeys(map(ord, "\x00\x08\x0b\ufffe"), " ")).split()
        assert not found.xpath("//*[local-name()='script']")
    spec = find(get(store, verb="ListSets"), "//o:setSpec")[1]
    assert len(identifiers(get(store, verb="ListIdentifiers", metadataPrefix="oai_dc", set=spec))) == 1


# ------------------------------------------------------------ wrong requests


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("", "badVerb"),
        ("verb=", "badVerb"),
        ("verb=identify", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&x=1", "badArgument"),
        ("verb=Identify&lang=zh", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        ("verb=GetRecord&identifier=oai:uid-1:report/1", "badArgument"),
        ("verb=GetRecord&identifier=oai:uid-1:report/1&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=GetRecord&identifier=oai:uid-1:report/99&metadataPrefix=oai_dc", "idDoesNotExist"),
        ("verb=GetRecord&identifier=oai:uid-1:report/%D9%A1&metadataPrefix=oai_dc", "idDoesNotExist"),
        ("verb=GetRecord&identifier=1&metadataPrefix=oai_dc", "idDoesNotExist"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2023", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2023-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2023-01-01T00:00:00", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2023-01-01&until=2024-01-01T00:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2023-01-02&until=2023-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2100-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=1990-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=year:1999", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=year:%E5%B9%B4", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=year:", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai%20dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x", "badArgument"),
        ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=%00", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=%E5%B9%B4", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=%3Cscript%3E%00", "badVerb"),
        ("verb=Identify&%3Cx%3E%00]]%3E=1", "badArgument"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_its_code(seven, query, error) -> None:
    found = read(ask(seven.sql, ROUTES, f"/oai?{query}"))
    assert find(found, "/o:OAI-PMH/o:error/@code") == [error]
    if error in ("badVerb", "badArgument"):
        assert not find(found, "//o:request/@*")


def test_an_empty_archive_answers_too(store) -> None:
    store.sql.execute("DELETE FROM crawl")
    assert find(get(store, verb="Identify"), "//o:earliestDatestamp") == ["1970-01-01T00:00:00Z"]
    assert code(store, verb="ListRecords", metadataPrefix="oai_dc") == "noRecordsMatch"


# ------------------------------------------------------------ long lists


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(oai, "PAGE", 2)


def token(tree) -> str | None:
    found = tree.xpath("//o:resumptionToken", namespaces=NAMES)
    return found[0].text if found else None


@pytest.mark.usefixtures("small_pages")
def test_a_long_list_comes_in_pieces_with_its_size(seven) -> None:
    found = get(seven, verb="ListIdentifiers", metadataPrefix="oai_dc")
    told, cursors = identifiers(found), find(found, "//o:resumptionToken/@cursor")
    while token(found):
        found = get(seven, verb="ListIdentifiers", resumptionToken=token(found))
        told += identifiers(found)
        cursors += find(found, "//o:resumptionToken/@cursor")
    assert (len(told), len(set(told)), cursors) == (7, 7, ["0", "2", "4", "6"])
    assert find(found, "//o:resumptionToken/@completeListSize") == ["7"]
    assert find(found, "//o:resumptionToken") == [None]


@pytest.mark.usefixtures("small_pages")
def test_what_grows_while_it_is_harvested_is_not_missed(seven) -> None:
    found = get(seven, verb="ListIdentifiers", metadataPrefix="oai_dc")
    told = identifiers(found)
    revise(seven, 77, **page(1, 2021))
    revise(seven, 8, **page(8, 2021))
    while token(found):
        found = get(seven, verb="ListIdentifiers", resumptionToken=token(found))
        told += identifiers(found)
    assert (len(told), set(told)) == (9, {f"oai:uid-1:report/{n}" for n in range(1, 9)})
    assert told.count("oai:uid-1:report/1") == 2


@pytest.mark.usefixtures("small_pages")
def test_a_token_that_was_changed_or_is_of_another_archive_is_refused(seven) -> None:
    good = token(get(seven, verb="ListRecords", metadataPrefix="oai_dc"))
    for bad in (good[:-4] + "AAAA", "A" + good[1:], good[:20], good + "=", good + "AAAA", "", " "):
        assert code(seven, verb="ListRecords", resumptionToken=bad) in ("badResumptionToken", "badArgument")
    assert code(seven, verb="ListIdentifiers", resumptionToken=good) == "badResumptionToken"
    seven.sql.execute("UPDATE crawl SET uid='elsewhere' WHERE id=1")
    assert code(seven, verb="ListRecords", resumptionToken=good) == "badResumptionToken"


@pytest.mark.usefixtures("small_pages")
def test_a_rest_that_is_no_more_is_said(seven) -> None:
    stamps = find(get(seven, verb="ListIdentifiers", metadataPrefix="oai_dc"), "//o:datestamp")
    third = seven.sql.execute("SELECT max(seen) FROM change WHERE report=4").fetchone()[0] // 1000
    found = get(seven, verb="ListIdentifiers", metadataPrefix="oai_dc", until=oai.utc(third))
    assert find(found, "//o:datestamp") == stamps
    revise(seven, 99, **page(4, 2021))
    assert code(seven, verb="ListIdentifiers", resumptionToken=token(found)) == "badResumptionToken"


# ------------------------------------------------------------ a real harvester


@contextmanager
def harvester(store):
    """Sickle over loopback; what it warns of is its own matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import sickle

        with served(store.sql, ROUTES) as root:
            yield sickle.Sickle(f"{root}/oai")


@pytest.mark.usefixtures("small_pages")
def test_sickle_harvests_everything(seven) -> None:
    with harvester(seven) as client:
        assert client.Identify().deletedRecord == "persistent"
        assert [one.metadataPrefix for one in client.ListMetadataFormats()] == ["oai_dc", "nianlun"]
        assert {one.setSpec for one in client.ListSets()} >= {"portal:test-portal", "year:2021"}
        found = list(client.ListRecords(metadataPrefix="oai_dc"))
        assert [one.deleted for one in found].count(True) == 1
        assert len({one.header.identifier for one in found}) == 7
        assert {one.metadata["publisher"][0] for one in found if not one.deleted} == {
            f"测试{number}局" for number in (1, 2, 4, 5, 6, 7)
        }
        assert len(list(client.ListRecords(metadataPrefix="nianlun", ignore_deleted=True))) == 6
        chosen = list(client.ListIdentifiers(metadataPrefix="oai_dc", set="year:2021"))
        assert len(chosen) == 3
        since = found[4].header.datestamp
        assert len(list(client.ListIdentifiers(metadataPrefix="oai_dc", **{"from": since}))) == 3
        assert len(list(client.ListIdentifiers(metadataPrefix="oai_dc", until=since))) == 5
        one = client.GetRecord(identifier=found[0].header.identifier, metadataPrefix="oai_dc")
        assert one.metadata == found[0].metadata
