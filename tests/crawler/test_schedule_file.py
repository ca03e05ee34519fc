"""The schedule file is strict, and what it says reaches the crawl."""

from __future__ import annotations

import json

import pytest

from crawler.cli import run
from crawler.exceptions import UsageError
from crawler.manners import Window
from crawler.schedule_file import Mail, Schedule, find, read

FULL = """
[schedule]
targets = ["nx-dofcom", "http://www.example.gov.cn/"]
from = "more.txt"
window = "00:00-06:30"
rotate = 4
delay = 2.5
max_requests = 100
max_total = 5000
per_day = 1000
bytes_per_day = 1000000
cooling = 48

[report]
file = "reports/"
atom = "out/feed.xml"
webhook = "http://127.0.0.1:9/x"

[report.mail]
to = "a@example.org"
from = "b@example.org"
smtp = "mail.example.org"
port = 587
starttls = true
user = "u"
"""


def file(tmp_path, text: str):
    found = tmp_path / "nianlun.toml"
    found.write_text(text, encoding="utf-8")
    return found


def test_everything_it_may_hold(tmp_path) -> None:
    found = read(file(tmp_path, FULL))
    assert (found.targets, found.rotate, found.cooling) == (("nx-dofcom", "http://www.example.gov.cn/"), 4, 48)
    assert (found.source, found.window) == (tmp_path / "more.txt", Window(0, 390))
    assert found.options == (
        "--delay", "2.5", "--max-requests", "100", "--max-total", "5000", "--per-day", "1000", "--bytes-per-day", "1000000",
    )  # fmt: skip
    assert (found.reporting.file, found.reporting.atom) == (tmp_path / "reports", tmp_path / "out/feed.xml")
    assert found.reporting.webhook == "http://127.0.0.1:9/x"
    assert found.reporting.mail == Mail(("a@example.org",), "b@example.org", "mail.example.org", 587, True, "u")


def test_an_empty_one_is_the_defaults(tmp_path) -> None:
    found = read(file(tmp_path, ""))
    assert found == Schedule(file=tmp_path / "nianlun.toml")
    assert found.rotate == 8


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[shedule]", "the file has an unknown key 'shedule'; did you mean 'schedule'?"),
        ("[schedule]\ntarget = []", "did you mean 'targets'?"),
        ("[schedule]\nrotate = 0", "'rotate' of [schedule] must be a whole number from 1 to 1000, not 0"),
        ("[schedule]\nrotate = true", "must be a whole number"),
        ("[schedule]\ndelay = '3'", "must be a number from 0"),
        ("[schedule]\nwindow = '0-6'", "like 00:00-06:30"),
        ("[schedule]\nwindow = 6", "like 00:00-06:30, not 6"),
        ("[schedule]\ntargets = 'a'", "must be a list of texts"),
        ("[schedule]\ntargets = ['']", "a text that is not empty"),
        ("schedule = 3", "[schedule] must be a table"),
        ("[report]\nwebhook = 'file:///etc/passwd'", "begins with http:// or https://"),
        ("[report.mail]\nto = 'a@b.c'\nfrom = 'a@b.c'", "[report.mail] lacks 'smtp'"),
        ("[report.mail]\nto = []", "must hold a mail address"),
        ("[report.mail]\nto = ['a']", "must be a mail address, not 'a'"),
        ("[report.mail]\nstarttls = 1", "must be true or false"),
        ("[report.mail]\npassword = 'x'", "unknown key 'password'; did you mean 'password_env'?"),
        ("[schedule", "cannot be read"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path, text, told) -> None:
    with pytest.raises(UsageError) as caught:
        read(file(tmp_path, text))
    assert told in str(caught.value)
    assert "nianlun.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_it_is_looked_for_beside_the_archive(tmp_path) -> None:
    assert find(None, tmp_path / "a.db") is None
    beside = file(tmp_path, "")
    assert find(None, tmp_path / "a.db") == beside
    assert find(tmp_path / "other.toml", tmp_path / "a.db") == tmp_path / "other.toml"


def test_check_prints_what_was_understood(tmp_path, capsys) -> None:
    file(tmp_path, FULL.replace("nx-dofcom", "nx-dofcom"))
    (tmp_path / "more.txt").write_text("http://www.other.gov.cn/ # one more\n")
    words = ["schedule", "check", "-a", str(tmp_path / "a.db"), "--allow-private", "--delay", "1", "--no-ocr"]
    assert run([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["portals"] == told["overdue"] == ["nx-dofcom", "www.example.gov.cn", "www.other.gov.cn"]
    assert told["crawl"][:3] == ["--quiet", "--delay", "2.5"]
    assert told["crawl"][11:] == [
        "--rotate", "4", "--window", "00:00-06:30", "--cooling", "48", "--delay", "1.0", "--allow-private", "--no-ocr",
    ]  # fmt: skip
    assert run(words) == 0
    assert "window" in capsys.readouterr().out
    assert not (tmp_path / "a.db").exists()


def test_every_word_for_the_crawl_is_one_it_knows(tmp_path) -> None:
    import argparse

    from crawler.commands import crawl, schedule

    file(tmp_path, FULL)
    options = argparse.ArgumentParser()
    schedule.configure(options)
    more = ["--portals", "p", "--allow-host", "*.x", "--resolve", "a=127.0.0.1", "--allow-private", "--no-ocr"]
    given = options.parse_args(["run", "--max-requests", "7", *more])
    taken = argparse.ArgumentParser()
    crawl.configure(taken)
    found = taken.parse_args(["nx-dofcom", *schedule.crawl_words(given, read(tmp_path / "nianlun.toml"))])
    assert (found.max_requests, found.delay, found.rotate, found.targets) == (7, 2.5, 4, ["nx-dofcom"])


def test_without_targets_and_archive_there_is_nothing_to_do(tmp_path, capsys) -> None:
    assert run(["schedule", "run", "--once", "-a", str(tmp_path / "a.db")]) == 2
    assert "no target is named" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
