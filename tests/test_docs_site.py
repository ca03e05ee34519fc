"""The documentation site: built strictly, in two languages, with nothing from another host, its reference the code's own."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys

import pytest
from lxml import html

from crawler.cli import COMMANDS
from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TRANSLATED = [page for page in PAGES if page.name.endswith(".zh-CN.md")]
FETCHED = {"stylesheet", "icon", "preload", "prefetch", "modulepreload", "preconnect", "dns-prefetch", "manifest"}


def _hooks():
    spec = importlib.util.spec_from_file_location("docs_hooks", DOCS / "hooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


hooks = _hooks()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site as `mkdocs build --strict` makes it."""
    for name in ("mkdocs", "material", "mkdocs_static_i18n"):
        pytest.importorskip(name)
    folder = tmp_path_factory.mktemp("site") / "built"
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(ROOT / "mkdocs.yml"), "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


def _text(site, name: str) -> str:
    return html.parse(str(site / name)).getroot().find(".//article").text_content()


def test_every_page_is_built_in_both_languages(site) -> None:
    """Each English page has its Chinese one: translated, or the same where it is for both."""
    built = {str(page.relative_to(site)) for page in site.rglob("*.html")} - {"404.html"}
    english = {name for name in built if not name.startswith("zh-CN/")}
    assert {f"zh-CN/{name}" for name in english} == built - english
    sources = {str(page.relative_to(DOCS)) for page in PAGES if page not in TRANSLATED}
    assert english == {name.removesuffix(".md") + ".html" for name in sources}


def test_only_decisions_and_the_glossary_are_untranslated() -> None:
    named = {page.with_name(page.name.replace(".zh-CN.md", ".md")) for page in TRANSLATED}
    alone = {page for page in PAGES if page not in TRANSLATED} - named
    assert {page.parent.name for page in alone if page.name != "glossary.md"} == {"decisions"}


def test_no_page_takes_anything_from_another_host(site) -> None:
    """No script, style, picture, font or frame of another host: the site works without a network."""
    seen = 0
    for page in site.rglob("*.html"):
        for element in html.parse(str(page)).getroot().iter():
            if not isinstance(element.tag, str):
                continue
            taken = [element.get("src"), element.get("srcset"), element.get("data")]
            if element.tag == "link" and FETCHED & set((element.get("rel") or "").split()):
                taken.append(element.get("href"))
            taken += re.findall(r"url\(([^)]*)\)", element.get("style") or "")
            taken += (
                re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')]*)", element.text or "")
                if element.tag == "style"
                else []
            )
            seen += len([one for one in taken if one])
            assert not [one for one in taken if one and re.match(r"\s*[\"']?(https?:)?//", one)], page
    assert seen > 100
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(https?:)?//", sheet.read_text(encoding="utf-8")), sheet


def test_chinese_is_found_by_pairs_of_characters(site) -> None:
    """The index holds every section once, and each two successive Chinese characters of it as one word."""
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    assert index["config"]["fields"]["pairs"] == {"boost": 1.0}
    pairs = {entry["location"]: entry["pairs"].split() for entry in index["docs"]}
    assert {"永久", "久地", "地址"} <= set(pairs["zh-CN/how-to/read-in-the-browser.html#永久地址"])
    assert not [pair for words in pairs.values() for pair in words if len(pair) != 2]
    assert "glossary.html" in pairs
    assert "zh-CN/glossary.html" not in pairs  # the same page


def test_what_builds_the_site_is_not_in_it(site) -> None:
    assert not list(site.rglob("hooks*"))
    assert not [page for page in site.rglob("*.html") if "generated:" in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("language", ["", "zh-CN/"])
def test_the_reference_is_complete(site, language) -> None:
    """Commands, indicators, tables, addresses and methods: whatever the code has, the page has."""
    from archive.api import Archive
    from archive.forms import FORMS, indicators
    from archive.web.machines.api import ENDPOINTS

    commands = html.parse(str(site / f"{language}reference/commands.html")).getroot()
    assert {name for name in COMMANDS if not commands.get_element_by_id(f"nianlun-{name}", None) is not None} == set()
    codes = _text(site, f"{language}reference/indicators.html")
    assert {code for form in FORMS for code in indicators(form) if code not in codes} == set()
    addresses = _text(site, f"{language}reference/web-addresses.html")
    assert {one.path for one in ENDPOINTS if one.path not in addresses} == set()
    assert {"/report/ID/revision/N", "/timegate/URL", "/feeds/changes.atom"} <= set(re.split(r"\s", addresses))
    python = _text(site, f"{language}reference/python.html")
    assert {name for name in vars(Archive) if not name.startswith("_") and f"{name}(" not in python} == set()
    tables = _text(site, f"{language}reference/tables.html")
    assert {name for name in ("payload", "paragraph_index", "retold", "log_node") if name not in tables} == set()


@pytest.mark.parametrize("name", ["serve", "chart", "import", "export"])
def test_the_page_of_commands_prints_what_the_command_prints(site, name) -> None:
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "nianlun", name, "--help"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.rstrip() in _text(site, "reference/commands.html")


def _commands(page, fences: str = "sh") -> list[list[str]]:
    """Every `nianlun …` of a page's blocks as words, without comments and what a shell does with the output."""
    found = []
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for block in re.findall(rf"```{fences}\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words and words[0].rpartition("/")[2] == "nianlun":
                stops = [words.index(one) for one in (">", ">>", "|", "&&") if one in words]
                found.append(words[1 : min(stops, default=len(words))])
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_command_shown_is_understood(page, capsys) -> None:
    """The command exists, and takes these words and options."""
    for name, *words in _commands(page):
        assert name in COMMANDS, name
        try:
            next(hooks.parsers(name)).parse_args(words)
        except SystemExit:
            pytest.fail(f"nianlun {name} {' '.join(words)}: {capsys.readouterr().err}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_command_in_a_sentence_exists(page) -> None:
    """`nianlun COMMAND --option` within a line: the command exists and has that option."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for name, rest in re.findall(r"`nianlun ([a-z]+)([^`]*)`", text):
        assert name in COMMANDS, name
        known = {option for parser in hooks.parsers(name) for option in parser._option_string_actions}
        assert set(re.findall(r"(?<=\s)--[a-z-]+", rest)) <= known, f"nianlun {name}{rest}"


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: str(page.relative_to(DOCS)))
def test_a_translation_shows_the_same_commands(page) -> None:
    english = page.with_name(page.name.replace(".zh-CN.md", ".md"))
    shown = [_commands(one) for one in (english, page)]
    for words in shown[0]:
        if "--lang" in words and words not in shown[1]:  # a picture in the language of its page
            del words[words.index("--lang") : words.index("--lang") + 2]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("name", ["tutorial/first-archive", "how-to/python", "how-to/harvest", "how-to/charts"])
def test_a_translation_shows_the_same_programs_and_outputs(name) -> None:
    """Programs but for their comments, and what is printed, are the same in both languages."""
    shown = []
    for language in ("", ".zh-CN"):
        text = (DOCS / f"{name}{language}.md").read_text(encoding="utf-8")
        blocks = re.findall(r"```(?:python|text|json|csv)\n(.*?)```", text, re.DOTALL)
        shown.append([re.sub(r" +# .*", "", block) for block in blocks])
    assert shown[0]
    assert shown[0] == shown[1]


def test_all_titles_of_the_navigation_are_translated() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    nav = text.partition("\nnav:\n")[2]
    titles = set(re.findall(r"(?m)^ +- ([A-Z][^:]*):", nav))
    translated = set(re.findall(r"(?m)^ {12}([A-Z][^:]*): \S", text))
    assert titles
    assert titles == translated
