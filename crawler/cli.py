"""The command line: one verb a file in :mod:`crawler.commands`, imported when it is called.

``--help`` and a mistyped verb need no import at all; a reading command imports neither Scrapy nor a converter.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import io
import json
import os
import signal
import sqlite3
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from archive.connection import ArchiveError, as_trouble
from crawler.exceptions import NianlunError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COMMANDS: dict[str, str] = {
    "crawl": "crawl portals into the archive · 采集",
    "portals": "the register of portals · 门户名录",
    "crawls": "every crawl with its sums · 历次采集",
    "requests": "what a crawl asked, and how each request ended · 请求及结果",
    "reports": "the reports in the archive · 年报列表",
    "observations": "every figure, traceable · 指标数值",
    "chart": "indicators over years, as SVG, PNG or tables · 图表",
    "changes": "what was published, edited, withdrawn · 变动",
    "findings": "recorded doubts about figures and texts · 疑点",
    "due": "which portals are due for a crawl · 待采门户",
    "schedule": "crawl by itself: run, check, install · 定时采集",
    "report": "what crawls saw, for people · 采集报告",
    "coverage": "publisher × year: on time, late, missing · 覆盖情况",
    "show": "one report, as it is or was on a day · 查看年报",
    "history": "every capture of a report or address · 采集历史",
    "diff": "two revisions of a report · 版本比较",
    "search": "full-text search · 全文检索",
    "trace": "from a figure back to its bytes · 追溯来源",
    "tables": "the tables of a report as printed · 原表",
    "read": "read report files without an archive · 读取文件",
    "reconvert": "read stored payloads again with today's readers · 重新读取",
    "merge": "the union of several archives · 合并",
    "import": "WARC, WACZ or a folder of files into the archive · 导入",
    "verify": "check the archive's evidence · 校验",
    "log": "the evidence log's head, and proofs · 证据日志",
    "export": "warc, wacz, bagit, prov, parquet, csv, bundle · 导出",
    "serve": "the archive in a browser, read-only · 网页阅览",
    "backup": "a whole, checked copy, while a crawl writes · 备份",
    "migrate": "bring an older archive up to date · 升级档案库",
    "demo": "a simulated portal, crawled twice · 演示",
    "doctor": "what is installed and what is missing · 环境检查",
}

_MODULES = {"import": "import_"}
"""Verbs that Python keeps for itself, and their modules."""

_EXAMPLES = """examples:
  nianlun demo                                   a simulated portal, no network needed
  nianlun crawl nx-dofcom                        a portal of the register into ./nianlun.db
  nianlun crawl https://www.example.gov.cn/      a home page: the column is found
  nianlun reports --year 2023
  nianlun observations --indicator applications.received --csv > figures.csv
  nianlun show 石嘴山市商务局:2023 --at 2024-03-01
  nianlun trace 4711
"""


def parser() -> argparse.ArgumentParser:
    """The top level: the verbs and the options all of them share."""
    listed = "\n".join(f"  {name:<13} {text}" for name, text in COMMANDS.items())
    top = argparse.ArgumentParser(
        prog="nianlun",
        description="年轮 nianlun: annual reports of public bodies, every revision with its evidence.",
        epilog=f"commands:\n{listed}\n\n{_EXAMPLES}\n`nianlun COMMAND --help` says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="nianlun [-h] [--version] COMMAND ...",
    )
    top.add_argument("--version", action="store_true", help="print the version and stop")
    top.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    top.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return top


def run(arguments: Sequence[str]) -> int:
    """Run one command; an error is one sentence on standard error, and the exit code is the interface's."""
    words = list(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")  # the interface's encoding, whatever the locale's
    if not words or words[0] in ("-h", "--help"):
        parser().print_help()
        return 0 if words else 2
    if words[0] == "--version":
        from crawler.settings import VERSION  # noqa: PLC0415

        sys.stdout.write(f"nianlun {VERSION}\n")
        return 0
    debug = "--debug" in words
    name, rest = _verb(words)
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        sys.stderr.write(f"nianlun has no command {name!r}.{hint} `nianlun --help` lists them.\n")
        return 2
    try:
        with _terminable():
            return _call(name, rest)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        sys.stderr.write(
            "Interrupted; what was complete is kept, and the same command goes on from there. · 已中断，再次运行同一命令即可继续。\n"
        )
        return 4
    except Exception as error:  # no traceback without --debug
        if debug:
            raise
        text, code = _told(error)
        sys.stderr.write(f"{text}\n")
        return code


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does: cleaned up, one sentence, exit 4; only the main thread may ask for it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _told(error: Exception) -> tuple[str, int]:
    """What to tell the user of an error, in one sentence, and the exit code."""
    if isinstance(error, sqlite3.Error):
        error = as_trouble(error) or UsageError(
            f"The archive cannot be read ({error}); `nianlun verify` names the damage."
        )
    if isinstance(error, NianlunError | ArchiveError):
        return str(error), error.exit_code
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return f"The archive is damaged ({error}); `nianlun verify` names the damage.", 2
    if isinstance(error, OverflowError):
        return "A number is too large.", 2
    if isinstance(error, LookupError) and not isinstance(error, KeyError | IndexError):
        return str(error.args[0]), 2
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename or 'standard output'}", 2
    return f"{type(error).__name__}: {error}. This is a fault in nianlun; run it with --debug and report it.", 1


def _verb(words: list[str]) -> tuple[str, list[str]]:
    """The command and its words; options of the archive may stand before the command."""
    before: list[str] = []
    while words and words[0].startswith("-"):
        taken = 2 if words[0] in ("-a", "--archive") else 1
        before, words = before + words[:taken], words[taken:]
    return (words[0], words[1:] + before) if words else ("", before)


def _call(name: str, rest: list[str]) -> int:
    module: Any = importlib.import_module(f"crawler.commands.{_MODULES.get(name, name)}")
    options = argparse.ArgumentParser(
        prog=f"nianlun {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("--debug", action="store_true", help="show tracebacks and the engine's log")
    module.configure(options)
    code: int = module.run(options.parse_args(rest))
    return code
