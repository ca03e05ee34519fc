"""What all tests share: where the samples are, an archive with one portal, a fixed clock."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from archive.connection import open_writing
from archive.model import Exchange, Portal, Software
from archive.store import Store

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts the tests in the background has them ignore Ctrl-C, and every command they start with them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT.parent / "shared" / "samples"


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of samples; a fresh clone has none."""
    if not SAMPLES.is_dir():
        pytest.skip("the folder of samples is not beside this checkout")
    return SAMPLES


class Clock:
    """A clock that goes on by a second at every look."""

    def __init__(self, start: int = 1_700_000_000_000) -> None:
        self.now = start

    def __call__(self) -> int:
        self.now += 1000
        return self.now


PORTAL = Portal(name="test-portal", title="测试商务厅", home="http://www.test.gov.cn/", division="640000")


@pytest.fixture
def portal() -> Portal:
    return PORTAL


@pytest.fixture
def store(tmp_path, portal):
    """A store on a new archive, with a crawl begun: ``store.portal`` and ``store.crawl`` are its ids."""
    found = Store(open_writing(tmp_path / "a.db"), Clock())
    found.portal = found.portal_id(portal)
    found.crawl = found.begin_crawl(found.portal, "uid-1", Software("nianlun", "test"), {"delay": 0}, "tester")
    yield found
    if found.sql.in_transaction:
        found.rollback()
    found.sql.close()


def exchange(url: str, body: bytes | None, at: int = 1_700_000_000_000, status: int = 200, **more) -> Exchange:
    """An exchange as the crawler would see it."""
    return Exchange(
        url=url,
        at=at,
        request_headers=(("User-Agent", "nianlun/test"),),
        status=status,
        response_headers=(("Content-Type", "text/html"), ("ETag", '"1"')),
        body=body,
        peer="203.0.113.7",
        protocol="HTTP/1.1",
        elapsed=12,
        **more,
    )
