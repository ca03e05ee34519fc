"""One payload → a reading; a bundle's reading holds those of its members.  Pure: bytes in, values out.

Files from outside belong into :class:`pipelines.convert.sandbox.Cage`, which calls :func:`read_payload` in a
limited worker process.
"""

from __future__ import annotations

import mimetypes
import re
from dataclasses import replace
from typing import Any, cast

from archive.forms import FORMS
from archive.model import (
    Conversion,
    ConversionState,
    Finding,
    FormName,
    Observation,
    Place,
    Reading,
    Software,
    digest_of,
    shown,
)
from pipelines import narrative, text, validate
from pipelines.convert import bundle
from pipelines.convert.interface import Context, converter_for, converters, failed
from pipelines.convert.sniff import sniff
from pipelines.identity import Judgement, judge_reading
from pipelines.recognise import judge_row
from pipelines.serial import conversion_from_json, from_json, to_json
from pipelines.tables import Tables, has_form, read_tables

__all__ = ["conversion_from_json", "from_json", "read_payload", "software", "to_json"]

READER = Software("nianlun.reader", "2", (("forms", "2014,2019,2021"),))
FLAT = re.compile(r"第二十条第（一）项信息内容|申请人情况自然人法人或其他组织|总计商业企业科研机构社会公益组织")
READABLE = frozenset({"ok"})
CAPTION = 60
"""Characters; a longer line before a table is a paragraph, not its caption."""
TABLES = {
    "statistics": "统计表",
    "disclosure": "主动公开政府信息情况",
    "applications": "收到和处理政府信息公开申请情况",
    "disputes": "行政复议、行政诉讼情况",
}
NAMES = {
    "application/msword": "Word 97–2003",
    "application/rtf": "RTF",
    "application/ofd": "OFD",
    "application/vnd.ms-excel": "Excel 97–2003",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.oasis.opendocument.text": "OpenDocument",
    "multipart/related": "MHTML",
    "application/gzip": "gzip",
}


def software(*, ocr: bool = True) -> tuple[Software, ...]:
    """The readers with their versions: what a conversion by today's program would be signed with.

    ``ocr`` is false where the user does not want pictures recognised: that is another reader, too.
    """
    off = () if ocr else (Software("nianlun.recognition", "off"),)
    return (*(converter.SOFTWARE for converter in converters()), bundle.software(), READER, *off)


def read_payload(
    payload: bytes,
    *,
    url: str | None = None,
    media_type: str | None = None,
    name: str | None = None,
    ocr: bool = False,
) -> Reading:
    """Convert the bytes and understand what they say; pictures of text are recognised with ``ocr`` only.

    ``url``, ``media_type`` and ``name`` are hints (for relative links, dates in addresses, titles of files);
    what the bytes are is decided by the bytes.  Never raises for what the bytes hold.
    """
    return _read(payload, Context(url, media_type, name, ocr), 1)


def _read(payload: bytes, context: Context, depth: int) -> Reading:
    kind = sniff(payload, context.media_type, context.name)
    if kind in bundle.TAKES:
        return _read_bundle(payload, kind, depth, ocr=context.ocr)
    return understand(_converted(payload, kind, context), context)


def _read_bundle(payload: bytes, kind: str, depth: int, *, ocr: bool) -> Reading:
    """Read the members one by one; those of an inner bundle are told as ``inner.zip!name``."""
    if depth > bundle.DEPTH_CAP:
        error = "压缩包嵌套过深 · Bundles are nested too deeply"
        return Reading(failed("refused", kind, error, bundle.software()))
    read: list[tuple[str, Reading]] = []
    doubt: bundle.Member | None = None
    for member in bundle.members(payload, kind):
        if member.name:
            read += _read_member(member, depth, ocr=ocr)
        else:
            doubt = member
    state: ConversionState = "ok" if read else doubt.state if doubt else "empty"
    reason = doubt.error if doubt else None if read else "压缩包里没有文件 · The bundle holds no file"
    return Reading(Conversion(bundle.software(), kind, state, error=reason), members=tuple(read))


def _read_member(member: bundle.Member, depth: int, *, ocr: bool) -> list[tuple[str, Reading]]:
    if member.payload is None:
        kind = mimetypes.guess_type(member.name)[0] or "application/octet-stream"
        unread = Reading(failed(member.state, kind, member.error or "", bundle.software()))
        return [(member.name, by_name(unread, member.name.rpartition("/")[2]))]
    reading = _read(member.payload, Context(None, None, member.name.rpartition("/")[2], ocr), depth + 1)
    named = ("bundle:digest", shown(digest_of(member.payload)))
    reading = replace(reading, conversion=replace(reading.conversion, meta=(*reading.conversion.meta, named)))
    inner = [(f"{member.name}!{name}", within(name, each, prefix=member.name)) for name, each in reading.members]
    if inner and reading.conversion.error is None:
        return inner
    return [*inner, (member.name, within(member.name, replace(reading, members=())))]


def within(name: str, reading: Reading, prefix: str = "") -> Reading:
    """The same reading, every observation's place naming the bundle's member it stands in."""
    member = f"{prefix}!{name}" if prefix else name
    observations = tuple(
        replace(item, where=replace(item.where, place=replace(item.where.place or Place(), member=member)))
        for item in reading.observations
    )
    return replace(reading, observations=observations)


def _converted(payload: bytes, kind: str, context: Context) -> Conversion:
    if kind == "application/x-empty":
        return failed("empty", kind, "文件长度为零 · The file has no bytes")
    converter = converter_for(kind)
    if converter is None:
        return _unread(kind)
    try:
        return converter.convert(payload, context)
    except (
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        ArithmeticError,
        LookupError,
        OSError,
        AssertionError,
    ) as error:
        return failed(
            "unreadable",
            kind,
            f"读取时出错（{type(error).__name__}） · The reader failed: {error}"[:400],
            converter.SOFTWARE,
        )
    except (RecursionError, MemoryError):
        return failed("refused", kind, "结构过深或过大 · Nested too deeply or too large", converter.SOFTWARE)


def _unread(kind: str) -> Conversion:
    if kind == "application/x-ole-encrypted":
        return failed("encrypted", kind, "文件已加密 · The file is encrypted")
    if kind in NAMES:
        return failed("needs", kind, f"还没有 {NAMES[kind]} 的读取器 · There is no reader for {NAMES[kind]} yet")
    return failed("refused", kind, f"不读取此类文件（{kind}） · Files of this kind are not read ({kind})")


def understand(conversion: Conversion, context: Context) -> Reading:
    """What a conversion means: tables, prose, sections, contacts, whose report it is."""
    if conversion.state not in READABLE:
        return by_name(Reading(conversion), context.name)
    body = text.text_of(conversion)
    judged = judge_reading(conversion, url=context.url, name=context.name, tables=has_form(conversion.grids))
    local = judged.rejected in {None, "appendix", "off-topic"}
    tables = read_tables(conversion.grids, year=judged.year, local=local, hints=_over(conversion))
    prose = _prose(body, tables, judged)
    blocks = [block.text for block in conversion.blocks if block.kind != "table"]
    reading = Reading(
        conversion,
        title=judged.title,
        publisher=judged.publisher,
        year=judged.year,
        kind=judged.kind,
        rejected=judged.rejected,
        form=form_of(tables.form, judged.kind),
        published=judged.published,
        written=judged.written,
        text=body or None,
        sections=text.sections_of(conversion.blocks),
        contacts=text.contacts_of(blocks),
        document_numbers=text.document_numbers_of(body),
        observations=(*_doubted(tables.observations, conversion), *prose),
        rules=(*judged.rules, *((f"form:{table}", form) for table, form in tables.forms), *_doubts_of(tables)),
        paragraphs=text.paragraphs_of(conversion, judged.title),
    )
    return replace(reading, findings=findings_of(reading, body))


def _over(conversion: Conversion) -> list[str]:
    """What stands right over each grid: the short line before it, the name of its sheet."""
    over = [""] * len(conversion.grids)
    line = ""
    for block in conversion.blocks:
        if block.grid is None:
            line = block.text if len(block.text) < CAPTION else ""
        elif block.grid < len(over):
            path = (grid.path or "") if (grid := conversion.grids[block.grid].place) else ""
            over[block.grid] = f"{line} {path if path.startswith('sheet[') else ''}"
            line = ""
    return over


def _doubts_of(tables: Tables) -> tuple[tuple[str, str], ...]:
    capped = (("tables", "capped"),) if tables.capped else ()
    return (*((f"repeated:{table}", "differs") for table in tables.repeated), *capped)


def _table_findings(reading: Reading) -> list[Finding]:
    """Tables that stand there twice, that are not there at all, and figures beyond the cap."""
    rules = dict(reading.rules)
    found = []
    for table, name in TABLES.items():
        if f"repeated:{table}" in rules:
            message = f"{name}出现多次且数字不同，无法确定以哪一份为准 · {table}: printed more than once with different figures, none is claimed"
            found.append(Finding("READ-REPEATED", "warning", message))
    modern = [table for table in ("disclosure", "applications", "disputes") if f"form:{table}" in rules]
    due = reading.kind == "disclosure" and reading.year is not None and reading.year >= 2019
    if due and len(modern) < 3:
        missing = [TABLES[table] for table in ("disclosure", "applications", "disputes") if table not in modern]
        message = f"未找到：{'、'.join(missing)}（可能是图片或附件） · tables not found: {', '.join(t for t in TABLES if TABLES[t] in missing)} (pictures, or files?)"
        found.append(Finding("READ-NO-TABLE", "warning", message))
    if "tables" in rules:
        found.append(
            Finding("READ-CAPPED", "warning", "表格数字过多，只保留了一部分 · more local figures than are kept")
        )
    return found


def _doubted(observations: tuple[Observation, ...], conversion: Conversion) -> tuple[Observation, ...]:
    """Figures that text recognition was unsure of are ambiguous: what was recognised is kept, no value is claimed."""
    doubts = {value.rpartition(",")[0] for name, value in conversion.meta if name == "ocr:doubt"}
    if not doubts:
        return observations
    return tuple(
        replace(item, status="ambiguous", value=None)
        if item.status == "ok" and f"{item.where.table},{item.where.row},{item.where.column}" in doubts
        else item
        for item in observations
    )


def by_name(reading: Reading, name: str | None) -> Reading:
    """What the name of a file that could not be read (or the row that led to it) says: whose report, of which year.

    Only a name that is a report's title counts; nothing else of the reading is touched.
    """
    title = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name or "").strip()
    row = judge_row(title)
    if reading.kind is not None or row.kind is None or row.publisher is None or row.year is None:
        return reading
    rules = tuple((field, "name") for field in ("title", "publisher", "year", "kind"))
    return replace(
        reading, title=title, publisher=row.publisher, year=row.year, kind=row.kind, rules=(*reading.rules, *rules)
    )


def _prose(body: str, tables: Tables, judged: Judgement) -> tuple[Observation, ...]:
    """Figures of the text: those no table prints, and the one that contradicts its table, so that both are kept."""
    if judged.kind != "disclosure":
        return ()
    about: dict[str, Any] = {"year": judged.year, "publisher": judged.publisher}
    values = {item.indicator: item.value for item in tables.observations if item.status == "ok"}
    known = {observation.indicator for observation in tables.observations}
    government = bool(judged.publisher and re.search(r"人民政府(?:办公[厅室])?$", judged.publisher))
    legacy = tables.form in {None, "2014"}
    found = narrative.read_narrative(body, known, legacy=legacy, government=government, **about)
    against = [
        item for item in narrative.compared(body, **about) if item.indicator in values and item.value is not None
    ]
    return (*found, *(item for item in against if item.value != values[item.indicator]))


def form_of(found: FormName | None, kind: str | None) -> FormName | None:
    """A disclosure report without a table of a form is a free one."""
    return found or ("free" if kind == "disclosure" else None)


def findings_of(reading: Reading, body: str) -> tuple[Finding, ...]:
    """Every doubt about a reading: the forms' rules, text against table, text that was flattened."""
    forms = forms_of(reading)
    found = [*validate.validate(reading.observations, forms), *validate.across_sections(reading.observations)]
    about: dict[str, Any] = {"year": reading.year, "publisher": reading.publisher}
    if forms:
        found += validate.against_text(reading.observations, narrative.compared(body, **about))
        found += validate.fee_without_requests(reading.observations, narrative.fee(body, **about))
    found += _table_findings(reading)
    unsure = sum(name == "ocr:doubt" for name, _ in reading.conversion.meta)
    if unsure:
        codes = tuple(item.indicator for item in reading.observations if item.status == "ambiguous")
        message = f"文字识别对 {unsure} 个单元格没有把握 · text recognition is unsure of {unsure} cells"
        found.append(Finding("OCR-DOUBT", "warning", message, codes))
    if FLAT.search(re.sub(r"\s+", "", body)):
        message = "表格被压平成文字，数字无法可靠拆分，未读取 · tables were flattened into text and cannot be split again: not read"
        found.append(Finding("TEXT-FLAT", "warning", message))
    return tuple(found)


def forms_of(reading: Reading) -> tuple[FormName, ...]:
    """The forms of the report's tables, as its rules name them."""
    return tuple(dict.fromkeys(cast("FormName", name) for key, name in reading.rules if _names_form(key, name)))


def _names_form(key: str, name: str) -> bool:
    return key.startswith("form:") and name in FORMS
