"""Writes the reference into the pages that ask for it, from the programs themselves, each time the site is built.

A page asks with a comment, ``<!-- generated: commands -->``.  Nothing generated is kept in the repository: what is printed
here is what this code says today, under whatever version of Python builds the site.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import os
import re
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

NOTEBOOK = ROOT / "docs" / "tutorial" / "panel.ipynb"
_ASKED = re.compile(r"<!-- generated: ([a-z-]+) -->")
_JOINT = re.compile(r"(?<=[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef])\n(?=[^\s<]|<(?:code|strong|a) ?)")
_RULE = re.compile(r"=+( +=+)+")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """MkDocs' event: put what is generated where the page asks for it; raises KeyError for what nobody makes."""
    return _ASKED.sub(lambda found: PARTS[found[1]](), markdown)


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """MkDocs' event: on Chinese pages a new line in the source is no space between two characters."""
    if not page.file.src_uri.endswith(".zh-CN.md"):
        return html
    pieces = re.split(r"(?s)(<pre.*?</pre>)", html)
    pieces[::2] = [_JOINT.sub("", piece) for piece in pieces[::2]]
    return "".join(pieces)


def on_post_build(config: Any) -> None:
    """MkDocs' event: make Chinese findable, and give each language the map of the site that the theme asks it for."""
    home = Path(config.site_dir)
    index = home / "search" / "search_index.json"
    if index.exists():
        index.write_text(json.dumps(searchable(json.loads(index.read_text("utf-8"))), ensure_ascii=False), "utf-8")
        for page in home.glob("*/index.html"):
            shutil.copy(home / "sitemap.xml", page.with_name("sitemap.xml"))


on_post_build.mkdocs_priority = -200  # type: ignore[attr-defined]  # after the last language was built, at -100


def searchable(index: dict[str, Any]) -> dict[str, Any]:
    """The theme's index without pages that are the same in both languages, and with every two successive characters.

    Chinese has no spaces, and the theme would need a dictionary to make words; a field of bigrams needs none.
    """
    known: set[tuple[str, str]] = set()
    kept = []
    for entry in index["docs"]:
        if (entry["title"], entry["text"]) in known:
            continue
        known.add((entry["title"], entry["text"]))
        runs = re.findall(r"[\u3400-\u9fff]+", f"{entry['title']} {entry['text']}")
        pairs = (first + second for run in runs for first, second in pairwise(run))
        kept.append({**entry, "pairs": " ".join(pairs)})
    fields = {**index["config"]["fields"], "pairs": {"boost": 1.0}}
    return {"config": {**index["config"], "fields": fields}, "docs": kept}


def commands() -> str:
    """Every command's help, as it prints it."""
    from crawler.cli import COMMANDS  # noqa: PLC0415

    lines = ["| | |", "|---|---|"]
    lines += [f"| [`nianlun {name}`](#nianlun-{name}) | {text} |" for name, text in COMMANDS.items()]
    for name in COMMANDS:
        lines.append(f"\n## nianlun {name}\n")
        lines += [f"```text\n{parser.format_help().rstrip()}\n```\n" for parser in parsers(name)]
    return "\n".join(lines)


def parsers(name: str) -> Iterator[argparse.ArgumentParser]:
    """The parser of a command, then those of its verbs."""
    os.environ["COLUMNS"] = "100"
    os.environ["NO_COLOR"] = "1"
    from crawler.cli import _MODULES  # noqa: PLC0415

    module = importlib.import_module(f"crawler.commands.{_MODULES.get(name, name)}")
    parser = argparse.ArgumentParser(
        prog=f"nianlun {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--debug", action="store_true", help="show tracebacks and the engine's log")
    module.configure(parser)
    yield parser
    for action in parser._actions:  # noqa: SLF001  # argparse has no other way to ask for verbs
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            yield from action.choices.values()


def addresses() -> str:
    """The reading room's addresses, from the docstrings of what answers them."""
    import archive.web  # noqa: PLC0415

    return table(archive.web.__doc__, ("address · 地址", "what stands there"))


def machines() -> str:
    """What the answers for programs say of themselves."""
    from archive.web.machines import NAMES  # noqa: PLC0415

    titles = {
        "memento": "Memento",
        "oai": "OAI-PMH",
        "atom": "Atom",
        "sitemap": "sitemap, robots.txt",
    }
    parts = []
    for name in NAMES:
        if name in titles:
            module = importlib.import_module(f"archive.web.machines.{name}")
            parts.append(f"### {titles[name]}\n\n{prose(module.__doc__)}\n")
    return "\n".join(parts)


def interface() -> str:
    """The JSON interface: every endpoint and its parameters."""
    from archive.web.machines.api import ENDPOINTS  # noqa: PLC0415

    rows = []
    for endpoint in ENDPOINTS:
        parameters = " ".join(f"`{parameter.name}`" for parameter in endpoint.parameters)
        rows.append((f"`{endpoint.path}`", endpoint.says, parameters))
    return grid(("address · 地址", "answers · 内容", "parameters · 参数"), rows)


def tables() -> str:
    """The tables of an archive, from the docstring that specifies them."""
    import archive  # noqa: PLC0415

    text = archive.__doc__ or ""
    found = re.findall(r"(?m)^(``.+``)\n((?:    .+\n)+)", text)
    rows = [(prose(names), prose(" ".join(says.split()))) for names, says in found]
    rest = re.split(r"(?m)^``.+``\n(?:    .+\n)+", text)
    return f"{prose(rest[0])}\n\n{grid(('table · 表', 'each row'), rows)}\n\n{prose(rest[-1])}\n"


def indicators() -> str:
    """Every indicator of every official form: code, labels, unit."""
    from archive.forms import FORMS, form  # noqa: PLC0415
    from archive.forms import indicators as of_form  # noqa: PLC0415

    parts = []
    for name in FORMS:
        known = of_form(name)
        rows = [(f"<code>{one.code.replace('.', '.<wbr>')}</code>", one.zh, one.en, one.unit) for one in known.values()]
        parts.append(
            f"## Form of {name} · {name} 年格式\n\n{form(name).source} · {len(rows)} indicators · {len(rows)} 项\n"
        )
        parts.append(grid(("code · 代码", "中文", "English", "unit · 单位"), rows) + "\n")
    return "\n".join(parts)


def python() -> str:
    """The Python interface: signatures and docstrings of what is public in :mod:`archive.api`."""
    import nianlun  # noqa: PLC0415
    from archive import api  # noqa: PLC0415

    parts = [f"{prose(api.__doc__)}\n", member("nianlun.open", nianlun.open, "##")]
    for kind in (api.Archive, api.Picture, api.Rows):
        parts.append(f"## {kind.__name__}\n\n{prose(kind.__doc__)}\n")
        parts += [member(name, value, "###") for name, value in vars(kind).items() if not name.startswith("_")]
    return "\n".join(parts)


def member(name: str, value: Any, level: str) -> str:
    """One function, method or property as a section."""
    if isinstance(value, property):
        return f"{level} {name}\n\n{prose(value.__doc__)}\n"
    signature = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(value)))  # annotations are strings there
    signature = re.sub(r"\(self(, )?", "(", signature)
    return f"{level} {name}\n\n```python\n{name}{signature}\n```\n\n{prose(value.__doc__)}\n"


def notebook() -> str:
    """The tutorial notebook's cells, so that page and notebook cannot say different things."""
    parts = []
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        parts.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
    return "\n\n".join(parts)


def prose(text: str | None) -> str:
    """A docstring as Markdown: literals, references, simple tables and examples."""
    found = []
    for block in re.split(r"\n\s*\n", inspect.cleandoc(text or "")):
        if _RULE.match(block):
            found.append(table(block, ("", "")))
        elif block.startswith(">>>"):
            found.append(f"```pycon\n{block}\n```")
        else:
            found.append(_inline(block))
    return "\n\n".join(found)


def _inline(text: str) -> str:
    text = re.sub(r":(?:class|mod|meth|func|data|attr):`~?([^`]*)`", r"`\1`", text)
    return text.replace("``", "`")


def table(text: str | None, heads: tuple[str, str]) -> str:
    """A simple table of a docstring (columns under rules of ``=``) as Markdown; raises StopIteration when there is none."""
    lines = inspect.cleandoc(text or "").splitlines()
    rules = [number for number, line in enumerate(lines) if _RULE.fullmatch(line)]
    column = lines[rules[0]].index(" =") + 1
    rows = [
        (_inline(line[:column].strip()), _inline(line[column:].strip())) for line in lines[rules[0] + 1 : rules[-1]]
    ]
    return grid(heads, rows)


def grid(heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [list(heads), ["---"] * len(list(heads)), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "addresses": addresses,
    "machines": machines,
    "interface": interface,
    "tables": tables,
    "indicators": indicators,
    "python": python,
    "notebook": notebook,
}
