"""The register of portals: strict, complete, loaded without Scrapy; and Scrapy's loader over it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from scrapy import Request
from scrapy.settings import Settings

from archive.leaves import portal_entry
from archive.model import Alias
from spiders import registry
from spiders.loader import RegisterLoader, spider_class
from spiders.register_lint import faults

GOOD = 'title = "甲"\nhome = "http://www.a.gov.cn/"\n'


def entry(folder, text: str, name: str = "xx-a"):
    """A directory of portals with one entry."""
    file = folder / "xx" / f"{name}.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def test_packaged_portals():
    """The first five portals stand in the register with their divisions; none of all is verified yet."""
    portals = registry.load()
    assert {
        name: portals[name].division for name in ("nx-dofcom", "nx-spt", "nx-shizuishan", "gz-swt", "nx-jinfeng")
    } == {
        "nx-dofcom": "640000",
        "nx-spt": "640502",
        "nx-shizuishan": "640200",
        "gz-swt": "520000",
        "nx-jinfeng": "640106",
    }
    assert len(portals) >= 402
    assert not any(portal.verified or portal.start for portal in portals.values())
    assert portals["nx-dofcom"].aliases == (Alias("nxdofcom.gov.cn", until="2019"),)
    assert portals["nx-dofcom"].province == "ningxia"
    assert (portals["cn-mofcom"].province, portals["cn-mofcom"].division) == ("central", None)


def test_a_supposed_family_is_no_family():
    """The list's words for a CMS are families' names as hints; only fingerprints make a family of them."""
    entries = registry.listed()
    assert {name for name, each in entries.items() if each.portal.family} == {"nx-dofcom", "gz-swt"}
    assert {each.hint for each in entries.values()} - {None} <= set(registry.FAMILIES)
    assert (entries["js-wuxi"].hint, entries["gd-sz"].hint) == ("hanweb", "gkmlpt")


def test_every_packaged_entry_is_sound():
    """Folders, divisions, hosts and neighbours agree in the whole packaged register."""
    number, found = faults()
    assert number == len(registry.load())
    assert [f"{fault.file.name}: {fault.sentence}" for fault in found] == []


@pytest.mark.parametrize("name", ["bj-beijing", "gd-sz", "nx-czt", "sh-sheitc", "bj-bjhd"])
def test_a_name_can_be_guessed_from_the_host(name):
    """What follows the province's letters stands in the home page's host."""
    portal = registry.load()[name]
    assert name.split("-")[1] in portal.home


def test_advice_stands_beside_a_portal_and_not_in_it(tmp_path):
    """An entry's ``entry`` and ``hint`` are read, and change nothing of what the archive keeps of the portal."""
    plain = registry.read_entry(entry(tmp_path, GOOD) / "xx" / "xx-a.toml", tmp_path)
    told = entry(tmp_path, GOOD + 'entry = "http://www.a.gov.cn/xxgk/"\nhint = "gkmlpt"\n') / "xx" / "xx-a.toml"
    advised = registry.read_entry(told, tmp_path)
    assert (plain.entry, plain.hint) == (None, None)
    assert (advised.entry, advised.hint, advised.file) == ("http://www.a.gov.cn/xxgk/", "gkmlpt", told)
    assert portal_entry(plain.portal) == portal_entry(advised.portal)
    assert registry.listed([tmp_path])["xx-a"] == advised
    assert registry.load([tmp_path])["xx-a"] == advised.portal == registry.read(told, tmp_path)


def test_the_disclosure_section_is_where_discovery_begins():
    """Each of the 31 provinces' own portals has its section's address from the list, none of them as a column."""
    said = [each for each in registry.listed().values() if each.entry]
    assert len(said) == 31
    assert {each.portal.level for each in said} == {"province", "municipality"}
    assert len({each.portal.province for each in said}) == 31


def test_every_key(tmp_path):
    """Every field of a portal can be said, and comes out with the model's types."""
    text = GOOD + (
        'family = "trs"\nstart = ["http://www.a.gov.cn/nb/"]\npublisher = "甲局"\ndivision = "999999"\nlevel = "county"\n'
        'province = "乙"\nhosts = ["*.a.gov.cn"]\nsince = 2008\nkinds = ["disclosure", "website"]\nverified = true\n'
        'note = "x"\n[expect]\nmin = 1\nmax = 9\n[[aliases]]\nhost = "b.gov.cn"\nsince = "2010-01-01"\n'
    )
    portal = registry.load([entry(tmp_path, text)])["xx-a"]
    assert portal.start == ("http://www.a.gov.cn/nb/",)
    assert (portal.expect, portal.kinds, portal.province) == ((1, 9), ("disclosure", "website"), "乙")
    assert portal.aliases == (Alias("b.gov.cn", since="2010-01-01"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + 'publishr = "甲"', "did you mean 'publisher'"),
        ('title = "甲"', "'home' is missing"),
        (GOOD + "since = true", "'since' must be a year"),
        (GOOD + 'division = "6400"', "six digits"),
        (GOOD + 'start = "http://www.a.gov.cn/"', "'start' must be a list"),
        (GOOD + 'start = ["ftp://a/"]', "'start' must be an address"),
        (GOOD + 'entry = ["http://www.a.gov.cn/"]', "'entry' must be a text"),
        (GOOD + 'entry = "/xxgk/"', "'entry' must be an address"),
        (GOOD + "hint = 1", "'hint' must be a text"),
        ('title = "甲"\nhome = "www.a.gov.cn"', "'home' must be an address"),
        (GOOD + 'family = "trsx"', "'family' must be one of gkmlpt, jpaas"),
        (GOOD + 'kinds = ["news"]', "'kinds' must hold"),
        (GOOD + 'verified = "yes"', "true or false"),
        (GOOD + "expect = [1, 2]", "table of min and max"),
        (GOOD + "[expect]\nmin = 5\nmax = 1", "0 <= min <= max"),
        (GOOD + '[[aliases]]\nname = "x"', "tables of host"),
        (GOOD + "title = 1", "cannot be read as TOML"),
        ('title = ""\nhome = "http://a.gov.cn/"', "not empty"),
    ],
)
def test_wrong_entries(tmp_path, text, said):
    """A wrong entry is an error that names the file and says what to correct."""
    with pytest.raises(registry.RegisterError, match=r"xx-a\.toml") as error:
        registry.load([entry(tmp_path, text)])
    assert said in str(error.value)


def test_a_name_is_given_once(tmp_path):
    """An entry of one's own cannot silently replace one of the register."""
    with pytest.raises(registry.RegisterError, match="taken already"):
        registry.load([entry(tmp_path, GOOD, "nx-dofcom")])


def test_missing_directory(tmp_path):
    """A directory that is not there is an error."""
    with pytest.raises(registry.RegisterError, match="no such directory"):
        registry.load([tmp_path / "nowhere"])


def test_nearest():
    """A mistyped name is answered with the names most like it."""
    names = registry.load()
    assert registry.nearest("nx-dofcm", names)[0] == "nx-dofcom"
    assert registry.nearest("jinfeng", names) == ["nx-jinfeng"]
    assert registry.nearest("zzzz", names) == []
    assert registry.nearest("-swt", names) == sorted(name for name in names if "-swt" in name)[:3]


def test_the_register_is_loaded_without_scrapy():
    """Commands that only name portals start fast."""
    code = "import sys, spiders.registry as r; r.load(); assert 'scrapy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_loader_names_every_portal(tmp_path):
    """``scrapy list`` names every entry; a class knows its portal; an unknown name is a KeyError."""
    loader = RegisterLoader.from_settings(Settings({"NIANLUN_PORTALS": [str(entry(tmp_path, GOOD))]}))
    assert {"nx-dofcom", "xx-a"} <= set(loader.list())
    made = loader.load("xx-a")
    assert (made.name, made.portal.home) == ("xx-a", "http://www.a.gov.cn/")
    assert made().portal.name == "xx-a"
    assert loader.find_by_request(Request("http://www.a.gov.cn/x")) == ["xx-a"]
    assert "nx-dofcom" not in loader.find_by_request(Request("http://www.a.gov.cn/x"))
    with pytest.raises(KeyError):
        loader.load("zz")


def test_spider_class_needs_no_register(tmp_path):
    """A portal given by its address has a spider too."""
    portal = registry.load([entry(tmp_path, GOOD)])["xx-a"]
    assert spider_class(portal)(portal=portal, known=()).name == "xx-a"
