"""Say what is installed: readers, services, SQLite's abilities, and what to install for the rest."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

from crawler import output

if TYPE_CHECKING:
    import argparse

_READERS = (
    ("html", "lxml", "HTML pages", None),
    ("html", "bs4", "pasted tables in HTML", None),
    ("pdf", "pypdfium2", "PDF", None),
    ("docx, odt, ofd", "lxml", "DOCX, OpenDocument, OFD", None),
    ("doc, wps", "olefile", "Word 97–2003 and WPS", None),
    ("xls, xlsx", "python_calamine", "workbooks", None),
    ("crawl", "scrapy", "crawling", None),
    ("archive", "sqlite_utils", "migrations", None),
    ("scans", "rapidocr", "text recognition of scans", "ocr"),
    ("scans", "onnxruntime", "text recognition of scans", "ocr"),
    ("scans", "cv2", "lines of tables in scans", "ocr"),
    ("scans", "numpy", "pictures", "ocr"),
    ("serve", "datasette", "the reading room", None),
    ("charts", "resvg_py", "charts as PNG", "charts"),
    ("frames", "pandas", "nianlun.open as DataFrames", "frames"),
    ("parquet", "pyarrow", "Parquet files", "tables"),
    ("shared frontier", "redis", "several machines on one portal", "redis"),
    ("time stamps", "rfc3161_client", "heads stamped by an authority", "timestamps"),
)
"""What reads what: the module, what for, and the extra it belongs to (None: every installation has it)."""
_PACKAGES = {
    "bs4": "beautifulsoup4", "sqlite_utils": "sqlite-utils", "python_calamine": "python-calamine",
    "cv2": "opencv-python-headless", "rfc3161_client": "rfc3161-client",
}  # fmt: skip


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the checks; exit 1 if something needed is missing."""
    rows = [_python(), _sqlite(), _zstd(), *(_module(*reader) for reader in _READERS), _bundles(), _letters()]
    output.emit(rows, arguments, ("what", "for", "state", "advice"), empty="")
    return 1 if any(row["state"] == "missing" and row["needed"] for row in rows) else 0


def _row(what: str, purpose: str, *, ok: bool, needed: bool, version: str | None, advice: str) -> dict[str, Any]:
    state = "ok" if ok else "missing"
    return {
        "what": what, "for": purpose, "state": state, "needed": needed, "version": version,
        "advice": None if ok else advice,
    }  # fmt: skip


def _python() -> dict[str, Any]:
    ok = sys.version_info >= (3, 11)  # said, not assumed
    return _row(
        "Python", "everything", ok=ok, needed=True, version=sys.version.split()[0], advice="install Python 3.11+"
    )


def _sqlite() -> dict[str, Any]:
    try:
        sqlite3.connect(":memory:").execute("CREATE VIRTUAL TABLE t USING fts5 (a, content='')")
        ok = True
    except sqlite3.OperationalError:
        ok = False
    advice = "use a Python whose SQLite has FTS5"
    return _row("SQLite FTS5", "search", ok=ok, needed=True, version=sqlite3.sqlite_version, advice=advice)


def _zstd() -> dict[str, Any]:
    ok = bool(importlib.util.find_spec("backports.zstd")) or sys.version_info >= (3, 14)
    return _row("zstd", "payloads", ok=ok, needed=True, version=None, advice="pip install backports.zstd")


def _module(what: str, name: str, purpose: str, extra: str | None) -> dict[str, Any]:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    error = _failure(name)
    ok = error is None
    package = _PACKAGES.get(name, name)
    try:
        found = version(package)
    except PackageNotFoundError:
        found = None
    advice = f'pip install "nianlun[{extra}]"' if extra else f"pip install {package}"
    if extra == "ocr":
        advice += ", then `nianlun reconvert`"
    if error and importlib.util.find_spec(name) is not None:
        advice = f"it is installed but does not load ({error}); install it again: {advice}"
    return _row(f"{what}: {name}", purpose, ok=ok, needed=extra is None, version=found, advice=advice)


def _failure(name: str) -> str | None:
    """Why a module cannot be imported, None when it can: a package may be there and its library not load."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - a broken library raises what it likes
        return f"{type(error).__name__}: {error}"[:200]
    return None


def _bundles() -> dict[str, Any]:
    """The binding and the system's library: either may be missing."""
    from pipelines.convert import bundle  # noqa: PLC0415

    found = dict(bundle.software().parameters).get("libarchive-c")
    binding = importlib.util.find_spec("libarchive") is not None
    advice = "install libarchive (Debian: libarchive13)" if binding else 'pip install "nianlun[archives]"'
    advice += ", then `nianlun reconvert`"
    return _row("bundles: libarchive", "rar and 7z", ok=bundle.available(), needed=False, version=found, advice=advice)


def _letters() -> dict[str, Any]:
    """Whether charts as PNG can show Chinese: the program that draws them has no letters of its own."""
    from archive.charts import files  # noqa: PLC0415
    from archive.exporters.interface import MissingLibrary  # noqa: PLC0415

    try:
        ok = files.readable("年", files.rasteriser())
    except MissingLibrary:
        ok = False
    advice = "install a Chinese font (Debian: fonts-noto-cjk)"
    return _row("charts: Chinese letters", "charts as PNG", ok=ok, needed=False, version=None, advice=advice)
