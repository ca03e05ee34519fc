"""PROV: read back by the prov library as it was written, and rendered."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from archive.provenance import known, named, prov, trace
from tests.archive.exporters.making import made

pytest.importorskip("prov")

READ = """
import json, sys
from prov.model import ProvDocument
from prov.dot import prov_to_dot
text = open(sys.argv[1], encoding="utf-8").read()
found = ProvDocument.deserialize(content=text, format="json")
again = ProvDocument.deserialize(content=found.serialize(format="json"), format="json")
kinds = {}
for record in found.get_records():
    kinds[record.get_type().localpart] = kinds.get(record.get_type().localpart, 0) + 1
print(json.dumps([kinds, found == again, found.get_provn(), prov_to_dot(found).to_string()[:7]]))
"""


def read(file):
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ, str(file)], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_the_library_reads_and_renders_every_statement(archive, tmp_path) -> None:
    told = made(archive, "prov", tmp_path / "p.json")
    kinds, same, text, drawn = read(tmp_path / "p.json")
    assert same
    assert drawn.startswith("digraph")
    assert kinds["Entity"] == told["counts"]["entity"]
    assert kinds["Derivation"] == told["counts"]["wasDerivedFrom"]
    assert sum(kinds.values()) == sum(told["counts"].values())
    assert "prov:type='prov:Revision'" in text
    assert "agent(nl:operator-tester" in text


def test_every_name_is_stated_and_no_file_is_made_twice(archive, tmp_path) -> None:
    made(archive, "prov", tmp_path / "p.json")
    found = json.loads((tmp_path / "p.json").read_text("utf-8"))
    stated = {name for section in ("entity", "activity", "agent") for name in found[section]}
    used = {
        end for name, section in found.items() if name not in ("prefix", "entity", "activity", "agent")
        for relation in section.values() for end in relation.values() if isinstance(end, str)
    }  # fmt: skip
    assert used <= stated
    made_ = [relation["prov:entity"] for relation in found["wasGeneratedBy"].values()]
    assert len(made_) == len(set(made_))


def test_every_figure_is_named_when_asked(archive, store, tmp_path) -> None:
    told = made(archive, "prov", tmp_path / "p.json", observations=True)
    number = store.sql.execute("SELECT count(*) FROM observation").fetchone()[0]
    assert told["counts"]["hadMember"] == number
    assert read(tmp_path / "p.json")[1]


def test_filters_narrow_it(archive, tmp_path) -> None:
    made(archive, "prov", tmp_path / "p.json", publisher="乙局")
    assert "甲局" not in (tmp_path / "p.json").read_text("utf-8")
    assert "乙局" in (tmp_path / "p.json").read_text("utf-8")


def test_the_chain_of_one_figure_reads_back_and_states_nothing_unknown(archive, store, tmp_path) -> None:
    blank = store.sql.execute("SELECT id FROM observation WHERE status='blank'").fetchone()[0]
    chain = trace(store.sql, blank)
    chain["crawl"]["operator"] = "Zhang San <z@x.cn>, 年"
    (tmp_path / "t.json").write_text(json.dumps(prov(chain)), "utf-8")
    _, same, text, drawn = read(tmp_path / "t.json")
    assert same
    assert drawn.startswith("digraph")
    assert "nl:operator-Zhang%20San%20%3Cz%40x.cn%3E%2C%20%E5%B9%B4" in text
    assert "nl:value" not in text  # blank is not zero, and not an empty text
    assert "nl:software-nianlun-t" in text  # who read it


def test_names_are_percent_encoded() -> None:
    assert named("software", "a b", "1/2") == "nl:software-a%20b-1%2F2"
    assert known({"a": None, "b": 0}) == {"b": 0}
