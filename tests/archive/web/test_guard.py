"""Who may ask what, and under which rules it is shown: through the whole application, as a browser meets it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from archive.backup import backup
from archive.connection import open_reading, open_writing
from archive.store import Store
from archive.web import app
from archive.web.guard import Hosts
from tests.conftest import Clock


def asked(application: Any, path: str, method: str = "GET", query: str = "", headers: Any = None) -> SimpleNamespace:
    """One request to an ASGI application; its status, headers and body."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "root_path": "", "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 8001),
        "headers": headers if headers is not None else [(b"host", b"127.0.0.1:8001")],
    }  # fmt: skip
    asyncio.run(application(scope, receive, send))
    start = next(message for message in sent if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    named = {name.decode(): value.decode() for name, value in start["headers"]}
    return SimpleNamespace(status=start["status"], headers=named, body=body)


@pytest.fixture(scope="module")
def whole(held):
    """The application over the small archive."""
    return app.application(held.path, Hosts("127.0.0.1"))


def test_our_pages_run_nothing_and_are_framed_by_nobody(whole) -> None:
    found = asked(whole, "/")
    assert found.status == 200
    policy = found.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    assert found.headers["x-frame-options"] == "DENY"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in found.headers
    assert "server" not in found.headers


@pytest.mark.parametrize("path", ["/original/1", "/memento/20250219212001/http://www.test.gov.cn/2021.html"])
def test_originals_are_shown_in_a_sandbox(whole, path) -> None:
    found = asked(whole, path)
    if found.status == 302:
        found = asked(whole, found.headers["location"].removeprefix("http://127.0.0.1:8001"))
    assert found.status == 200
    policy = found.headers["content-security-policy"].split("; ")
    assert policy[0] == "sandbox"
    assert "allow-scripts" not in found.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert found.headers["x-content-type-options"] == "nosniff"
    assert "x-nianlun-original" not in found.headers


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8001", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.7:8001", "", "[::2]:8001",
     "127.0.0.1:8001:9", "127.0.0.1@evil.example", "[127.0.0.1", "localhost:port"],
)  # fmt: skip
def test_an_unknown_host_gets_nothing(whole, host) -> None:
    found = asked(whole, "/", headers=[(b"host", host.encode())])
    assert found.status == 400
    assert b"not known under that name" in found.body


@pytest.mark.parametrize("headers", [[], [(b"host", b"127.0.0.1"), (b"host", b"evil.example")]])
def test_no_host_or_two_get_nothing(whole, headers) -> None:
    assert asked(whole, "/", headers=headers).status == 400


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8001", "LOCALHOST", "[::1]:8001"])
def test_loopback_names_are_let_in(whole, host) -> None:
    assert asked(whole, "/", headers=[(b"host", host.encode())]).status == 200


def test_further_names_and_public_addresses() -> None:
    opened = Hosts("0.0.0.0", frozenset({"archive.example.org"}))
    assert opened.allows("archive.example.org:443")
    assert opened.allows("192.0.2.7:8001")
    assert not opened.allows("rebound.example")
    assert Hosts("localhost").allows("localhost")
    assert not Hosts("localhost").allows("192.0.2.7")
    assert not Hosts("::1").allows("192.0.2.7")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"])
@pytest.mark.parametrize("path", ["/", "/archive", "/archive/report", "/oai"])
def test_nothing_can_be_changed(whole, method, path) -> None:
    found = asked(whole, path, method)
    assert found.status == 405
    assert found.headers["allow"] == "GET, HEAD"


def test_head_has_no_body(whole) -> None:
    found = asked(whole, "/", "HEAD")
    assert found.status == 200
    assert int(found.headers["content-length"]) > 1000
    assert found.body == b""


@pytest.mark.parametrize(
    "path",
    ["/-/databases", "/-/plugins.json", "/-/metadata", "/-/logout", "/-/auth-token", "/-/permissions", "/-/messages"],
)
def test_what_tells_of_the_machine_is_closed(whole, path) -> None:
    assert asked(whole, path).status == 404


@pytest.mark.parametrize(
    "path",
    ["/static/../room.py", "/static/%2e%2e/app.py", "/static/room.css/../../app.py", "/-/static/../../app.py",
     "/-/static/%2e%2e/%2e%2e/app.py", "//evil.example/", "//evil.example/%2f..", "/archive.db"],
)  # fmt: skip
def test_no_path_leads_out_of_the_house(whole, path) -> None:
    found = asked(whole, path)
    assert found.status in (400, 403, 404)
    assert b"import" not in found.body
    assert "location" not in found.headers


@pytest.mark.parametrize(
    "sql",
    [
        "attach database 'x.db' as x", "select load_extension('x')", "select randomblob(1000000000)", "select zeroblob(1000000000)",
        "select hex(zeroblob(30000000))", "insert into report default values", "delete from report", "pragma query_only=0",
        "pragma writable_schema=1", "vacuum into 'x.db'", "select * from nothing", "select [", "select '" + "(" * 500,
        "with recursive c(x) as (select 1 union all select x+1 from c) select count(*) from c", "create table x(y)",
        "update sqlite_master set sql=''", "select 1; select 2", "explain delete from report", "select 1 from report where",
    ],
)  # fmt: skip
def test_sql_is_answered_or_refused_but_never_a_fault(whole, held, sql) -> None:
    from urllib.parse import quote

    before = held.path.read_bytes()
    for ending in ("", ".json", ".csv"):
        found = asked(whole, f"/archive{ending}", query=f"sql={quote(sql)}")
        assert found.status in (400, 403), (found.status, found.body[:300])
        assert b"Traceback" not in found.body
    assert held.path.read_bytes() == before
    assert not (held.path.parent / "x.db").exists()


@pytest.mark.parametrize(
    "path",
    [
        "/archive",
        "/archive/report",
        "/archive/report.json",
        "/archive/report.csv",
        "/archive/told",
        "/archive/paragraph_index",
        "/archive/report/1",
    ],
)
def test_the_tables_can_be_read(whole, path) -> None:
    found = asked(whole, path)
    assert found.status == 200, found.body[:500]
    assert "frame-ancestors 'none'" in found.headers["content-security-policy"]


def test_sql_counts(whole) -> None:
    found = asked(whole, "/archive.json", query="sql=select+count(*)+as+n+from+report&_shape=array")
    assert found.body.strip() == b'[{"n": 4}]'


@pytest.mark.parametrize("path", ["/archive/nothing", "/archive/report/99999", "/archive/a/b/c/d"])
def test_unknown_tables_get_a_sentence(whole, path) -> None:
    found = asked(whole, path)
    assert found.status == 404
    assert b"Traceback" not in found.body


def test_a_header_cannot_be_split(whole) -> None:
    found = asked(whole, "/timegate/http://x.gov.cn/%0d%0aSet-Cookie:%20a=b")
    assert "set-cookie" not in found.headers
    assert all("\n" not in value for value in found.headers.values())


@pytest.mark.parametrize(
    "sql", ["select hex(zeroblob(3900000)) from observation, report", "select zeroblob(8000000) from observation"]
)
@pytest.mark.parametrize("ending", [".json", ".csv", ""])
def test_an_answer_has_a_size_and_no_more(whole, sql, ending) -> None:
    from urllib.parse import quote

    found = asked(whole, f"/archive{ending}", query=f"_shape=arrays&sql={quote(sql)}")
    assert found.status == 400
    assert len(found.body) < 100_000
    assert b"larger than" in found.body or ending == ".csv"


def test_where_the_file_lies_is_told_to_nobody(whole, held) -> None:
    found = asked(whole, "/archive.json", query="sql=select+*+from+pragma_database_list")
    assert found.status == 400
    assert str(held.path).encode() not in found.body


@pytest.mark.parametrize(
    "query",
    [
        "_sort=nix",
        "_sort_desc=nix",
        "_size=x",
        "nix=1",
        "_next=x",
        "_sort=id&_sort_desc=id",
        "id__gt=%00",
    ],
)
def test_a_wrong_question_to_a_table_is_no_fault(whole, capsys, query) -> None:
    assert asked(whole, "/archive/report", query=query).status in (200, 302, 400)
    assert "Traceback" not in capsys.readouterr().err


def test_no_line_of_the_log_is_forged(whole, capsys) -> None:
    asked(whole, "/archive.json", query="sql=select+*+from+%22%1b[31mRED%0aFORGED%22")
    asked(whole, "/archive/report%1b%0aFORGED")
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert "\nFORGED" not in told


def test_tables_are_of_the_file_that_lies_there_now(held, tmp_path) -> None:
    path = tmp_path / "b.db"
    backup(held.path, path)
    both = app.application(path, Hosts("127.0.0.1"))
    count = "sql=select+count(*)+as+n+from+report&_shape=array"
    assert asked(both, "/archive.json", query=count).body.strip() == b'[{"n": 4}]'
    other = tmp_path / "other.db"
    store = Store(open_writing(other), Clock())
    store.close()
    other.replace(path)
    assert asked(both, "/archive.json", query=count).body.strip() == b'[{"n": 0}]'
    assert asked(both, "/").status == 200
    path.unlink()
    assert asked(both, "/archive.json", query=count).status == 503
    assert asked(both, "/").status == 503


def test_a_damaged_archive_is_called_damaged(held, tmp_path) -> None:
    path = tmp_path / "c.db"
    backup(held.path, path)
    sql = open_reading(path)
    names = ("report", "revision", "reading", "observation")
    pages = [row[0] for row in sql.execute(f"SELECT pageno FROM dbstat WHERE name IN ({','.join('?' * 4)})", names)]
    sql.close()
    data = bytearray(path.read_bytes())
    for page in pages:
        data[(page - 1) * 4096 : (page - 1) * 4096 + 64] = b"\xff" * 64
    path.write_bytes(data)
    both = app.application(path, Hosts("127.0.0.1"))
    for address in ("/", "/reports", "/report/1", "/report/1/compare", "/archive/observation"):
        found = asked(both, address)
        assert found.status == 503, address
        assert "nianlun verify" in found.body.decode(), address


def test_a_wrong_head_is_said(whole) -> None:
    found = asked(whole, "/capture/1/proof.json", query="head=abc")
    assert found.status == 404
    assert "is no head" in found.body.decode()
