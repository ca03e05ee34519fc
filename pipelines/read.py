"""One payload → a reading; a page and its attachments → one report's reading.  Pure: bytes in, values out.

Files from outside belong into :class:`pipelines.convert.sandbox.Cage`, which calls :func:`read_payload` in a
limited worker process.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from archive.model import Contacts, Conversion, Finding, FormName, Observation, Reading, Software
from pipelines import narrative, text, validate
from pipelines.convert.interface import Context, converter_for, converters, failed
from pipelines.convert.sniff import sniff
from pipelines.forms import FORMS
from pipelines.identity import Judgement, judge_reading
from pipelines.serial import conversion_from_json, from_json, to_json
from pipelines.tables import Tables, has_form, read_tables, with_source

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["conversion_from_json", "from_json", "join", "read_payload", "software", "to_json"]

READER = Software("nianlun.reader", "1", (("forms", "2014,2019,2021"),))
FLAT = re.compile(r"第二十条第（一）项信息内容|申请人情况自然人法人或其他组织|总计商业企业科研机构社会公益组织")
READABLE = frozenset({"ok"})
NAMES = {
    "application/msword": "Word 97–2003",
    "application/rtf": "RTF",
    "application/ofd": "OFD",
    "application/vnd.ms-excel": "Excel 97–2003",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.oasis.opendocument.text": "OpenDocument",
    "multipart/related": "MHTML",
    "application/zip": "zip",
    "application/vnd.rar": "rar",
    "application/x-7z-compressed": "7z",
    "application/gzip": "gzip",
}


def software() -> tuple[Software, ...]:
    """The readers with their versions: what a conversion by today's program would be signed with."""
    return (*(converter.SOFTWARE for converter in converters()), READER)


def read_payload(
    payload: bytes, *, url: str | None = None, media_type: str | None = None, name: str | None = None
) -> Reading:
    """Convert the bytes and understand what they say.

    ``url``, ``media_type`` and ``name`` are hints (for relative links, dates in addresses, titles of files);
    what the bytes are is decided by the bytes.  Never raises for what the bytes hold.
    """
    context = Context(url, media_type, name)
    return understand(_converted(payload, context), context)


def _converted(payload: bytes, context: Context) -> Conversion:
    kind = sniff(payload, context.media_type, context.name)
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
    if kind.startswith("image/"):
        return failed(
            "needs", kind, "图像需要文字识别，尚未安装 · An image needs text recognition, which is not installed"
        )
    if kind == "application/x-ole-encrypted":
        return failed("encrypted", kind, "文件已加密 · The file is encrypted")
    if kind in NAMES:
        return failed("needs", kind, f"还没有 {NAMES[kind]} 的读取器 · There is no reader for {NAMES[kind]} yet")
    return failed("refused", kind, f"不读取此类文件（{kind}） · Files of this kind are not read ({kind})")


def understand(conversion: Conversion, context: Context) -> Reading:
    """What a conversion means: tables, prose, sections, contacts, whose report it is."""
    if conversion.state not in READABLE:
        return Reading(conversion)
    body = text.text_of(conversion)
    judged = judge_reading(conversion, url=context.url, name=context.name, tables=has_form(conversion.grids))
    tables = read_tables(conversion.grids, year=judged.year, local=judged.rejected in {None, "appendix", "off-topic"})
    prose = _prose(body, tables, judged)
    blocks = [block.text for block in conversion.blocks if block.kind != "table"]
    reading = Reading(
        conversion,
        title=judged.title,
        publisher=judged.publisher,
        year=judged.year,
        kind=judged.kind,
        rejected=judged.rejected,
        form=_form(tables.form, judged.kind),
        published=judged.published,
        written=judged.written,
        text=body or None,
        sections=text.sections_of(conversion.blocks),
        contacts=text.contacts_of(blocks),
        document_numbers=text.document_numbers_of(body),
        observations=(*tables.observations, *prose),
        rules=(*judged.rules, *((f"form:{table}", form) for table, form in tables.forms)),
        paragraphs=text.paragraphs_of(conversion, judged.title),
    )
    return replace(reading, findings=findings_of(reading, body))


def _prose(body: str, tables: Tables, judged: Judgement) -> tuple[Observation, ...]:
    if judged.kind != "disclosure":
        return ()
    known = {observation.indicator for observation in tables.observations}
    return narrative.read_narrative(body, known, legacy=tables.form in {None, "2014"})


def _form(found: FormName | None, kind: str | None) -> FormName | None:
    """A disclosure report without a table of a form is a free one."""
    return found or ("free" if kind == "disclosure" else None)


def findings_of(reading: Reading, body: str) -> tuple[Finding, ...]:
    """Every doubt about a reading: the forms' rules, text against table, text that was flattened."""
    forms = forms_of(reading)
    found = [*validate.validate(reading.observations, forms), *validate.across_sections(reading.observations)]
    if forms:
        found += validate.against_text(reading.observations, narrative.compared(body))
    if FLAT.search(re.sub(r"\s+", "", body)):
        message = "表格被压平成文字，数字无法可靠拆分，未读取 · tables were flattened into text and cannot be split again: not read"
        found.append(Finding("TEXT-FLAT", "warning", message))
    return tuple(found)


def forms_of(reading: Reading) -> tuple[FormName, ...]:
    """The forms of the report's tables, as its rules name them."""
    return tuple(dict.fromkeys(cast("FormName", name) for key, name in reading.rules if _names_form(key, name)))


# ---------------------------------------------------------------- page and attachments


def join(page: Reading, attachments: Sequence[tuple[str, Reading]]) -> Reading:
    """The whole report's reading from its page and its attachments ``(address, reading)``.

    Metadata: the page's, else the first attachment's that has it.  Observations: the page's; an attachment's
    where nothing read before has that indicator or where it prints another value: then both stand, and a
    finding says so.  The form and the findings are made anew over the union.
    """
    parts = [(address, reading) for address, reading in attachments if _belongs(reading)]
    observations, differing = _union(page, parts)
    readings = [page, *(reading for _, reading in parts)]
    body = "\n".join(reading.text for reading in readings if reading.text)
    joined = replace(
        _filled(page, [reading for _, reading in parts]),
        text=body or None,
        sections=tuple(dict.fromkeys(section for reading in readings for section in reading.sections)),
        document_numbers=tuple(dict.fromkeys(number for reading in readings for number in reading.document_numbers)),
        observations=observations,
        rules=tuple(
            dict.fromkeys(
                rule for reading in readings for rule in reading.rules if reading is page or rule[0].startswith("form:")
            )
        ),
    )
    joined = replace(joined, form=_joined_form(joined))
    return replace(joined, findings=(*findings_of(joined, body), *differing))


def _belongs(reading: Reading) -> bool:
    """Whether an attachment is part of the report: read, and not something else that hangs beside it."""
    return (
        reading.conversion.state in READABLE
        and reading.rejected in {None, "appendix", "off-topic"}
        and reading.kind in {None, "disclosure"}
    )


def _filled(page: Reading, parts: Sequence[Reading]) -> Reading:
    """The page's reading, what it lacks taken from the first attachment that has it."""
    filled: dict[str, Any] = {}
    for name in ("title", "publisher", "year", "published", "written"):
        if getattr(page, name) is None:
            filled[name] = next((getattr(part, name) for part in parts if getattr(part, name) is not None), None)
    if page.kind is None and page.rejected in {None, "off-topic"} and any(part.kind == "disclosure" for part in parts):
        filled |= {"kind": "disclosure", "rejected": None}
    if page.contacts == Contacts():
        filled["contacts"] = next((part.contacts for part in parts if part.contacts != Contacts()), page.contacts)
    return replace(page, **filled)


def _union(page: Reading, parts: Sequence[tuple[str, Reading]]) -> tuple[tuple[Observation, ...], list[Finding]]:
    kept: dict[str, list[Observation]] = {}
    for observation in page.observations:
        kept.setdefault(observation.indicator, []).append(observation)
    differing: list[str] = []
    for address, reading in parts:
        for observation in with_source(reading.observations, address):
            before = kept.get(observation.indicator, [])
            if not before or all(o.status == "missing" for o in before):
                kept[observation.indicator] = [observation]
            elif _adds(before, observation):
                before.append(observation)
                differing.append(observation.indicator)
    return tuple(o for group in kept.values() for o in group), _differing(differing)


def _adds(before: Sequence[Observation], observation: Observation) -> bool:
    """Whether an attachment's figure says something else than what is already known."""
    if observation.status in {"missing", "text"}:
        return False
    return all((o.value, o.status) != (observation.value, observation.status) for o in before)


def _differing(codes: Sequence[str]) -> list[Finding]:
    if not codes:
        return []
    unique = tuple(dict.fromkeys(codes))
    message = f"页面与附件的数字不一致（{len(unique)} 项），两者均保留 · the page and an attachment print different figures ({len(unique)}); both are kept"
    return [Finding("PAGE-ATTACHMENT", "warning", message, unique)]


def _joined_form(reading: Reading) -> FormName | None:
    """One form, or ``mixed`` when the tables follow several; table 4 alone never makes a report mixed."""
    named = [
        (key.removeprefix("form:"), cast("FormName", name)) for key, name in reading.rules if _names_form(key, name)
    ]
    return _form(Tables(forms=tuple(named)).form, reading.kind)


def _names_form(key: str, name: str) -> bool:
    return key.startswith("form:") and name in FORMS
