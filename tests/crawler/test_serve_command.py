"""``nianlun serve``: what it says when it cannot, and that it opens, answers and closes."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from crawler.cli import run
from tests.archive.history_maker import revise

PROGRAM = Path(__file__).resolve().parents[2] / "nianlun.py"


@pytest.fixture
def archive(store, tmp_path):
    """A small archive's path."""
    revise(store)
    store.end_crawl(store.crawl, "finished", finished=True, problems=[])
    return str(tmp_path / "a.db")


def said(capsys, *words: str) -> tuple[int, str]:
    code = run(["serve", *words])
    return code, capsys.readouterr().err


def test_a_missing_archive(capsys, tmp_path) -> None:
    code, text = said(capsys, "-a", str(tmp_path / "no.db"))
    assert code == 2
    assert "There is no archive" in text
    assert list(tmp_path.iterdir()) == []


def test_a_foreign_file(capsys, tmp_path) -> None:
    path = tmp_path / "x.db"
    path.write_text("hello " * 400)
    code, text = said(capsys, "-a", str(path))
    assert code == 2
    assert "not an archive" in text


def test_a_port_in_use(capsys, archive) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, text = said(capsys, "-a", archive, "--port", str(taken.getsockname()[1]))
    assert code == 2
    assert "in use" in text
    assert "--port" in text


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_is_none(capsys, archive, port) -> None:
    code, text = said(capsys, "-a", archive, f"--port={port}")
    assert code == 2
    assert "is no port" in text


def test_a_name_that_is_none(capsys, archive) -> None:
    code, text = said(capsys, "-a", archive, "--name", "")
    assert code == 2
    assert "host name" in text


def test_a_folder(capsys, tmp_path) -> None:
    code, text = said(capsys, "-a", str(tmp_path))
    assert code == 2
    assert "is a folder" in text


def test_a_host_that_is_not_ours(capsys, archive) -> None:
    code, text = said(capsys, "-a", archive, "--host", "192.0.2.1")
    assert code == 2
    assert "no address of this machine" in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_opens_answers_and_closes(archive, number) -> None:
    command = [sys.executable, str(PROGRAM), "serve", "-a", archive, "--port", "0", "--name", "room.test"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as room:
        try:
            address = room.stdout.readline().strip()
            with urlopen(address) as answer:
                assert "年轮" in answer.read().decode()
                assert answer.headers["Server"] is None
            with urlopen(Request(address, headers={"Host": "room.test"})) as answer:
                assert answer.status == 200
        finally:
            room.send_signal(number)
            _, told = room.communicate(timeout=30)
    assert room.returncode == 0, told
    assert "Closed." in told
    assert "Traceback" not in told


def test_who_begins_a_request_and_does_not_end_it_is_let_go(archive) -> None:
    code = (
        "import sys; from archive.web import serving; serving.ARRIVING = 0.5; from crawler.cli import run;"
        " sys.exit(run(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "serve", "-a", archive, "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=PROGRAM.parent
    ) as room:
        try:
            port = int(room.stdout.readline().strip().rstrip("/").rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port), timeout=20) as begun:
                begun.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
                assert begun.recv(100) == b"", "the server ends it"
            with socket.create_connection(("127.0.0.1", port), timeout=20) as again:
                for _ in range(2):  # the second on the same connection
                    again.sendall(b"GET /static/rings.svg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                    answer = b""
                    while b"</svg>" not in answer:
                        answer += again.recv(65_536)
                    assert answer.startswith(b"HTTP/1.1 200")
                again.sendall(b"GET / HTTP/1.1\r\nHo")
                assert again.recv(100) == b""
        finally:
            room.send_signal(signal.SIGTERM)
            room.communicate(timeout=30)
