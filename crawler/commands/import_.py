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

import fnmatch
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import ExitStack

    from archive.model import Link, Portal, Role, Row
    from archive.store import Store
    from pipelines.importing.interface import Found, Look, Origin
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
    from pipelines.importing.interface import Found  # noqa: PLC0415
    from pipelines.importing.take_in import survey  # noqa: PLC0415

    path = output.archive_path(arguments)
    known: list[str] = []
    if path.exists():
        reader = open_reading(path)
        known = entries(reader)
        reader.close()
    rules = Rules(_portals(known), _register(arguments), arguments.portal)
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

    from archive.connection import lease, open_writing  # noqa: PLC0415
    from archive.store import Store  # noqa: PLC0415

    path = output.archive_path(arguments)
    if path.exists():
        if not path.is_file():
            raise UsageError(f"{path} is no regular file; name a file for the archive with --archive.")
    elif not path.absolute().parent.is_dir():
        raise UsageError(f"The folder {path.absolute().parent} does not exist; make it, or choose another --archive.")
    known = _register(arguments)
    with lease(path), ExitStack() as stack:
        store = Store(open_writing(path))
        try:
            return _import_into(store, sources, known, arguments, stack)
        except BaseException:
            store.rollback()
            raise
        finally:
            store.close()


def _import_into(
    store: Store,
    sources: Sequence[Source],
    register: dict[str, Portal],
    arguments: argparse.Namespace,
    stack: ExitStack,
) -> list[Found]:
    from archive.imports import Notes, entries  # noqa: PLC0415
    from crawler.run import reading_software  # noqa: PLC0415
    from pipelines.across import compare_years  # noqa: PLC0415
    from pipelines.convert.sandbox import Cage  # noqa: PLC0415
    from pipelines.importing.take_in import Taking, begin, outcome_of, survey  # noqa: PLC0415
    from pipelines.importing.telling import tell  # noqa: PLC0415

    rules = Rules(_portals(entries(store.sql)), register, arguments.portal)
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


# ---------------------------------------------------------------- the rules of the layers above


def _register(arguments: argparse.Namespace) -> dict[str, Portal]:
    from crawler.targets import register  # noqa: PLC0415

    return register(arguments.portals)


def _portals(texts: Sequence[str]) -> dict[str, Portal]:
    from pipelines.serial import portal_from_json  # noqa: PLC0415

    found = (portal_from_json(text) for text in texts)
    return {portal.name: portal for portal in found}


class Rules:
    """What the spiders and the crawler know, for :class:`pipelines.importing.interface.Outside`."""

    def __init__(self, known: dict[str, Portal], register: dict[str, Portal], forced: str | None) -> None:
        self._known = {**register, **known}
        self._made: dict[str, Portal] = {}
        self._hosts: dict[str, Portal] = {}
        for portal in self._known.values():
            for host in _hosts(portal):
                self._hosts.setdefault(host, portal)
        self._forced = self._named(forced) if forced else None

    def _named(self, name: str) -> Portal:
        from spiders.registry import nearest  # noqa: PLC0415

        if name not in self._known:
            near = nearest(name, self._known)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise UsageError(f"No portal {name!r} in the archive or the register.{hint} `nianlun portals` lists them.")
        return self._known[name]

    def portal(self, url: str, origin: Origin | None) -> Portal:
        """The portal of an address: the one named, else by host, else a new one named after the host."""
        from archive.urls import host_of  # noqa: PLC0415

        if self._forced is not None:
            return self._forced
        host = host_of(url)
        found = self._hosts.get(host) or self._hosts.get(host.removeprefix("www."))
        if found is None:
            found = next(
                (p for p in self._known.values() if any(fnmatch.fnmatch(host, glob) for glob in p.hosts)), None
            )
        if found is None:
            found = self._new(host, url, origin)
        self._hosts[host] = found
        return found

    def _new(self, host: str, url: str, origin: Origin | None) -> Portal:
        from archive.model import Portal  # noqa: PLC0415
        from archive.urls import host_of  # noqa: PLC0415

        if not host:
            return Portal(name="import-files", title="导入的文件 imported files", home="urn:nianlun:files")
        if origin is not None and origin.name not in self._known and host_of(origin.home) == host:
            return Portal(name=origin.name, title=host, home=origin.home)
        from crawler.targets import resolve  # noqa: PLC0415

        scheme = "https" if url.startswith("https:") else "http"
        return resolve([f"{scheme}://{host}/"], ())[0]  # the portal a crawl of that home page would be of

    def key(self, url: str) -> str:
        """The identity of the article at an address, as a crawl would find it."""
        from spiders.families import identity  # noqa: PLC0415

        return identity(url)

    def look(self, portal: Portal, url: str, status: int | None, headers: Mapping[str, str], body: bytes) -> Look:
        """What an answer is, by the crawler's rules, and what the spiders see in it."""
        from crawler.challenge import classify  # noqa: PLC0415
        from pipelines.importing.interface import Look  # noqa: PLC0415

        markup = is_markup(body, headers.get("content-type", ""))
        role = role_of(url, portal, markup=markup)
        if status is None:
            return (
                self._page(portal, url, headers, body, Look("fetched", None, role))
                if markup
                else Look("fetched", None, role)
            )
        answer = classify(url, status, headers, body, home=portal.home, document=role in ("page", "attachment"))
        outcome: Any = {"retry": "failed", "throttled": "blocked"}.get(answer.verdict, answer.verdict)
        found = Look(outcome, answer.reason, role, answer.location)
        return self._page(portal, url, headers, body, found) if outcome == "fetched" and markup else found

    def _page(self, portal: Portal, url: str, headers: Mapping[str, str], body: bytes, look: Look) -> Look:
        """Whether a page is a listing, or may be a report; most pages speak of no annual report and are not parsed."""
        from dataclasses import replace  # noqa: PLC0415

        from pipelines.recognise import judge_row  # noqa: PLC0415
        from spiders.discovery import is_column  # noqa: PLC0415
        from spiders.families import recognise  # noqa: PLC0415

        text = decoded(body, headers.get("content-type"))
        if look.role not in ("page", "home") or not ("年报" in text or "年度" in text):
            return look
        response = response_of(url, text)
        if is_column(response, home=look.role == "home") and not _is_titled(response):
            rows = recognise(response, portal.family).rows(response)
            kept = tuple(row for row in rows if judge_row(row.title, url=row.url, in_report_column=True).keep)
            if kept and not _is_article(url, kept):
                return replace(look, role="listing", rows=kept)
        return replace(look, candidate=look.role == "page" and "公开" in text)

    def links(self, portal: Portal, url: str, media_type: str | None, body: bytes) -> Sequence[Link]:
        """The files a page names, as its family's spider finds them."""
        from spiders.families import recognise  # noqa: PLC0415

        if not is_markup(body, media_type or ""):
            return ()
        response = response_of(url, decoded(body, media_type))
        return recognise(response, portal.family).attachments(response)


def _is_titled(response: Any) -> bool:
    """Whether a page names an article of its own that may be a report: 国办发〔2017〕47号 gives articles that tag alone."""
    from pipelines.recognise import judge_row  # noqa: PLC0415

    names = 'translate(@name, "ARTICLE", "article")'
    titles = response.xpath(f'//meta[{names}="articletitle" or {names}="articleTitle"]/@content').getall()
    return any(judge_row(title, url=response.url, in_report_column=True).keep for title in titles if title.strip())


def _is_article(url: str, rows: Sequence[Row]) -> bool:
    """Whether a page with links like a listing's is an article: by its address, or since it names nothing but files."""
    from urllib.parse import urlsplit  # noqa: PLC0415

    from spiders.addresses import is_file  # noqa: PLC0415
    from spiders.families import identity  # noqa: PLC0415

    if not identity(url).startswith("url:"):
        return True
    name = urlsplit(url).path.rpartition("/")[2]
    return bool(name) and not name.startswith(("index", "list")) and all(is_file(row.url) for row in rows)


def _hosts(portal: Portal) -> set[str]:
    from archive.urls import host_of  # noqa: PLC0415

    found = {host_of(url) for url in (portal.home, *portal.start)} | {alias.host for alias in portal.aliases}
    return {host.removeprefix("www.") for host in found if host} | {host for host in found if host}


def is_markup(body: bytes, kind: str) -> bool:
    """Whether a body is a page by its bytes."""
    from pipelines.convert.sniff import sniff  # noqa: PLC0415

    return sniff(body, kind or None, None) == "text/html" if body else False


def decoded(body: bytes, kind: str | None) -> str:
    """A page's text."""
    from pipelines.convert.decoding import charset_of, decode  # noqa: PLC0415

    return decode(body, charset_of(kind))[0]


def response_of(url: str, text: str) -> Any:
    """A page as the spiders read it."""
    from scrapy.http import HtmlResponse  # noqa: PLC0415

    return HtmlResponse(url, body=text.encode("utf-8", "replace"), encoding="utf-8")


def role_of(url: str, portal: Portal, *, markup: bool) -> Role:
    """What sort of address it is, as far as it tells."""
    from urllib.parse import urlsplit  # noqa: PLC0415

    from archive.urls import url_key  # noqa: PLC0415
    from spiders.addresses import IMAGES, extension, is_file  # noqa: PLC0415

    parts = urlsplit(url)
    if parts.path == "/robots.txt":
        return "robots"
    if url_key(url) == url_key(portal.home) or (
        url_key(url) == url_key(f"{parts.scheme}://{parts.netloc}/") and parts.netloc
    ):
        return "home"
    if is_file(url) or (not markup and extension(url) in {*IMAGES, "js", "css", "ico", "svg", "woff", "json", "xml"}):
        return "attachment"
    return "page"
