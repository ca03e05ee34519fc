"""The table of divisions: whole, in order, and of the shape GB/T 2260 gives its codes."""

from __future__ import annotations

import pytest

from spiders import divisions


def rank(code: str) -> str:
    """What the zeros of a code say it is."""
    return "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"


def test_the_table_is_whole():
    """31 provinces and the 333 prefectures of 2020: 293 cities, 30 autonomous prefectures, 7 areas, 3 leagues."""
    listed = divisions.table()
    assert sum(rank(code) == "province" for code in listed) == 31
    names = [
        division.name
        for code, division in listed.items()
        if rank(code) == "prefecture" and division.name not in {"市辖区", "县"} and "直辖" not in division.name
    ]
    ends = {end: sum(name.endswith(end) for name in names) for end in ("市", "自治州", "地区", "盟")}
    assert ends == {"市": 293, "自治州": 30, "地区": 7, "盟": 3}
    assert len(names) == 333


def test_codes_follow_the_rules():
    """Six digits in rising order, no line twice; prefectures 01-70 and 90; a parent for every code (field guide, 2.2)."""
    lines = [line for line in divisions.TABLE.read_text(encoding="utf-8").splitlines() if line[:1].isdigit()]
    codes = [line.partition(",")[0] for line in lines]
    assert codes == sorted(set(codes))
    assert list(divisions.table()) == codes
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    for code in codes:
        assert f"{code[:2]}0000" in codes
        if rank(code) != "province":
            assert 1 <= int(code[2:4]) <= 70 or code[2:4] == "90"
        if rank(code) == "county":
            assert code[2:4] == "90"
            assert f"{code[:4]}00" in codes


def test_the_kind_of_prefecture_agrees_with_its_number():
    """01-20 are cities or a municipality's districts; 21-50 areas, autonomous prefectures and leagues."""
    for code, division in divisions.table().items():
        if rank(code) == "prefecture" and code[2:4] != "90":
            area = division.name.endswith(("地区", "自治州", "盟"))
            assert (int(code[2:4]) > 20) == area or code in {"445100", "445200", "445300"}, division


def test_provinces_have_a_folder_and_letters_of_their_own():
    """Each of the 31 has one of both; below province level nothing has."""
    provinces = [each for code, each in divisions.table().items() if rank(code) == "province"]
    assert len({each.folder for each in provinces} - {None}) == 31
    assert len({each.short for each in provinces} - {None, divisions.CENTRAL_SHORT}) == 31
    others = [each for code, each in divisions.table().items() if rank(code) != "province"]
    assert not any(each.folder or each.short for each in others)
    assert divisions.folders()["ningxia"] == divisions.table()["640000"]
    assert divisions.folders()[divisions.CENTRAL] is None


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("640000", "宁夏回族自治区"),
        ("640200", "石嘴山市"),
        ("520000", "贵州省"),
        ("445300", "云浮市"),
        ("542500", "阿里地区"),
        ("429021", "神农架林区"),
        ("150600", "鄂尔多斯市"),
        ("130400", "邯郸市"),
        ("440300", "深圳市"),
    ],
)
def test_names_and_codes(code, name):
    """From a code to its name and back; the codes are those the field guide and the field's pages print."""
    assert divisions.name_of(code) == name
    assert divisions.code_of(name) == code


def test_what_is_not_listed_has_no_name():
    """Unknown codes and names give nothing, and so does a name several divisions bear."""
    assert divisions.name_of("640502") is None
    assert divisions.code_of("云川市") is None
    assert divisions.code_of("市辖区") is None
    assert divisions.name_of("371200") is None


@pytest.mark.parametrize("code", ["640000", "640200", "640502", "640106", "110115", "429004", "500237"])
def test_known_codes(code):
    """Listed ones, and counties of a listed prefecture."""
    assert divisions.is_known(code)


@pytest.mark.parametrize(
    "code", ["649900", "990000", "642000", "429099", "371202", "6402", "64020a", "", "６４０２０１"]
)
def test_unknown_codes(code):
    """No prefecture of that number, a county no province administers, and what is no code at all."""
    assert not divisions.is_known(code)


def test_the_province_of_a_code():
    """The first two digits say it."""
    assert divisions.province_of("640502") == divisions.table()["640000"]
    assert divisions.province_of("990000") is None
