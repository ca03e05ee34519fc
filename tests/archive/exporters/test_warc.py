"""WARC: every record is accepted by warcio, says what was captured and nothing else, and pywb replays it."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.exporters.cdxj import surt
from tests.archive.exporters.making import BODY, GZIPPED, HOST, made, peer


class Found:
    """A record as warcio reads it."""

    def __init__(self, record) -> None:
        self.type = record.rec_type
        self.headers = dict(record.rec_headers.headers)
        self.http = record.http_headers
        self.body = record.content_stream().read()
        self.url = self.headers.get("WARC-Target-URI")
        self.id = self.headers["WARC-Record-ID"]


def records(file: Path) -> list[Found]:
    with file.open("rb") as stream:
        return [Found(record) for record in ArchiveIterator(stream, check_digests="raise")]


@pytest.fixture
def warc(archive, tmp_path):
    made(archive, "warc", tmp_path / "a.warc.gz")
    return tmp_path / "a.warc.gz"


def of(found, kind, url=None):
    return [record for record in found if record.type == kind and url in (None, record.url)]


def test_warcio_checks_every_digest(warc) -> None:
    program = str(Path(sys.executable).with_name("warcio"))
    checked = subprocess.run([program, "check", "-v", str(warc)], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("digest pass") == len([r for r in records(warc) if r.type != "revisit"])


def test_every_capture_has_its_records(warc, archive, store) -> None:
    found = records(warc)
    captures = store.sql.execute("SELECT count(*), sum(status IS NOT NULL) FROM capture").fetchone()
    assert len(of(found, "request")) == len(of(found, "metadata")) == captures[0]
    assert len(of(found, "response")) + len(of(found, "revisit")) == captures[1]
    assert len(of(found, "warcinfo")) == 2
    assert len({record.id for record in found}) == len(found)
    here = {record.id for record in found}
    for record in found:
        for name in ("WARC-Concurrent-To", "WARC-Warcinfo-ID", "WARC-Refers-To"):
            assert record.headers.get(name, record.id) in here


def test_the_same_archive_gives_the_same_bytes(archive, warc, tmp_path) -> None:
    made(archive, "warc", tmp_path / "b.warc.gz")
    assert (tmp_path / "b.warc.gz").read_bytes() == warc.read_bytes()


def test_headers_of_the_wire_are_renamed_and_the_length_is_true(warc) -> None:
    first = of(records(warc), "response", GZIPPED)[0]
    assert first.body == BODY
    names = {name.lower(): value for name, value in first.http.headers}
    assert names["x-archive-orig-content-encoding"] == "gzip"
    assert names["x-archive-orig-transfer-encoding"] == "chunked"
    assert "content-encoding" not in names
    assert "transfer-encoding" not in names
    assert names["content-length"] == str(len(BODY))
    assert first.headers["WARC-IP-Address"] == "203.0.113.7"
    assert first.headers["WARC-Date"] == "2023-11-14T22:13:20.000Z"


def test_the_same_bytes_elsewhere_are_a_revisit_that_names_the_first(warc) -> None:
    found = records(warc)
    first = of(found, "response", GZIPPED)[0]
    twin = of(found, "revisit", f"{HOST}/twin.html")[0]
    assert twin.headers["WARC-Profile"].endswith("1.1/revisit/identical-payload-digest")
    assert twin.headers["WARC-Refers-To"] == first.id
    assert twin.headers["WARC-Refers-To-Target-URI"] == GZIPPED
    assert twin.headers["WARC-Refers-To-Date"] == first.headers["WARC-Date"]
    assert twin.headers["WARC-Payload-Digest"] == first.headers["WARC-Payload-Digest"]
    assert twin.body == b""


def test_headers_stay_bytes_and_make_no_further_headers(warc) -> None:
    text = gzip.decompress(warc.read_bytes())
    assert b"X-Name: caf\xe9\r\n" in text
    assert b"X-Bad: a  Evil: 1\r\n" in text
    assert b"\nEvil: 1" not in text


def test_a_304_is_server_not_modified(warc) -> None:
    everything = records(warc)
    found = [r for r in of(everything, "revisit", GZIPPED) if "not-modified" in r.headers["WARC-Profile"]]
    assert len(found) == 1
    beside = [r for r in of(everything, "metadata") if r.headers["WARC-Concurrent-To"] == found[0].id]
    assert 'responseHeaders: [["ETag", "\\"1\\""]]' in beside[0].body.decode()
    assert found[0].headers["WARC-Profile"].endswith("server-not-modified")
    assert found[0].headers["WARC-Refers-To-Date"] == "2023-11-14T22:13:20.000Z"


def test_a_redirect_and_a_404_are_responses(warc) -> None:
    found = records(warc)
    redirect = of(found, "response", f"{HOST}/old")[0]
    assert (redirect.http.get_statuscode(), redirect.http.get_header("Location")) == ("302", GZIPPED)
    assert of(found, "response", f"{HOST}/none.html")[0].body == b"<p>404</p>"


def test_no_answer_is_a_request_with_metadata_and_no_forged_header(warc) -> None:
    found = [r for r in records(warc) if r.url and "/down" in r.url]
    assert [r.type for r in found] == ["request", "metadata"]
    assert found[0].url == f"{HOST}/down?q=%E5%B9%B4%E6%8A%A5%201"
    lines = found[1].body.decode().splitlines()
    assert "outcome: failed" in lines
    assert "error: connection lost WARC-Type: warcinfo" in lines


def test_a_cut_answer_says_so(warc) -> None:
    found = of(records(warc), "response", f"{HOST}/cut.pdf")[0]
    assert found.headers["WARC-Truncated"] == "length"


def test_the_text_of_a_reading_is_a_conversion_of_its_page(warc) -> None:
    found = records(warc)
    texts = of(found, "conversion", f"{HOST}/a.html")
    assert [t.body.decode() for t in texts] == ["一、总体情况。信息公开工作有序推进。", "一、总体情况。新的一句。\n=二"]
    pages = of(found, "response", f"{HOST}/a.html")
    assert [t.headers["WARC-Refers-To"] for t in texts] == [p.id for p in pages]


def test_one_crawl_by_itself_brings_its_payloads(archive, tmp_path) -> None:
    told = made(archive, "warc", tmp_path / "2.warc.gz", crawl=2)
    found = records(tmp_path / "2.warc.gz")
    assert [r.body for r in of(found, "response", GZIPPED)] == [BODY]  # asked without condition: brought again
    assert [r.headers["WARC-Profile"].rpartition("/")[2] for r in of(found, "revisit", GZIPPED)] == [
        "server-not-modified"
    ]
    assert "revisits of captures outside" not in told["counts"]
    assert len(of(found, "warcinfo")) == 1
    assert told["counts"]["captures"] == len(of(found, "request"))


def test_a_304_whose_page_lies_outside_names_it_and_is_counted(archive, warc, tmp_path) -> None:
    told = made(archive, "warc", tmp_path / "3.warc.gz", crawl=2, at=1_700_100_000_500)
    found = of(records(tmp_path / "3.warc.gz"), "revisit", GZIPPED)
    assert told["counts"]["revisits of captures outside"] == 1
    assert [r.headers["WARC-Refers-To"] for r in found] == [of(records(warc), "response", GZIPPED)[0].id]


def test_a_damaged_payload_is_named_and_the_rest_is_there(archive, store, tmp_path) -> None:
    whole = len(records(Path(made(archive, "warc", tmp_path / "a.warc.gz")["file"])))
    store.writing()
    store.sql.execute(
        "UPDATE payload SET frame=? WHERE id=(SELECT payload FROM capture JOIN resource ON resource.id=resource WHERE"
        " url LIKE '%none.html')",
        (b"\x00broken",),
    )
    store.commit()
    told = made(archive, "warc", tmp_path / "b.warc.gz")
    assert len(told["problems"]) == 1
    assert told["counts"]["damaged"] == 1
    found = records(tmp_path / "b.warc.gz")
    assert whole - 1 == len(found)
    assert [r.type for r in found if r.url == f"{HOST}/none.html"] == ["request", "metadata"]
    assert of(found, "response", GZIPPED)[0].body == BODY


REPLAY = """
import io, os, sys
os.chdir(sys.argv[1])
open("config.yaml", "w").close()
from gevent.monkey import patch_all; patch_all()
from pywb.apps.frontendapp import FrontEndApp
app = FrontEndApp(config_file="config.yaml")
def get(path):
    said = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "REQUEST_URI": path, "SCRIPT_NAME": "", "QUERY_STRING": "",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr}
    body = b"".join(app(environ, lambda status, headers, error=None: said.append(status)))
    return said[0].split()[0], body
for address in sys.argv[2:]:
    status, body = get(f"/years/{address}")
    print("REPLAYED", status, body.hex())
"""


def replayed(folder: Path, file: Path, *addresses: str) -> list[tuple[str, bytes]]:
    """What pywb answers for addresses (``<time>id_/<url>``) of a collection with one file."""
    manager, python = peer("wb-manager"), peer("python")
    for words in (["init", "years"], ["add", "years", str(file)]):
        subprocess.run([manager, *words], cwd=folder, check=True, capture_output=True, timeout=120)
    ran = subprocess.run([python, "-c", REPLAY, str(folder), *addresses], capture_output=True, text=True, timeout=120)
    lines = [line.split(" ")[1:] for line in ran.stdout.splitlines() if line.startswith("REPLAYED")]
    assert len(lines) == len(addresses), ran.stderr
    return [(status, bytes.fromhex(body)) for status, body in lines]


def test_pywb_replays_responses_and_revisits(warc, tmp_path) -> None:
    folder = tmp_path / "pywb"
    folder.mkdir()
    found = replayed(
        folder, warc, f"20231114221320id_/{GZIPPED}", f"20231116020000id_/{GZIPPED}", f"2023id_/{HOST}/twin.html",
        f"20231114221323id_/{HOST}/none.html",
    )  # fmt: skip
    assert found == [("200", BODY), ("200", BODY), ("200", BODY), ("404", b"<p>404</p>")]


URLS = [
    "http://www.test.gov.cn/", "https://zwgk.test.gov.cn:8443/a/B.html?b=2&a=1", "http://www2.x.gov.cn/a/",
    "http://127.0.0.1:8080/x", "http://x.gov.cn?q", "http://x.gov.cn/a;jsessionid=0123456789abcdef0123456789ABCDEF",
    "http://x.gov.cn/%E5%B9%B4?z&y=%E6%8A%A5",
]  # fmt: skip


def test_addresses_are_turned_round_as_index_servers_do() -> None:
    program = "import sys, surt; print('\\n'.join(surt.surt(u) for u in sys.argv[1:]))"
    ran = subprocess.run(
        [peer("python"), "-W", "ignore", "-c", program, *URLS], capture_output=True, text=True, timeout=60
    )
    assert [surt(url) for url in URLS] == ran.stdout.split("\n")[: len(URLS)]
