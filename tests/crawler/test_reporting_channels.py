"""The webhook and the mail, against servers on loopback."""

from __future__ import annotations

import email
import email.policy
import json
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from archive.occurrences import Occurrence
from crawler.reporting.mail import message, send
from crawler.reporting.report import Report
from crawler.reporting.webhook import Undelivered, post
from crawler.schedule_file import Mail

NEWS = Report(
    1_700_000_000_000,
    (),
    (
        Occurrence(
            "urn:uuid:1", "changed", "nx-test", 3, 1_700_000_000_000, "http://www.test.gov.cn/1.html", 7, "测试商务厅", 2023,
            "题", "内容有变",
            ({"indicator": "applications.received.total", "before": 5, "after": 6, "before_raw": "5", "after_raw": "6"},),
            None, None,
        ),
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def hook(*statuses: int):
    """A receiver that answers with these statuses in turn; yields its address and what came."""
    came, left = [], list(statuses)

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append((self.path, dict(self.headers), json.loads(body)))
            self.send_response(left.pop(0) if left else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_) -> None:
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Receiver)) as server:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", came


def test_the_webhook_gets_the_report_as_json() -> None:
    waited = []
    with hook(200) as (url, came):
        post(url, NEWS, waited.append)
    ((path, headers, body),) = came
    assert (path, headers["Content-Type"], waited) == ("/hook", "application/json; charset=utf-8", [])
    assert headers["Idempotency-Key"] == body["id"] == NEWS.id
    assert headers["User-Agent"].startswith("nianlun/")
    assert body["portals"][0]["changed"][0]["publisher"] == "测试商务厅"


def test_a_webhook_that_fails_is_tried_twice_more() -> None:
    waited = []
    with hook(500, 503, 201) as (url, came):
        post(url, NEWS, waited.append)
    assert (len(came), waited) == (3, [2.0, 4.0])


def test_a_webhook_that_goes_on_failing_is_said() -> None:
    with hook(500, 500, 404) as (url, came), pytest.raises(Undelivered, match="HTTP Error 404"):
        post(url, NEWS, lambda _: None)
    assert len(came) == 3


def test_a_webhook_nobody_listens_at_is_said() -> None:
    with hook() as (url, _):
        pass
    with pytest.raises(Undelivered, match="sent again with the next one"):
        post(url, NEWS, lambda _: None)


# ------------------------------------------------------------ mail


@contextmanager
def mailbox(*, refuses: bool = False):
    """A mail server of a few commands; yields its port, the mails, and the commands that came."""
    mails, commands = [], []

    class Session(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 test")
            while line := self.rfile.readline().decode().strip():
                commands.append(line)
                verb = line.partition(" ")[0].upper()
                if verb == "EHLO":
                    self.say("250-test")
                    self.say("250 AUTH PLAIN")
                elif verb == "DATA":
                    self.data()
                elif verb == "AUTH":
                    self.say("235 ok")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("550 no" if refuses and verb == "RCPT" else "250 ok")

        def data(self) -> None:
            self.say("354 go on")
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            mails.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
            self.say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with serving(Server(("127.0.0.1", 0), Session)) as server:
        yield server.server_address[1], mails, commands


MAIL = Mail(("a@example.org", "c@example.org"), "b@example.org", "127.0.0.1")


def test_the_mail_says_it_as_text_and_as_html() -> None:
    with mailbox() as (port, mails, commands):
        send(NEWS, replace(MAIL, port=port))
    (found,) = mails
    assert (found["To"], found["From"]) == ("a@example.org, c@example.org", "b@example.org")
    assert found["Subject"] == "nianlun 年轮: 1 changed · 有修改"
    assert found["Message-ID"] == f"<{NEWS.id.rpartition(':')[2]}@example.org>"
    assert found["Date"] == "Tue, 14 Nov 2023 22:13:20 +0000"
    plain = found.get_body(("plain",)).get_content()
    assert "applications.received.total: 5 → 6" in plain
    assert '<a href="http://www.test.gov.cn/1.html">测试商务厅 2023</a>' in found.get_body(("html",)).get_content()
    assert [line[8:] for line in commands if line.startswith("rcpt")] == ["<a@example.org>", "<c@example.org>"]


def test_the_password_comes_from_the_environment_alone(monkeypatch) -> None:
    monkeypatch.delenv("NIANLUN_SMTP_PASSWORD", raising=False)
    with mailbox() as (port, mails, commands):
        mail = replace(MAIL, port=port, user="u")
        with pytest.raises(Undelivered, match="NIANLUN_SMTP_PASSWORD is not set"):
            send(NEWS, mail)
        assert mails == []
        monkeypatch.setenv("NIANLUN_SMTP_PASSWORD", "secret")
        send(NEWS, mail)
    assert any(line.startswith("AUTH PLAIN") for line in commands)
    assert len(mails) == 1


def test_a_mail_server_that_refuses_or_is_not_there_is_said() -> None:
    with mailbox(refuses=True) as (port, _, _), pytest.raises(Undelivered, match="did not take the report"):
        send(NEWS, replace(MAIL, port=port))
    with pytest.raises(Undelivered, match=f"127.0.0.1:{port}"):
        send(NEWS, replace(MAIL, port=port))


def test_a_server_that_offers_no_tls_gets_nothing_where_tls_is_wanted() -> None:
    with mailbox() as (port, mails, _), pytest.raises(Undelivered, match="STARTTLS"):
        send(NEWS, replace(MAIL, port=port, starttls=True))
    assert mails == []


def test_no_header_can_be_smuggled_into_the_mail() -> None:
    one = replace(NEWS.occurrences[0], publisher="甲\r\nBcc: x@example.org", portal="p\nq")
    found = message(replace(NEWS, occurrences=(one,)), MAIL)
    assert found["Bcc"] is None
    assert "\r\n\r\nBcc" not in found.as_string()
