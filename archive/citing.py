"""How a revision of a report is cited: GB/T 7714-2015 and BibTeX, with the address at which it stays."""

from __future__ import annotations

import re
from typing import Any

Row = dict[str, Any]

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def gbt7714(report: Row, address: str) -> str:
    """The reference of an electronic resource (GB/T 7714-2015, 4.6 and 8.8): the date cited is the day of its capture.

    ``report`` has the keys of ``nianlun show``; ``address`` is where the revision stays.
    """
    published = f"({_line(report['published'])})" if report["published"] else ""
    who = f"{_line(report['publisher'])}. " if report["publisher"] else ""
    cited = (report["captured"] or "")[:10]
    return (
        f"{who}{_line(report['title'] or report['url'])}[EB/OL]. {published}[{cited}]. {_line(report['url'])}."
        f" 存档: {address}."
    )


def bibtex(report: Row, address: str, digest: str | None) -> str:
    """The same for BibTeX and its kin; ``digest`` is that of the page's bytes."""
    fields = [
        ("author", f"{{{_tex(report['publisher'])}}}" if report["publisher"] else None),
        ("title", f"{{{_tex(report['title'] or report['url'])}}}"),
        ("year", str(report["published"] or report["captured"])[:4]),
        ("date", report["published"]),
        ("url", _address(report["url"])),
        ("urldate", (report["captured"] or "")[:10]),
        (
            "note",
            f"Revision {report['revision']}, archived at \\url{{{_address(address)}}}"
            + (f", {digest}" if digest else ""),
        ),
    ]
    inside = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields if value)
    return f"@online{{nianlun-{report['id']}-{report['revision']},\n{inside}\n}}\n"


def _line(text: Any) -> str:
    return re.sub(r"\s+", " ", str(text)).strip()


def _tex(text: Any) -> str:
    return "".join(_SPECIAL.get(letter, letter) for letter in _line(text))


def _address(url: str) -> str:
    """An address as it may stand in braces: what would close them or begin a comment is written in per cent."""
    return re.sub(r"[\s{}%\\]", lambda found: f"\\%{ord(found[0]):02X}" if found[0] != "%" else r"\%", str(url))
