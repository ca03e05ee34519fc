"""Proofs of captures, checked by the verifier that knows nothing of the program."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

from archive import proofs
from tests.archive.history_maker import fetch
from tests.conftest import ROOT

VERIFIER = ROOT / "docs" / "verify_proof.py"
spec = importlib.util.spec_from_file_location("verify_proof", VERIFIER)
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)


def captured(store, count: int) -> list[int]:
    return [fetch(store, f"<p>{i}</p>".encode(), f"http://www.test.gov.cn/{i}.html").capture for i in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 300])
def test_every_capture_is_proven_to_the_newest_head(store, count):
    captures = captured(store, count)
    for capture in captures[:: max(1, count // 9)]:
        found = proofs.proof(store.sql, capture)
        assert verifier.check(found, proofs.head(store.sql)["root"], None) is None
        assert json.loads(found["record"])["url"].startswith("http://www.test.gov.cn/")


def test_a_proof_holds_for_a_head_that_was_kept_earlier(store):
    first = captured(store, 5)[2]
    store.sql.execute(
        "INSERT INTO head (size, root, at, crawl) VALUES (?,?,?,?)", (store.log.size, store.log.root(), 1, store.crawl)
    )
    kept = proofs.head(store.sql)
    assert (kept["size"], kept["crawl"]) == (store.log.size, store.crawl)
    later = fetch(store, b"<p>later</p>", "http://www.test.gov.cn/later.html").capture
    assert verifier.check(proofs.proof(store.sql, first, kept["root"]), kept["root"], None) is None
    with pytest.raises(proofs.NoSuchEntry, match="after that head"):
        proofs.proof(store.sql, later, kept["root"])


@pytest.mark.parametrize(
    "edit",
    [
        lambda p: p | {"record": p["record"].replace("200", "201")},
        lambda p: p | {"entry": p["entry"] + 1},
        lambda p: p | {"path": p["path"][::-1]},
        lambda p: p | {"path": p["path"][:-1]},
        lambda p: p | {"root": "sha256:" + "0" * 64},
        lambda p: p | {"size": p["size"] * 2},
    ],
)
def test_an_edited_proof_does_not_hold(store, edit):
    found = proofs.proof(store.sql, captured(store, 9)[3])
    assert verifier.check(found, None, None) is None
    assert verifier.check(edit(found), None, None) is not None


def test_another_head_or_another_file_is_not_proven(store, tmp_path):
    found = proofs.proof(store.sql, captured(store, 4)[1])
    assert "head you kept" in verifier.check(found, "sha256:" + "0" * 64, None)
    file = tmp_path / "page.html"
    file.write_bytes(b"<p>1</p>")
    assert verifier.check(found, None, str(file)) is None
    file.write_bytes(b"<p>2</p>")
    assert "not the one that was captured" in verifier.check(found, None, str(file))


def test_what_is_not_in_the_log_is_said(store):
    with pytest.raises(proofs.NoSuchEntry, match="no capture 99"):
        proofs.proof(store.sql, 99)
    capture = captured(store, 1)[0]
    with pytest.raises(proofs.NoSuchEntry, match="log head"):
        proofs.proof(store.sql, capture, "sha256:" + "1" * 64)


def test_the_verifier_needs_only_the_standard_library_and_few_lines(store, tmp_path):
    text = VERIFIER.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert {line for line in text.splitlines() if line.startswith(("import", "from"))} == {
        "import argparse", "import hashlib", "import json", "import sys",
    }  # fmt: skip
    kept = tmp_path / "proof.json"
    kept.write_text(json.dumps(proofs.proof(store.sql, captured(store, 3)[0])), encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", str(VERIFIER), str(kept)], capture_output=True, text=True)
    assert (done.returncode, done.stdout[:6]) == (0, "Proven")
    kept.write_text(kept.read_text(encoding="utf-8").replace('"entry": 0', '"entry": 1'), encoding="utf-8")
    assert subprocess.run([sys.executable, "-I", str(VERIFIER), str(kept)], capture_output=True).returncode == 1
