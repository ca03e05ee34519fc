"""The server: manners can be measured, and every fault is what it says."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from crawler.simulator import Simulator
from tests.simulator.simulator_web import get, head

pytestmark = pytest.mark.journey


@pytest.fixture
def world():
    """A portal."""
    with Simulator(seed=2) as simulated:
        yield simulated


def test_log_of_requests(world):
    """Every request is logged with its time, path, headers and status, in order."""
    get(world.url, User_Agent="nianlun/test")
    get(world.url + "nowhere?x=1")
    first, second = world.log
    assert (first.path, first.status, first.header("user-agent")) == ("/", 200, "nianlun/test")
    assert (second.path, second.status, second.method) == ("/nowhere?x=1", 404, "GET")
    assert first.at <= second.at
    assert first.clock == world.clock.isoformat()
    assert first.host == f"127.0.0.1:{world.port}"


def test_virtual_time(world):
    """The clock moves only when it is told to, and pages show it."""
    before = world.clock
    assert world.advance(days=2, hours=3) == world.clock
    assert (world.clock - before).total_seconds() == 51 * 3600
    assert f"今天是{world.clock.year}年{world.clock.month}月{world.clock.day}日".encode() in get(world.url)[2]


def test_conditional_requests(world):
    """Some files carry an ETag and a date; a client that has them gets 304 without a body, until they change."""
    reports = world.truth().reports.values()
    files = [(r, a.url, get(a.url)[1]) for r in reports for a in r.attachments]
    tagged = [(r, url, headers) for r, url, headers in files if "ETag" in headers]
    report, url, headers = tagged[0]
    assert get(url, If_None_Match=headers["ETag"])[::2] == (304, b"")
    assert get(url, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert get(url, If_None_Match='"other"')[0] == 200
    world.edit(report.url, part="attachment")
    assert get(url, If_None_Match=headers["ETag"])[0] == 200
    assert len(tagged) < len(files) or len(files) < 3


def test_head(world):
    """HEAD says what GET would, without a body."""
    status, headers = head(world.columns()[0])
    assert status == 200
    assert int(headers["Content-Length"]) > 1000


def test_robots(world):
    """The usual robots.txt, another one, none, a broken one."""
    assert b"Disallow: /e/data/" in get(world.url + "robots.txt")[2]
    world.robots("User-agent: *\nDisallow: /\n")
    assert get(world.url + "robots.txt")[2] == b"User-agent: *\nDisallow: /\n"
    world.robots("", status=503)
    assert get(world.url + "robots.txt")[0] == 503
    world.robots()
    assert get(world.url + "robots.txt")[0] == 200


@pytest.mark.parametrize(
    ("how", "status", "mark"),
    [
        ("403", 403, b"Forbidden"),
        ("412", 412, b"$_ts"),
        ("521", 521, b"location.pathname+location.search"),
        ("512", 512, b"document.cookie"),
        ("cookie-shell", 200, b"C3VK="),
        ("edgeone", 200, b"WTKkN"),
        ("stub", 200, b"<script>"),
        ("login", 200, b"password"),
        ("soft-404", 200, "不存在或已删除".encode()),
        ("500", 500, b"500"),
        ("404", 404, b"404"),
        ("410", 410, b"410"),
    ],
)
def test_answers_of_a_broken_host(world, how, status, mark):
    """Challenges and errors carry the signatures they were seen with, on the whole host."""
    world.break_("*", how)
    found, _, body = get(world.columns()[0])
    assert found == status
    assert mark in body
    world.mend()
    assert get(world.columns()[0])[0] == 200


def test_sizes_that_tell(world):
    """The shell has 380 bytes, the stub 1,166."""
    world.break_("*", "cookie-shell")
    assert len(get(world.url)[2]) == 380
    world.break_("*", "stub")
    assert len(get(world.url)[2]) == 1166


@pytest.mark.parametrize("how", ["429", "503"])
def test_wait_and_come_back(world, how):
    """A busy host says how long to wait, as often as it is told to."""
    world.break_("*", how, times=2)
    found = [get(world.url) for _ in range(3)]
    assert [status for status, _, _ in found] == [int(how), int(how), 200]
    assert found[0][1]["Retry-After"] == "2"


def test_empty_and_garbage(world):
    """Status 200 with nothing, or with what is no page."""
    world.break_("/", "empty")
    assert get(world.url)[::2] == (200, b"")
    world.break_("/", "garbage")
    assert b"<" in get(world.url)[2] or len(get(world.url)[2]) == 2048


def test_half_a_page(world):
    """The length says the whole, the body ends in the middle."""
    world.break_("/", "half")
    with pytest.raises(http.client.IncompleteRead), urllib.request.urlopen(world.url, timeout=5) as answer:
        answer.read()


def test_a_length_that_is_too_short(world):
    """The length says ten bytes; a client that believes it has ten bytes of a page."""
    world.break_("/", "short-length")
    assert len(get(world.url)[2]) == 10


@pytest.mark.parametrize("how", ["down", "reset"])
def test_no_answer(world, how):
    """The connection ends without a word; the request is in the log without a status."""
    world.break_("*", how)
    with pytest.raises(OSError):
        get(world.url)
    assert world.log[-1].status is None


def test_slow_and_hanging_answers_end_with_the_world(world):
    """A slow answer comes late; a silent host keeps nobody when the world is closed."""
    world.break_("/", "slow", seconds=0.15)
    began = time.monotonic()
    assert get(world.url)[0] == 200
    assert time.monotonic() - began >= 0.14


def test_faults_on_one_path_and_below_one(world):
    """A fault lies on a path, an address, or everything below a prefix; the newest counts."""
    column = world.columns()[0]
    path = column.removeprefix(world.url.rstrip("/"))
    world.break_(column, "500")
    assert [get(column)[0], get(world.url)[0]] == [500, 200]
    world.break_(path + "*", "403")
    assert get(column + "index_1.html")[0] == 403
    world.mend(path + "*")
    assert get(column)[0] == 500
    world.mend(column)
    assert get(column)[0] == 200


def test_redirections_to_itself(world):
    """A loop never ends; a cookie wall lets pass whoever brings its cookie back."""
    world.break_("/", "loop")
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(world.url, timeout=5)
    error.value.close()
    world.mend()
    world.break_("/", "cookie-wall")
    assert get(world.url, Cookie="CT6T=1")[0] == 200
    walled = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with walled.open(world.url, timeout=5) as answer:
        assert answer.status == 200


def test_an_unknown_fault_is_an_error_at_once():
    """A mistyped fault is not silently no fault."""
    with Simulator(seed=2) as world, pytest.raises(ValueError, match="no such fault"):
        world.break_("*", "521x")


def test_closing_leaves_nothing():
    """After the world is closed its port answers nobody, even with a connection left open by the client."""
    with Simulator(seed=2) as world:
        connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=5)
        connection.request("GET", "/")
        connection.getresponse().read()
        began = time.monotonic()
    assert time.monotonic() - began < 1
    connection.close()
    with pytest.raises(OSError):
        get(world.url)


def test_command():
    """``python -m crawler.simulator`` prints the address and serves."""
    with subprocess.Popen(
        [sys.executable, "-m", "crawler.simulator", "--seed", "5"], stdout=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().strip()
        try:
            assert get(url)[0] == 200
        finally:
            process.terminate()
