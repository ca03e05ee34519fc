"""What an answer really is: the signatures of the field guide, each with the kind it is recorded under."""

from __future__ import annotations

import pytest

from crawler.challenge import classify

HOME = "http://www.x.gov.cn/"
URL = "http://www.x.gov.cn/nb/t20240101_1.html"
HTML = {"content-type": "text/html; charset=utf-8"}
PAGE = (
    "<html><head><title>年报</title></head><body>" + "<p>信息公开工作年度报告。</p>" * 60 + "</body></html>"
).encode()


def verdict(status=200, body=PAGE, headers=None, **more):
    answer = classify(URL, status, {**HTML, **(headers or {})}, body, home=HOME, document=True, **more)
    return answer.verdict, answer.reason


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (412, b"<html><script>$_ts=window['$_ts'];</script></html>", "ruishu"),
        (412, b"<html>x</html>", "412"),
        (521, b"<script>document.cookie=1</script>", "jsl"),
        (403, b"<html>Forbidden</html>", "403"),
        (405, b"<html>NWAF</html>", "405"),
        (200, b"<script>var a='C3VK=abc;max-age=300';document.cookie=a;location.reload();</script>", "cookie_shell"),
        (200, b"<html><script>var WTKkN=1;</script></html>", "edgeone"),
        (200, "<html><body>请完成安全验证后继续访问</body></html>".encode(), "captcha"),
        (200, b"<html><body>Please enable JavaScript to continue.</body></html>", "enable-javascript"),
    ],
)
def test_a_block_is_recognised_with_its_kind(status, body, kind) -> None:
    assert verdict(status, body) == ("blocked", kind)


@pytest.mark.parametrize("status", [404, 410])
def test_a_definite_absence_is_gone(status) -> None:
    assert verdict(status, b"x") == ("gone", str(status))


@pytest.mark.parametrize(
    "text",
    ["您访问的页面不存在或已被删除", "您访问的页面不存在！", "抱歉，您查看的信息已删除", "页面未找到", "404 Not Found"],
)
def test_a_page_that_says_it_is_not_there_is_gone(text) -> None:
    body = f"<html><head><title>提示</title></head><body><div>{text}</div><a href='/'>返回首页</a></body></html>"
    assert verdict(200, body.encode())[0] == "gone"
    assert verdict(200, body.encode("gb18030"))[0] == "gone"


def test_a_report_that_mentions_missing_pages_is_a_report() -> None:
    text = "本年度修复了页面不存在等问题共12处，网站运行平稳。" + "主动公开政府信息情况良好。" * 80
    assert verdict(200, f"<html><body><p>{text}</p></body></html>".encode()) == ("fetched", None)


def test_a_redirect_home_means_a_document_is_gone() -> None:
    assert verdict(302, b"", {"location": "/"})[0] == "gone"
    assert verdict(302, b"", {"location": "http://www.x.gov.cn/index.html"})[0] == "gone"
    assert verdict(302, b"", {"location": "/other.html"}) == ("redirected", None)


@pytest.mark.parametrize(
    ("status", "wanted"), [(500, "retry"), (502, "retry"), (408, "retry"), (418, "failed"), (206, "failed")]
)
def test_other_failures(status, wanted) -> None:
    assert verdict(status)[0] == wanted


def test_retry_after_is_heard() -> None:
    answer = classify(URL, 503, {**HTML, "retry-after": "7"}, b"")
    assert (answer.verdict, answer.retry_after) == ("throttled", 7)


def test_an_empty_body_is_a_failure() -> None:
    assert verdict(200, b"") == ("failed", "empty")


def test_a_shell_without_text_is_a_failure() -> None:
    assert verdict(200, b"<html><head></head><body><div id='app'></div></body></html>") == ("failed", "empty_shell")


def test_a_frameset_is_a_page() -> None:
    assert verdict(200, b"<html><frameset cols='*'><frame src='a.html'></frameset></html>")[0] == "fetched"


def test_a_pdf_is_fetched_whatever_the_server_calls_it() -> None:
    assert verdict(200, b"%PDF-1.4 ...", {"content-type": "text/html"})[0] == "fetched"


@pytest.mark.parametrize(
    "body",
    [
        b"<script " * 8000,
        b"document.cookie=" * 4000,
        b"<" * 65000,
        "您访问的页面".encode() * 3000,
        b"go({" * 15000,
        b"<head>" * 9000,
    ],
)
def test_a_hostile_body_gets_a_verdict(body) -> None:
    for part in (body, body[:4000], body[:60000]):
        assert classify(URL, 200, HTML, part, home=HOME, document=True).verdict in (
            "fetched",
            "gone",
            "failed",
            "blocked",
        )


def test_a_method_that_is_not_allowed_is_no_wall() -> None:
    """RFC 9110, 15.5.6: a server that refuses a method says which it allows; a firewall does not."""
    said = classify("http://www.a.gov.cn/x.jsp", 405, {"allow": "POST"}, b"<html>405</html>")
    assert (said.verdict, said.reason) == ("failed", "405: this method is not allowed")
    assert classify("http://www.a.gov.cn/x.jsp", 405, {}, b"<html>405</html>").verdict == "blocked"
