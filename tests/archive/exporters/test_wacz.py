"""WACZ: accepted by the wacz tool; index and checksums lead to what they name."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import zipfile

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.exporters import wacz as exporter
from tests.archive.exporters.making import GZIPPED, HOST, jsonl, made, peer


@pytest.fixture
def wacz(archive, tmp_path):
    made(archive, "wacz", tmp_path / "a.wacz")
    return tmp_path / "a.wacz"


def test_the_wacz_tool_accepts_it(wacz) -> None:
    ran = subprocess.run([peer("wacz"), "validate", "-f", str(wacz)], capture_output=True, text=True, timeout=120)
    assert "is valid" in ran.stdout + ran.stderr
    assert ran.returncode == 0


def test_every_resource_has_its_digest_and_the_package_too(wacz) -> None:
    with zipfile.ZipFile(wacz) as found:
        package = json.loads(found.read("datapackage.json"))
        told = {item["path"]: (item["hash"], item["bytes"]) for item in package["resources"]}
        rest = {"datapackage.json", "datapackage-digest.json"}
        assert set(told) == set(found.namelist()) - rest
        for name, (digest, size) in told.items():
            data = found.read(name)
            assert (f"sha256:{hashlib.sha256(data).hexdigest()}", len(data)) == (digest, size)
        digest = json.loads(found.read("datapackage-digest.json"))["hash"]
        assert digest == f"sha256:{hashlib.sha256(found.read('datapackage.json')).hexdigest()}"
        stored = [name for name in found.namelist() if name.endswith(".gz")]
        assert {found.getinfo(name).compress_type for name in stored} == {zipfile.ZIP_STORED}


def test_the_index_leads_to_the_records(wacz, monkeypatch, archive, tmp_path) -> None:
    monkeypatch.setattr(exporter, "BLOCK", 5)
    made(archive, "wacz", tmp_path / "b.wacz")
    with zipfile.ZipFile(tmp_path / "b.wacz") as found:
        data, index = found.read("archive/data.warc.gz"), found.read("indexes/index.cdx.gz")
        over = found.read("indexes/index.idx").decode().splitlines()[1:]
    lines = gzip.decompress(index).decode().splitlines()
    assert lines == sorted(lines)
    assert len(over) == -(-len(lines) // 5)
    for number, text in enumerate(over):
        about = json.loads(text.split(" ", 2)[2])
        block = gzip.decompress(index[about["offset"] :][: about["length"]]).decode().splitlines()
        assert block == lines[number * 5 :][:5]
    for text in lines:
        fields = json.loads(text.split(" ", 2)[2])
        piece = io.BytesIO(data[int(fields["offset"]) :][: int(fields["length"])])
        record = next(iter(ArchiveIterator(piece)))
        assert record.rec_headers.get_header("WARC-Target-URI") == fields["url"]
        assert record.rec_headers.get_header("WARC-Payload-Digest") == fields["digest"]


def test_the_pages_are_the_reports(wacz) -> None:
    with zipfile.ZipFile(wacz) as found:
        pages = jsonl(found.read("pages/pages.jsonl").decode())
    assert pages[0]["format"] == "json-pages-1.0"
    assert sorted({page["url"] for page in pages[1:]}) == [f"{HOST}/{name}.html" for name in "abc"]
    assert GZIPPED not in {page["url"] for page in pages[1:]}


def test_the_same_archive_gives_the_same_bytes(wacz, archive, tmp_path) -> None:
    made(archive, "wacz", tmp_path / "b.wacz")
    assert (tmp_path / "b.wacz").read_bytes() == wacz.read_bytes()
