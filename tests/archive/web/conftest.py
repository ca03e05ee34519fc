"""An archive with edits, a withdrawal and hostile names, and a room over it."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from archive.connection import open_writing
from archive.model import Software
from archive.store import Store
from tests.archive.history_maker import ENTRY, lost, next_crawl, revise
from tests.archive.web.rooms import HOSTILE, visitor
from tests.conftest import PORTAL, Clock

EDITED = "http://www.test.gov.cn/2023.html"
GONE = "http://www.test.gov.cn/2022.html"
ODD = "http://www.test.gov.cn/odd.html?a=1&b=%22"


@pytest.fixture(scope="module")
def held(tmp_path_factory) -> Iterator[SimpleNamespace]:
    """Three crawls: 2021 to 2023 of one publisher, one by a hostile name; 2023 is edited, 2022 goes."""
    path = tmp_path_factory.mktemp("room") / "a.db"
    store = Store(open_writing(path), Clock(1_740_000_000_000))  # 19 February 2025: the reports of 2024 are due
    store.portal = store.portal_id(PORTAL)
    store.crawl = store.begin_crawl(store.portal, "uid-1", Software("nianlun", "test"), ENTRY, "tester")
    revise(store, 5, url=EDITED, text="一、总体情况\n2023年，共收到申请5件。")
    revise(store, 0, url=GONE, year=2022)
    revise(store, 7, url="http://www.test.gov.cn/2021.html", year=2021)
    revise(store, 3, url=ODD, publisher=HOSTILE, text=f"正文 {HOSTILE}", raw="<b>3</b>")
    next_crawl(store)
    revise(store, 6, url=EDITED, text="一、总体情况\n2023年，共收到申请6件。")
    lost(store, GONE)
    next_crawl(store)
    lost(store, GONE)
    store.end_crawl(store.crawl, "finished", finished=True, problems=[])
    ids = dict(
        store.sql.execute("SELECT url, report.id FROM report JOIN resource ON resource.id=report.resource").fetchall()
    )
    times = [row[0] for row in store.sql.execute("SELECT at FROM revision WHERE report=? ORDER BY n", (ids[EDITED],))]
    room = visitor(path)
    yield SimpleNamespace(store=store, room=room, ids=ids, path=path, times=times)
    room.room.close()
    store.sql.close()
