"""The register of portals: strict, complete, loaded without Scrapy; and Scrapy's loader over it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from scrapy import Request
from scrapy.settings import Settings

from archive.model import Alias
from spiders import registry
from spiders.loader import RegisterLoader, spider_class

GOOD = 'title = "甲"\nhome = "http://www.a.gov.cn/"\n'


def entry(folder, text: str, name: str = "xx-a"):
    """A directory of portals with one entry."""
    file = folder / "xx" / f"{name}.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def test_packaged_portals():
    """The first five portals stand in the register with their divisions, none of them verified yet."""
    portals = registry.load()
    assert {name: portals[name].division for name in portals} | {} == {
        "nx-dofcom": "640000",
        "nx-spt": "640502",
        "nx-shizuishan": "640200",
        "gz-swt": "520000",
        "nx-jinfeng": "640106",
    }
    assert not any(portal.verified or portal.start for portal in portals.values())
    assert portals["nx-dofcom"].aliases == (Alias("nxdofcom.gov.cn", until="2019"),)
    assert portals["nx-dofcom"].province == "ningxia"


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
        ('title = "甲"\nhome = "www.a.gov.cn"', "'home' must be an address"),
        (GOOD + 'family = "trsx"', "'family' must be one of trs, generic"),
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
    with pytest.raises(KeyError):
        loader.load("zz")


def test_spider_class_needs_no_register(tmp_path):
    """A portal given by its address has a spider too."""
    portal = registry.load([entry(tmp_path, GOOD)])["xx-a"]
    assert spider_class(portal)(portal=portal, known=()).name == "xx-a"
