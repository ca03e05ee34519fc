"""Time stamps of heads: a real authority's answer (openssl plays it) is kept, and any other is refused."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess

import pytest

from archive.connection import open_reading
from archive.timestamps import question
from archive.verify import verify
from crawler.cli import run
from tests.archive.history_maker import next_crawl, revise

CONFIG = """
[tsa]
default_tsa = t
[t]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[ext]
extendedKeyUsage = critical,timeStamping
[req]
distinguished_name = dn
[dn]
"""

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl, which plays the authority, is missing"
)


def openssl(*words: object) -> str:
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A time-stamping authority of our own: key, certificate and configuration."""
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    words = ("-nodes", "-newkey", "rsa:2048", "-subj", "/CN=test", "-days", 2, "-config", folder / "tsa.cnf")
    openssl("req", "-x509", *words, "-extensions", "ext", "-keyout", folder / "key.pem", "-out", folder / "cert.pem")
    return folder


def answered(authority, asked, answer) -> None:
    files = ("-config", authority / "tsa.cnf", "-signer", authority / "cert.pem", "-inkey", authority / "key.pem")
    openssl("ts", "-reply", "-queryfile", asked, *files, "-out", answer)


@pytest.fixture
def archive(store, tmp_path):
    revise(store, 5)
    next_crawl(store)
    store.commit()
    store.sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return tmp_path / "a.db"


def test_an_authority_s_answer_is_kept_and_checks_with_openssl_alone(archive, authority, tmp_path, capsys) -> None:
    asked, answer = tmp_path / "head.tsq", tmp_path / "head.tsr"
    assert run(["log", "head", "-a", str(archive), "--json", "--question", str(asked)]) == 0
    root = json.loads(capsys.readouterr().out)["root"].removeprefix("sha256:")
    answered(authority, asked, answer)
    assert run(["log", "stamp", str(answer), "-a", str(archive), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["root"] == f"sha256:{root}"
    assert found["stamped"].endswith("Z")
    said = openssl("ts", "-verify", "-digest", root, "-in", answer, "-CAfile", authority / "cert.pem")
    assert "OK" in said
    sql = open_reading(archive)
    assert verify(sql) == []
    sql.close()
    assert run(["log", "head", "-a", str(archive), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["stamped"] is True


def test_an_answer_about_another_digest_is_refused(archive, authority, tmp_path, capsys) -> None:
    asked, answer = tmp_path / "x.tsq", tmp_path / "x.tsr"
    asked.write_bytes(question(b"\x07" * 32))
    answered(authority, asked, answer)
    assert run(["log", "stamp", str(answer), "-a", str(archive)]) == 2
    assert "no head of this archive" in capsys.readouterr().err
    sql = sqlite3.connect(archive)
    sql.execute("UPDATE head SET token=?", (answer.read_bytes(),))
    sql.commit()
    sql.close()
    reader = open_reading(archive)
    assert [item.what for item in verify(reader)] == ["head"]
    reader.close()


def test_what_is_no_answer_is_one_sentence(archive, tmp_path, capsys) -> None:
    (tmp_path / "no.tsr").write_bytes(b"hello")
    assert run(["log", "stamp", str(tmp_path / "no.tsr"), "-a", str(archive)]) == 2
    assert run(["log", "stamp", str(tmp_path / "none.tsr"), "-a", str(archive)]) == 2
    assert run(["log", "head", "-a", str(archive), "--question", str(tmp_path / "no.tsr")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 3
    assert "Traceback" not in said
