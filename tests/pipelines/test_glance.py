"""A glance: equal for noise, different for everything a reading could rest on."""

from __future__ import annotations

import pytest

from pipelines.glance import glance

ROWS = "<table><tr><td>申请</td><td>5</td><td></td></tr><tr><td rowspan=2>答复</td><td>3</td><td>2</td></tr></table>"
PAGE = (
    "<html><head><title>年报_站</title><meta name='ArticleTitle' content='某局2023年政府信息公开工作年度报告'>"
    "<meta name='others' content='页面生成时间 {stamp}'></head><body><div>今天是{stamp} 第{stamp}位访问者</div>"
    "<div class='TRS_Editor'><p>根据《中华人民共和国政府信息公开条例》编制本报告，全年收到申请5件，均按期办结。</p>{body}"
    "<script>token='{stamp}'</script><p>附件：<a href='./P1.pdf'>年报.pdf</a></p></div><ul><li>相关链接{stamp}</li></ul></body></html>"
)


def seen(body: str = ROWS, stamp: str = "1", replace: tuple[str, str] = ("", "")) -> bytes | None:
    page = PAGE.format(body=body, stamp=stamp)
    if replace[0]:
        assert replace[0] in page
        page = page.replace(*replace)
    return glance(page.encode(), url="http://www.x.gov.cn/a.html", media_type="text/html")


def test_noise_around_and_scripts_within_do_not_count() -> None:
    assert seen(stamp="1") == seen(stamp="2024-01-02 03:04") is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<td>5</td>", "<td>6</td>"),
        ("<td>5</td><td></td>", "<td></td><td>5</td>"),
        ("rowspan=2", "rowspan=1"),
        ("5件", "6件"),
        ("某局2023年", "某局2022年"),
        ("P1.pdf", "P2.pdf"),
        ("<td>3</td><td>2</td>", "<td colspan=2>32</td>"),
    ],
)
def test_whatever_a_reading_rests_on_counts(old: str, new: str) -> None:
    assert seen(replace=(old, new)) != seen()


@pytest.mark.parametrize("payload", [b"", b"%PDF-1.4", b"PK\x03\x04", b"\xff\xfe\x00"])
def test_what_is_no_page_with_content_has_no_glance(payload: bytes) -> None:
    assert glance(payload) is None
