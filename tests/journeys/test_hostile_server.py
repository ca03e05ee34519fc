"""A server that means harm: bombs, endless bodies, redirects inward, lies about length. It is recorded, nothing is lost."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from http.server import BaseHTTPRequestHandler

import pytest

from tests.journeys.conftest import crawl_words, nianlun
from tests.journeys.local_server import running

pytestmark = pytest.mark.journey

REPORT = "<html><head><meta charset='utf-8'><title>{0}</title></head><body><div class='TRS_Editor'><h1>{0}</h1>{1}</div></body></html>"
TEXT = (
    "<p>根据《中华人民共和国政府信息公开条例》，现公布本机关政府信息公开工作年度报告，统计期限自1月1日至12月31日。</p>"
    * 4
)


def report(year: int) -> bytes:
    return REPORT.format(f"某市商务局{year}年政府信息公开工作年度报告", TEXT).encode()


def row(path: str, year: int) -> str:
    return f"<li><a href='{path}'>某市商务局{year}年政府信息公开工作年度报告</a><span>{year + 1}-01-20</span></li>"


def gzip_bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(b"\0" * 2**20) for _ in range(megabytes)), packer.flush()])


class Hostile(BaseHTTPRequestHandler):
    """Every path is another attack; /nb/ lists them."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.path.strip("/").replace("/", "_").replace(".", "_") or "home"
        getattr(self, f"on_{name}", self.on_missing)()

    def answer(self, body: bytes, status: int = 200, kind: str = "text/html; charset=utf-8", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", headers.pop("length", str(len(body))))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def on_missing(self) -> None:
        self.answer(b"<html><body>not here</body></html>", 404)

    def on_home(self) -> None:
        self.answer(
            b"<html><body><a href='/nb/'>\xe6\x94\xbf\xe5\xba\x9c\xe4\xbf\xa1\xe6\x81\xaf\xe5\x85\xac\xe5\xbc\x80\xe5\xb9\xb4\xe6\x8a\xa5</a></body></html>"
        )

    def on_nb(self) -> None:
        names = ["good", "bomb", "inward", "scheme", "short", "header", "moved"]
        rows = "".join(row(f"/nb/{name}", 2010 + i) for i, name in enumerate(names))
        self.answer(f"<html><head><meta charset='utf-8'></head><body><ul>{rows}</ul></body></html>".encode())

    def on_nb_good(self) -> None:
        self.answer(report(2010))

    def on_nb_bomb(self) -> None:
        self.answer(gzip_bomb(600), Content_Encoding="gzip")

    def on_nb_inward(self) -> None:
        self.answer(b"", 302, Location="http://127.0.0.9:9/latest/meta-data/")

    def on_nb_scheme(self) -> None:
        self.answer(b"", 302, Location="file:///etc/passwd")

    def on_nb_short(self) -> None:
        self.answer(report(2014)[:200], length="100000")
        self.close_connection = True

    def on_nb_header(self) -> None:
        self.answer(report(2015), X_Long="x" * 50_000, Set_Cookie="a=\x1b[31m; Path=/")

    def on_nb_moved(self) -> None:
        self.answer(b"", 301, Location="/nb/there.html")

    def on_nb_there_html(self) -> None:
        self.answer(gzip.compress(report(2016)), Content_Encoding="gzip")

    def log_message(self, *_) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    archive = tmp_path_factory.mktemp("hostile") / "a.db"
    with running(Hostile) as address:
        ended = nianlun(*crawl_words(f"{address}/", archive))

    def ask(*words: str):
        return nianlun(*words, "-a", str(archive), "--json").rows

    return ended, {row["url"].removesuffix("/").rpartition("/")[2]: row for row in ask("requests", "1")}, ask


def test_the_crawl_ends_and_tells_the_truth(attacked) -> None:
    ended, requests, ask = attacked
    assert ended.code == 1, ended.err
    assert all(item["outcome"] for item in requests.values())
    assert ask("verify")["sound"]


def test_what_is_good_is_kept(attacked) -> None:
    _, _, ask = attacked
    assert sorted(item["year"] for item in ask("reports")) == [2010, 2016]


@pytest.mark.parametrize(
    ("path", "outcome", "reason"),
    [
        ("bomb", "refused", "too-large"),
        ("inward", "redirected", ""),
        ("meta-data", "refused", "off-host"),
        ("scheme", "redirected", ""),
        ("passwd", "refused", "scheme"),
        ("short", "failed", "DataLoss"),
        ("header", "failed", "DownloadFailed"),
        ("moved", "redirected", ""),
        ("there.html", "fetched", ""),
    ],
)
def test_each_attack_has_its_outcome(attacked, path, outcome, reason) -> None:
    _, requests, _ = attacked
    assert requests[path]["outcome"] == outcome
    assert reason in (requests[path]["reason"] or "")
