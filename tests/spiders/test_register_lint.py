"""The lint of the register: every rule bites, and a sound entry passes."""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from spiders import registry
from spiders.register_lint import faults

LIST = Path(__file__).parents[3] / "shared" / "known-portals.csv"

HEAD = 'title = "云川市商务局"\nhome = "http://swj.yunchuan.gov.cn/"\npublisher = "云川市商务局"\n'
RANK = 'level = "department"\ndivision = "640200"\n'


def put(folder: Path, text: str = HEAD + RANK, name: str = "nx-yunchuan", province: str = "ningxia") -> Path:
    """One file below ``folder``; says where."""
    file = folder / province / f"{name}.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def said(folder: Path) -> list[str]:
    """The sentences about the files below ``folder``."""
    return [fault.sentence for fault in faults([folder])[1] if fault.file.is_relative_to(folder)]


def test_a_sound_entry_passes(tmp_path):
    """What the rules ask for can be written: dates of a year, a month and a day; a section on a host of its own."""
    put(
        tmp_path,
        HEAD + RANK + 'entry = "http://xxgk.yunchuan.gov.cn/"\nhosts = ["xxgk.yunchuan.gov.cn"]\nhint = "gkmlpt"\n'
        '[[aliases]]\nhost = "ycsw.gov.cn"\nsince = "2011-05-31"\nuntil = "2011-05"\n'
        '[[aliases]]\nhost = "ycswj.gov.cn"\nuntil = "2019"\n[expect]\nmin = 0\nmax = 9\n',
    )
    assert said(tmp_path) == []


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (RANK + 'entry = "http://www.elsewhere.gov.cn/x"', "'entry' http://www.elsewhere.gov.cn/x is not on"),
        (RANK + 'start = ["http://www.elsewhere.gov.cn/x"]', "'start' http://www.elsewhere.gov.cn/x is not on"),
        (
            RANK + 'start = ["http://swj.yunchuan.gov.cn/nb/"]\nentry = "http://swj.yunchuan.gov.cn/"',
            "'entry' is not asked beside 'start'",
        ),
        (RANK + 'hosts = ["*.gov.cn"]', "lets every site in"),
        (RANK + 'hint = "gkmlp"', "did you mean 'gkmlpt'"),
        (RANK + 'family = "trs"\nhint = "trs"', "'hint' says nothing beside 'family'"),
        (RANK.replace("640200", "620200") + 'province = "gansu"', "'province' says gansu, the folder ningxia"),
        (RANK + "[expect]\nmin = 0\nmax = 0", "'expect' allows no report"),
        (RANK + '[[aliases]]\nhost = "a.gov.cn"\nsince = "May 2019"', "since 'May 2019' is no date"),
        (RANK + '[[aliases]]\nhost = "a.gov.cn"\nuntil = "2019-02-30"', "until '2019-02-30' is no date"),
        (RANK + '[[aliases]]\nhost = "a.gov.cn"\nsince = "2020"\nuntil = "2019-12"', "before it begins (2020)"),
        (RANK + '[[aliases]]\nhost = "http://a.gov.cn/"', "is no host"),
        (RANK + '[[aliases]]\nhost = "www.swj.yunchuan.gov.cn"', "own host"),
        (RANK + '[[aliases]]\nhost = "dofcom.nx.gov.cn"', "is the host of nx-dofcom"),
        ('level = "department"', "'division' is missing"),
        ('division = "640200"', "'level' is missing"),
        ('level = "bureau"\ndivision = "640200"', "unknown level 'bureau'"),
        ('level = "central"', "level 'central' does not go with the folder 'ningxia'"),
        ('level = "department"\ndivision = "649900"', "649900 is not in"),
        ('level = "department"\ndivision = "620200"', "620200 lies in 甘肃省 (gansu), not in ningxia"),
        ('level = "department"\ndivision = "640000"', "640000 is no prefecture's"),
        ('level = "prefecture-city"\ndivision = "640205"', "640205 is no prefecture's"),
        ('level = "provincial-dept"\ndivision = "640200"', "640200 is no province's"),
        ('level = "county"\ndivision = "640000"', "640000 is a whole province"),
    ],
)
def test_each_rule_bites(tmp_path, more, sentence):
    """One wrong line is one fault, and it says what to write."""
    put(tmp_path, HEAD + more)
    (fault,) = said(tmp_path)
    assert sentence in fault


def test_a_publisher_is_needed(tmp_path):
    """Reports that do not say whose they are need a name from the register."""
    put(tmp_path, HEAD.replace("publisher", "note") + RANK)
    assert [sentence[:22] for sentence in said(tmp_path)] == ["'publisher' is missing"]


def test_a_wrong_file_does_not_hide_the_next(tmp_path):
    """What the reader refuses is a fault like another, and the other files are still looked at."""
    broken = put(tmp_path, HEAD + 'publishr = "x"', "nx-a")
    put(tmp_path, HEAD, "nx-b")
    number, found = faults([tmp_path])
    assert number == len(registry.load()) + 2
    assert [(fault.file.stem, fault.sentence[:18]) for fault in found if fault.file == broken] == [
        ("nx-a", "unknown key 'publi"),
    ]
    assert len([fault for fault in found if fault.file.stem == "nx-b"]) == 2


@pytest.mark.parametrize(
    ("name", "province", "sentence"),
    [
        ("nx_yunchuan", "ningxia", "is not made of small letters"),
        ("gs-yunchuan", "ningxia", "begin with nx-"),
        ("nx-yunchuan", "ningxa", "unknown province 'ningxa'; did you mean 'ningxia'"),
        ("nx-yunchuan", "x/ningxia", "lies too deep"),
    ],
)
def test_names_and_folders(tmp_path, name, province, sentence):
    """A file's name and folder say whose portal it is."""
    put(tmp_path, name=name, province=province)
    assert any(sentence in each for each in said(tmp_path)), said(tmp_path)


def test_central_bodies(tmp_path):
    """A central body lies in ``central``, has no division, and a name that begins with cn-."""
    put(tmp_path, HEAD + 'level = "central"\n', "cn-yunchuan", "central")
    assert said(tmp_path) == []
    put(tmp_path, HEAD + 'level = "central"\ndivision = "640000"\n', "nx-yunchuan", "central")
    (tmp_path / "central" / "cn-yunchuan.toml").unlink()
    assert [each[:23] for each in said(tmp_path)] == ["a central body has no d", "the names of central be"]


def test_a_file_without_a_folder_is_asked_for_less(tmp_path):
    """One's own files may lie in one directory; the rules on folders are then silent."""
    (tmp_path / "my-yunchuan.toml").write_text(HEAD + RANK, encoding="utf-8")
    assert said(tmp_path) == []


@pytest.mark.parametrize("home", ["https://www.swj.yunchuan.gov.cn/index.html", "http://swj.yunchuan.gov.cn"])
def test_a_host_stands_once(tmp_path, home):
    """Spellings of one home page are one; the second file is told which the first is."""
    first = put(tmp_path, name="nx-a")
    put(tmp_path, HEAD.replace("http://swj.yunchuan.gov.cn/", home) + RANK, "nx-b")
    (fault,) = said(tmp_path)
    assert f"swj.yunchuan.gov.cn is that of {first} already" in fault


def test_two_sections_of_one_host_are_two_portals(tmp_path):
    """Departments have folders of their own on their city's host (field guide, 1.7)."""
    put(tmp_path, name="nx-a")
    put(tmp_path, HEAD.replace(".gov.cn/", ".gov.cn/yczjj/") + RANK, "nx-b")
    assert said(tmp_path) == []


def test_a_name_is_given_once(tmp_path):
    """A file of one's own cannot take the place of one of the register."""
    put(tmp_path, name="nx-dofcom")
    (fault,) = said(tmp_path)
    assert "the name nx-dofcom is that of" in fault


@pytest.mark.samples
@pytest.mark.skipif(not LIST.is_file(), reason="the list of known portals is not here")
def test_every_known_portal_is_in_the_register():
    """Each host of the list has one entry, with the list's entry address and word for its CMS."""
    entries = {urlsplit(each.portal.home).hostname: each for each in registry.listed().values()}
    with LIST.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 402
    assert [row["host"] for row in rows if row["host"] not in entries] == []
    assert [row["host"] for row in rows if (entries[row["host"]].entry or "") != row["disclosure_entry"]] == []
    supposed = {row["host"]: entries[row["host"]].hint or entries[row["host"]].portal.family for row in rows}
    words = {"jpage": "hanweb"}
    hinted = {row["host"]: words.get(row["family_hint"], row["family_hint"]) or None for row in rows}
    assert supposed == hinted
    kept = [row["note"] in (entries[row["host"]].portal.note or "") for row in rows if "not reachable" in row["note"]]
    assert len(kept) > 30
    assert all(kept)
