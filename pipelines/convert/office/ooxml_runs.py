"""The text of a DOCX paragraph's runs: what is hidden or struck out is left out, raised text and pictures are marked.

ECMA-376 part 1, 17.3.2 (run properties), 17.7 (styles), 17.16 (fields), 22.1 (mathematics).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelines.convert.cells import LEVEL, LOWERED, RAISED, UNREAD, UNSEEN
from pipelines.convert.office.story import SYMBOLS

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
GONE = frozenset(
    W + name
    for name in (
        "del",
        "moveFrom",
        "instrText",
        "delText",
        "pPr",
        "rPr",
        "rt",
        "footnoteReference",
        "commentReference",
        "sectPr",
    )
)
PLAIN = {W + "tab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
PICTURES = frozenset(W + name for name in ("drawing", "pict", "object"))
SHOWING = frozenset({"blip", "imagedata", "OLEObject", "chart"})
"""What a drawing shows that may be a figure; lines and frames are none."""
SHIFTS = {"superscript": RAISED, "subscript": LOWERED}
FLAT_MATH = frozenset(
    M + name for name in ("oMath", "oMathPara", "oMathParaPr", "jc", "r", "rPr", "sty", "t", "ctrlPr")
)
"""What a formula consists of that is text on one line; fractions and powers are not."""
SILENT = ("XE", "TC", "TA", "RD", "SET", "ASK", "PRIVATE", "ADVANCE", "BOOKMARK")
"""Fields that print nothing by themselves."""
OFF = frozenset({"0", "false", "off"})
CHAIN = 12


@dataclass(frozen=True, slots=True)
class Look:
    """What a run's properties or a style say of its text; None where they say nothing."""

    gone: bool | None = None
    shift: str | None = None


class Runs:
    """Reads paragraphs, with what the document's styles say of runs."""

    def __init__(self, styles: Any | None) -> None:
        found = {
            style.get(W + "styleId") or "": style for style in (styles.iter(W + "style") if styles is not None else ())
        }
        self._styles = {name: _look_of(style, found) for name, style in found.items()}

    def text(self, element: Any, boxes: list[Any]) -> str:
        """The text of a paragraph's runs; text boxes are put aside into ``boxes``."""
        parts: list[str] = []
        fields: list[list[str]] = []
        base = self._styled(element.find(f"{W}pPr/{W}pStyle"))
        stack: list[Any] = list(reversed(element))
        while stack:
            node = stack.pop()
            if isinstance(node, str):
                parts.append(node)
                continue
            tag = node.tag
            if tag == W + "instrText" and fields:
                fields[-1].append(node.text or "")
            if tag in GONE or not isinstance(tag, str):
                continue
            if tag == W + "r":
                look = self._look(node, base)
                if not look.gone:
                    stack += [LEVEL, *reversed(node), look.shift] if look.shift else list(reversed(node))
            elif tag == W + "txbxContent":
                boxes.append(node)
            elif tag == MC + "AlternateContent":
                stack += list(reversed(list(alternative(node))))
            elif tag in {M + "oMath", M + "oMathPara"}:
                parts.append(_formula(node))
            elif tag == W + "fldChar":
                parts.append(_field(node, fields))
            else:
                parts.append(_printed(node))
                stack += list(reversed(node))
        return "".join(parts)

    def _styled(self, name: Any | None) -> Look:
        return self._styles.get(name.get(W + "val") or "", Look()) if name is not None else Look()

    def _look(self, run: Any, base: Look) -> Look:
        properties = run.find(W + "rPr")
        if properties is None:
            return base
        own, style = _said(properties), self._styled(properties.find(W + "rStyle"))
        gone = next((look.gone for look in (own, style, base) if look.gone is not None), None)
        shift = next((look.shift for look in (own, style, base) if look.shift is not None), None)
        return Look(gone, shift)


def alternative(element: Any) -> Any:
    """One of the alternatives of the same content, never both."""
    choice = element.find(MC + "Choice")
    fallback = element.find(MC + "Fallback")
    return choice if choice is not None else fallback if fallback is not None else []


def _look_of(style: Any, styles: dict[str, Any]) -> Look:
    """A style's look, with what it inherits."""
    gone = shift = None
    for _ in range(CHAIN):
        properties = style.find(W + "rPr")
        own = _said(properties) if properties is not None else Look()
        gone = own.gone if gone is None else gone
        shift = own.shift if shift is None else shift
        based = style.find(W + "basedOn")
        style = styles.get(based.get(W + "val") or "") if based is not None else None
        if style is None:
            break
    return Look(gone, shift)


def _said(properties: Any) -> Look:
    """Hidden (17.3.2.41), struck out once or twice (17.3.2.37, 17.3.2.9), raised or lowered (17.3.2.42)."""
    said = [_on(properties, name) for name in ("vanish", "strike", "dstrike")]
    gone = True if True in said else False if False in said else None
    align = properties.find(W + "vertAlign")
    return Look(gone, SHIFTS.get(align.get(W + "val") or "", "") if align is not None else None)


def _on(properties: Any, name: str) -> bool | None:
    mark = properties.find(W + name)
    return mark.get(W + "val", "true") not in OFF if mark is not None else None


def _printed(node: Any) -> str:
    """What an element prints by itself, before what stands in it."""
    if node.tag == W + "t":
        return node.text or ""
    if node.tag == W + "sym":
        code = node.get(W + "char") or ""
        try:
            return chr(int(code, 16)).translate(SYMBOLS)
        except (ValueError, OverflowError):
            return UNSEEN
    if node.tag in PICTURES:
        return UNSEEN if any(str(e.tag).rpartition("}")[2] in SHOWING for e in node.iter()) else ""
    if node.tag == W + "fldSimple":
        return UNSEEN if next(node.iter(W + "t"), None) is None and _prints(node.get(W + "instr") or "") else ""
    return PLAIN.get(node.tag, "")


def _formula(node: Any) -> str:
    """The letters of a formula; one that is more than a line of them cannot be read as a number."""
    text = "".join(part.text or "" for part in node.iter(M + "t", W + "t"))
    flat = all(e.tag in FLAT_MATH or str(e.tag).startswith(W) for e in node.iter() if isinstance(e.tag, str))
    return text if flat else text + UNREAD


def _field(mark: Any, fields: list[list[str]]) -> str:
    """Follow a field's marks; one that ends without a result shows what only Word can compute."""
    kind = mark.get(W + "fldCharType")
    if kind == "begin":
        fields.append([])
    elif kind == "separate" and fields:
        fields[-1] = ["\0"]
    elif kind == "end" and fields:
        code = "".join(fields.pop())
        return UNSEEN if code != "\0" and _prints(code) else ""
    return ""


def _prints(code: str) -> bool:
    return bool(code.strip()) and not code.strip().upper().startswith(SILENT)
