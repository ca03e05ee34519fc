"""Take WARC files, WACZ files or folders of files into the archive: a history older than the first crawl.

Every record is checked (lengths, digests, compression), becomes a capture with the time it states, and is read by the
same readers as a crawl's; its crawls say which file they came from.  Records that are cut or wrong are reported and left
out, the rest goes on.  Importing a file again adds nothing; an import that was stopped goes on.  Nothing is fetched.

A folder's files are dated by an index.csv in it (columns file,url,date), else by when they were last written.

examples:
  nianlun import 2016.warc.gz 2017.warc.gz
  nianlun import --dry-run old/*.wacz          what would come in; nothing is written
  nianlun import --portal nx-dofcom scans/     a folder of PDFs, for a portal of the register
  nianlun import crawl.warc.gz --json > report.json

exit codes: 0 all of it is in, 1 records were left out, 2 a file is none of these, 4 stopped early or the disk is full.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from contextlib import ExitStack

    from archive.model import Portal
    from archive.store import Store
    from pipelines.importing.interface import Found
    from pipelines.importing.sources import Source
    from pipelines.importing.take_in import Survey

COLUMNS = ("file", "crawls", "records", "captures", "revisits", "reports", "revisions", "problems")
_SHOWN = 20
"""Problems of a file that are told on a terminal; --json lists them all."""


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="a WARC or WACZ file, or a folder of files"
    )
    output.archive_option(options)
    options.add_argument(
        "--portal", metavar="NAME", help="the portal it all belongs to (default: by each record's host)"
    )
    options.add_argument("--portals", metavar="DIR", type=Path, action="append", default=[], help="more portal files")
    options.add_argument("--dry-run", action="store_true", help="only say what would come in; write nothing")
    output.recognition_option(options)
    options.add_argument("--quiet", action="store_true", help="no progress on standard error")
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Import every file; exit 1 when something was left out."""
    sources = [source for path in arguments.files for source in _sources(path)]
    found = _dry_run(sources, arguments) if arguments.dry_run else _import(sources, arguments)
    rows = [item.as_dict() for item in found]
    if arguments.json or arguments.nl or arguments.csv:
        output.emit(rows, arguments, COLUMNS, empty="Nothing was imported. · 没有导入。")
    else:
        brief = [
            {**row, "crawls": len(item.crawls), "problems": len(item.problems)}
            for row, item in zip(rows, found, strict=True)
        ]
        output.emit(brief, arguments, COLUMNS, empty="Nothing was imported. · 没有导入。")
    if not arguments.quiet:
        for item in found:
            _tell(item)
    return 1 if any(item.problems for item in found) else 0


def _tell(found: Found) -> None:
    name = output.clean(found.file)
    if found.known:
        output.note(f"{name} was imported before; nothing was added. · 此前已导入，未新增内容。")
    for problem in found.problems[:_SHOWN]:
        where = "" if problem.offset is None else f" at {problem.offset}"
        about = f" ({problem.uri})" if problem.uri else ""
        output.note(output.clean(f"{name}{where}: {problem.reason}{about}"))
    if len(found.problems) > _SHOWN:
        output.note(
            f"{name}: {len(found.problems) - _SHOWN} more problems; --json lists them. · 另有问题，用 --json 查看。"
        )


# ---------------------------------------------------------------- what to import


def _sources(path: Path) -> list[Source]:
    """What a path names: a file, or a folder with the archives in it besides its files."""
    from crawler.settings import DOWNLOAD_MAXSIZE, overrides  # noqa: PLC0415
    from pipelines.importing.folder import Folder, IndexTrouble  # noqa: PLC0415
    from pipelines.importing.sources import WACZ_NAMES, WARC_NAMES  # noqa: PLC0415

    cap = int(overrides().get("DOWNLOAD_MAXSIZE", DOWNLOAD_MAXSIZE))
    try:
        if path.is_dir():
            inside = sorted(
                item for item in path.rglob("*")
                if item.name.lower().endswith(WARC_NAMES + WACZ_NAMES) and item.is_file() and not item.is_symlink()
            )  # fmt: skip
            folder = Folder(path, cap=cap)
            return [*([folder] if folder.has_files or not inside else []), *(_archive(item, cap) for item in inside)]
        if not path.is_file():
            what = "is no regular file" if path.exists() else "does not exist"
            raise UsageError(f"{path} {what}; name a WARC or WACZ file, or a folder.")
        return [_archive(path, cap)]
    except IndexTrouble as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the file and its permissions.") from error


def _archive(path: Path, cap: int) -> Source:
    """A file by its first bytes: a zip, gzip, or a WARC as it is."""
    from pipelines.importing.sources import Warc  # noqa: PLC0415
    from pipelines.importing.wacz import Wacz  # noqa: PLC0415

    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK"):
        return Wacz(path, cap=cap)
    if head.startswith((b"\x1f\x8b", b"WARC/", b"\x28\xb5\x2f\xfd")) or path.name.lower().endswith(
        (".warc", ".warc.gz", ".warc.zst")
    ):
        return Warc(path, cap=cap)
    raise UsageError(f"{path} is neither WARC nor WACZ; put other files into a folder and import that.")


# ---------------------------------------------------------------- the work


def _dry_run(sources: Sequence[Source], arguments: argparse.Namespace) -> list[Found]:
    from archive.connection import open_reading  # noqa: PLC0415
    from archive.imports import Notes, entries  # noqa: PLC0415
    from archive.store import wall_clock  # noqa: PLC0415
    from crawler.outside import SpiderRules  # noqa: PLC0415
    from pipelines.importing.interface import Found  # noqa: PLC0415
    from pipelines.importing.take_in import survey  # noqa: PLC0415

    path = output.archive_path(arguments)
    known: list[str] = []
    if path.exists():
        reader = open_reading(path)
        known = entries(reader)
        reader.close()
    rules = SpiderRules(_portals(known), _register(arguments), arguments.portal)
    found = []
    for source in sources:
        with Notes() as notes:
            seen = survey(source, rules, notes, wall_clock(), say=_progress(source, "checking", arguments))
        counts = {"captures": sum(group.count for group in seen.groups.values())}
        found.append(Found(source.name, f"sha256:{source.digest}", (), seen.records, counts, seen.told()))
    if not arguments.quiet:
        for item in found:
            output.note(
                f"{output.clean(item.file)}: {item.counts['captures']} captures would come in; nothing was written. · 试运行，未写入。"
            )
    return found


def _import(sources: Sequence[Source], arguments: argparse.Namespace) -> list[Found]:
    from contextlib import ExitStack  # noqa: PLC0415

    from archive.store import writer  # noqa: PLC0415

    path = output.archive_path(arguments)
    if path.exists():
        if not path.is_file():
            raise UsageError(f"{path} is no regular file; name a file for the archive with --archive.")
    elif not path.absolute().parent.is_dir():
        raise UsageError(f"The folder {path.absolute().parent} does not exist; make it, or choose another --archive.")
    known = _register(arguments)
    with writer(path) as store, ExitStack() as stack:
        return _import_into(store, sources, known, arguments, stack)


def _import_into(
    store: Store,
    sources: Sequence[Source],
    register: dict[str, Portal],
    arguments: argparse.Namespace,
    stack: ExitStack,
) -> list[Found]:
    from archive.imports import Notes, entries  # noqa: PLC0415
    from crawler.outside import SpiderRules  # noqa: PLC0415
    from crawler.run import reading_software  # noqa: PLC0415
    from pipelines.across import compare_years  # noqa: PLC0415
    from pipelines.convert.sandbox import Cage  # noqa: PLC0415
    from pipelines.importing.take_in import Taking, begin, outcome_of, survey  # noqa: PLC0415
    from pipelines.importing.telling import tell  # noqa: PLC0415

    rules = SpiderRules(_portals(entries(store.sql)), register, arguments.portal)
    software = reading_software(ocr=not arguments.no_ocr)
    surveys: list[Survey] = []
    for source in sources:
        notes = stack.enter_context(Notes())
        surveys.append(survey(source, rules, notes, store.clock(), say=_progress(source, "checking", arguments)))
    surveys.sort(key=lambda found: min((group.first for group in found.groups.values()), default=0))
    begin(store, surveys, software, operator())
    for found in surveys:
        Taking(store, rules, found).run(_progress(found.source, "taking in", arguments))
    groups = [(group, found.notes) for found in surveys for group in found.groups.values()]
    problems = {
        group.crawl: [_said(item) for item in found.told()[:50]] for found in surveys for group in found.groups.values()
    }
    with Cage(ocr=not arguments.no_ocr) as cage:
        reader = store.software_id(software)
        tell(store, cage, reader, rules, groups, problems=problems, say=_reading(arguments))
    compare_years(store)
    store.commit()
    return [outcome_of(store, found) for found in sorted(surveys, key=lambda found: sources.index(found.source))]


def _said(problem: Any) -> str:
    where = "" if problem.offset is None else f" at {problem.offset}"
    return f"left out{where}: {problem.reason}{f' ({problem.uri})' if problem.uri else ''}"[:500]


def operator() -> str | None:
    """Who imports: the user's name."""
    import getpass  # noqa: PLC0415

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


def _progress(source: Source, what: str, arguments: argparse.Namespace) -> Callable[[int], None] | None:
    if arguments.quiet or not sys.stderr.isatty():
        return None
    name = output.clip(output.clean(source.name), 40)

    def say(number: int) -> None:
        if number % 200 == 0:
            sys.stderr.write(f"\r\x1b[K{name}: {what}, record {number}")
            sys.stderr.flush()

    return say


def _reading(arguments: argparse.Namespace) -> Callable[[int, int], None] | None:
    if arguments.quiet or not sys.stderr.isatty():
        return None
    return lambda done, total: output.note(f"\r\x1b[Kreading: {done}/{total} days") if done == total else None


def _register(arguments: argparse.Namespace) -> dict[str, Portal]:
    from crawler.targets import register  # noqa: PLC0415

    return register(arguments.portals)


def _portals(texts: Sequence[str]) -> dict[str, Portal]:
    from pipelines.serial import portal_from_json  # noqa: PLC0415

    found = (portal_from_json(text) for text in texts)
    return {portal.name: portal for portal in found}
