"""Which reports a page with its files holds: one, or several that are never joined."""

from __future__ import annotations

import pytest

from pipelines.read import read_payload
from pipelines.reports import _same_publisher, kinds_in, wholes
from tests.pipelines.building import docx, docx_table, modern, page, paragraph, sound_values
from tests.pipelines.test_bundle import zipped

COVER = read_payload("<div id=zoom><h1>2023年度县直各部门报告汇总</h1><p>附件：各单位。</p></div>".encode())
ADDRESS = "http://a.gov.cn/f/all.zip"


def report(publisher: str, year: int = 2023, seed: int = 0) -> bytes:
    title = f"{publisher}{year}年政府信息公开工作年度报告"
    law = "根据《中华人民共和国政府信息公开条例》编制本报告，统计期限自1月1日至12月31日。"
    tables = "".join(docx_table(t) for t in modern("2021", sound_values("2021", seed)))
    return docx(paragraph(title) + paragraph(law) + tables)


def test_forty_bureaus_are_forty_reports():
    files = {f"{i}.docx": report(f"云川县{chr(0x6797 + i)}业局", seed=i) for i in range(40)}
    found = wholes(COVER, [(ADDRESS, read_payload(zipped(files)))])
    assert [whole.name for whole in found] == list(files)
    for i, whole in enumerate(found):
        values = {o.indicator: o.raw for o in whole.joined.observations}
        assert values == sound_values("2021", i)
        assert {o.source for o in whole.joined.observations} == {ADDRESS}
        assert whole.joined.publisher == f"云川县{chr(0x6797 + i)}业局"
        assert "PAGE-ATTACHMENT" not in {f.rule for f in whole.joined.findings}


def test_separate_files_of_several_publishers_are_not_joined_either():
    attachments = [
        (f"http://a.gov.cn/f/{i}.docx", read_payload(report(f"云川县{who}局"))) for i, who in enumerate("林农")
    ]
    found = wholes(COVER, attachments)
    assert [(whole.name, whole.joined.publisher) for whole in found] == [
        ("0.docx", "云川县林局"),
        ("1.docx", "云川县农局"),
    ]


def test_a_page_that_is_a_report_itself_keeps_its_own():
    own = read_payload(page(modern("2021", sound_values("2021", 9))))
    attachments = [
        (f"http://a.gov.cn/f/{i}.docx", read_payload(report(f"云川县{who}局"))) for i, who in enumerate("农水")
    ]
    found = wholes(own, attachments)
    assert [whole.name for whole in found] == [None, "0.docx", "1.docx"]
    assert {o.indicator: o.raw for o in found[0].joined.observations} == sound_values("2021", 9)


def test_the_same_report_in_two_formats_is_one():
    doc = read_payload(report("云川县林业局"))
    long = read_payload(report("甘南州云川县林业局"))
    (whole,) = wholes(COVER, [("http://a.gov.cn/a.docx", doc), ("http://a.gov.cn/b.docx", long)])
    assert whole.name is None
    assert {o.indicator: o.raw for o in whole.joined.observations} == sound_values("2021")


def test_one_known_to_stand_beside_others_stays_so_alone():
    doc = read_payload(report("云川县林业局"))
    (whole,) = wholes(COVER, [("http://a.gov.cn/f/1.docx?v=2", doc)], apart=True)
    assert whole.name == "1.docx"


def test_a_report_s_tables_beside_it_in_its_folder_belong_to_it():
    values = sound_values("2021")
    title = "云川县林业局2023年政府信息公开工作年度报告"
    text = docx(paragraph(title) + paragraph("根据《政府信息公开条例》编制，统计期限自1月1日至12月31日。"))
    tables = docx("".join(docx_table(t) for t in modern("2021", values)))
    bundle = zipped({"林/正文.docx": text, "林/表.docx": tables, "农/报告.docx": report("云川县农业局")})
    found = wholes(COVER, [(ADDRESS, read_payload(bundle))])
    assert [whole.name for whole in found] == ["林/正文.docx", "农/报告.docx"]
    assert {o.indicator: o.raw for o in found[0].joined.observations} == values
    assert {o.where.place.member for o in found[0].joined.observations} == {"林/表.docx"}


def test_an_unread_member_is_a_report_of_its_own_and_says_so():
    name = "云川县水务局2023年政府信息公开工作年度报告.pdf"
    bundle = zipped({"a.docx": report("云川县林业局"), name: b"%PDF-1.4"})
    found = wholes(COVER, [(ADDRESS, read_payload(bundle))])
    assert [whole.joined.publisher for whole in found] == ["云川县林业局", "云川县水务局"]
    assert found[1].joined.observations == ()
    assert "UNREAD" in {f.rule for f in found[1].joined.findings}


def test_a_bundle_s_kinds_are_its_members():
    assert kinds_in(read_payload(zipped({"a.docx": report("云川县林业局")}))) == {"disclosure"}
    assert kinds_in(COVER) == frozenset()


def bare(seed: int) -> bytes:
    return docx("".join(docx_table(t) for t in modern("2021", sound_values("2021", seed))))


def test_files_that_do_not_say_whose_they_are_are_never_pooled():
    bundle = zipped({"民政局.docx": bare(1), "卫生健康局.docx": bare(2)})
    found = wholes(COVER, [(ADDRESS, read_payload(bundle))])
    assert [(whole.joined.publisher, whole.joined.kind) for whole in found] == [
        ("民政局", "disclosure"),
        ("卫生健康局", "disclosure"),
    ]
    for seed, whole in enumerate(found, 1):
        values = {o.indicator: o.raw for o in whole.joined.observations if o.status == "ok"}
        assert values == sound_values("2021", seed)


def test_tables_in_files_of_their_own_are_one_report():
    tables = modern("2021", sound_values("2021", 3))
    files = [(f"http://a.gov.cn/f/表{i}.docx", read_payload(docx(docx_table(t)))) for i, t in enumerate(tables)]
    own = read_payload(page([]))
    (whole,) = wholes(own, files)
    assert {o.indicator: o.raw for o in whole.joined.observations if o.status == "ok"} == sound_values("2021", 3)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("青山县水利局", "水利局", True),
        ("自治区商务厅", "宁夏回族自治区商务厅", True),
        ("省商务厅", "贵州省商务厅", True),
        ("住房和城乡建设局", "建设局", False),
        ("青山县水利局", "青山县农业局", False),
        ("市场监督管理局", "云川县市场监督管理局", True),
    ],
)
def test_whose_names_are_the_same(a, b, same):
    assert _same_publisher(a, b) is same
    assert _same_publisher(b, a) is same


@pytest.mark.parametrize(("publisher", "year"), [("云川县水利局", 2023), ("云川县林业局", 2022)])
def test_one_file_of_another_publisher_or_year_is_not_the_page_s(publisher, year):
    own = read_payload(page(modern("2021", sound_values("2021", 9))))
    found = wholes(own, [("http://a.gov.cn/f/1.docx", read_payload(report(publisher, year)))])
    assert [(whole.joined.publisher, whole.joined.year) for whole in found] == [
        ("云川县林业局", 2023),
        (publisher, year),
    ]
    assert {o.indicator: o.raw for o in found[0].joined.observations} == sound_values("2021", 9)
