"""Bundles: their names, their members, what is refused, and what reading them gives."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib

import pytest

from pipelines.convert import bundle
from pipelines.convert.bundle import RAR, SEVEN, ZIP, decoded_name, members
from pipelines.read import read_payload
from tests.pipelines.building import docx, docx_table, modern, page, paragraph, sound_values

NAME = "云川县林业局2023年政府信息公开工作年度报告"
needs_libarchive = pytest.mark.skipif(not bundle.available(), reason="libarchive is not installed")


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, payload in files.items():
            archive.writestr(name, payload)
    return held.getvalue()


def raw_zip(name: bytes, payload: bytes, flags: int = 0, method: int = 0, size: int | None = None) -> bytes:
    """A stored zip of one file whose name is these bytes, as old Chinese programs write it."""
    crc, size = zlib.crc32(payload), len(payload) if size is None else size
    common = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 33, crc, len(payload), size, len(name), 0)
    local = b"PK\x03\x04" + common + name + payload
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


@pytest.fixture
def packed(tmp_path):
    import libarchive

    def make(form: str, files: dict[str, bytes]) -> bytes:
        held = bytearray()
        with libarchive.custom_writer(lambda block: held.extend(block) or len(block), form) as writer:
            for name, payload in files.items():
                writer.add_file_from_memory(name, len(payload), payload)
        return bytes(held)

    return make


@pytest.mark.parametrize(
    ("name", "flags", "shown"),
    [
        ("附件/报告.doc".encode("gb18030"), 0, "附件/报告.doc"),
        ("附件/报告.doc".encode(), 0x800, "附件/报告.doc"),
        ("附件/报告.doc".encode(), 0, "附件/报告.doc"),
        ("附件\\\\报告.doc".replace("\\\\", chr(92)).encode("gb18030"), 0, "附件/报告.doc"),
        (b"report.doc", 0, "report.doc"),
    ],
)
def test_names_are_read_as_they_were_meant(name, flags, shown):
    assert [m.name for m in members(raw_zip(name, b"x", flags), ZIP)] == [shown]


def test_bytes_that_are_no_name_in_any_encoding_still_are_one():
    assert decoded_name(b"\xff\xfe.doc") == "ÿþ.doc"


def test_litter_and_folders_are_left_out():
    files = {"a/": b"", "a/x.html": b"<p>x", "__MACOSX/a/._x.html": b"z", "Thumbs.db": b"z", "a/.DS_Store": b"z"}
    assert [m.name for m in members(zipped(files), ZIP)] == ["a/x.html"]


def test_the_same_name_twice_is_told_apart():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.html", b"1")
        archive.writestr("a.html", b"2")
    assert [(m.name, m.payload) for m in members(held.getvalue(), ZIP)] == [("a.html", b"1"), ("a.html#2", b"2")]


def test_a_locked_member_is_encrypted():
    (member,) = members(raw_zip(b"a.doc", b"x" * 20, flags=1), ZIP)
    assert (member.state, member.payload) == ("encrypted", None)


def test_a_member_that_opens_to_a_thousand_times_its_size_is_refused():
    (member,) = members(zipped({"a.html": b"0" * 8_000_000}), ZIP)
    assert (member.state, member.payload) == ("refused", None)


def test_too_many_members_are_said(monkeypatch):
    monkeypatch.setattr(bundle, "MEMBERS_CAP", 3)
    found = list(members(zipped({f"{i}.html": b"x" for i in range(5)}), ZIP))
    assert [m.name for m in found] == ["0.html", "1.html", "2.html", ""]
    assert found[-1].state == "refused"


def test_too_much_altogether_is_said(monkeypatch):
    monkeypatch.setattr(bundle, "TOTAL_CAP", 25)
    found = list(members(zipped({f"{i}.html": b"0123456789" for i in range(5)}), ZIP))
    assert [m.name for m in found] == ["0.html", "1.html", ""]


def test_every_cut_and_flipped_byte_ends_in_a_state():
    whole = zipped({"a.html": page(modern("2021", sound_values("2021"))), "b.docx": docx(paragraph(NAME))})
    random.seed(7)
    for _ in range(60):
        payload = bytearray(whole)
        payload[random.randrange(len(payload))] ^= 1 << random.randrange(8)
        assert list(members(bytes(payload), ZIP)) is not None
        found = list(members(whole[: random.randrange(1, len(whole))], ZIP))
        assert found and all(m.error for m in found if m.payload is None)


@needs_libarchive
@pytest.mark.parametrize(("form", "kind"), [("7zip", SEVEN)])
def test_other_bundles_by_libarchive(packed, form, kind):
    payload = packed(form, {"附件/报告.html": page([]), "b.txt": b"x"})
    assert [(m.name, m.state) for m in members(payload, kind)] == [("附件/报告.html", "ok"), ("b.txt", "ok")]
    cut = list(members(payload[: len(payload) // 2], kind))
    assert cut and cut[-1].state == "unreadable" and "archive_p" not in (cut[-1].error or "")


@needs_libarchive
def test_a_rar_without_its_end_is_not_taken_for_empty():
    found = list(members(bundle.RAR5 + b"\0" * 40, RAR))
    assert found and found[-1].state == "unreadable"


def test_without_libarchive_what_is_missing_is_said(monkeypatch):
    monkeypatch.setattr(bundle, "available", lambda: False)
    (member,) = members(b"7z\xbc\xaf\x27\x1c" + b"\0" * 40, SEVEN)
    assert member.state == "needs"
    assert "nianlun[archives]" in (member.error or "")
    assert dict(bundle.software().parameters)["libarchive"] == "absent"


# ---------------------------------------------------------------- reading them


def test_every_member_is_read_and_says_where_it_stands():
    values = sound_values("2021")
    report = docx(paragraph(NAME) + "".join(docx_table(t) for t in modern("2021", values)))
    inner = zipped({"内/表.docx": report})
    reading = read_payload(zipped({"a.zip": inner, "b.html": page(modern("2021", values))}))
    assert (reading.conversion.state, reading.conversion.media_type, reading.observations) == ("ok", ZIP, ())
    assert [name for name, _ in reading.members] == ["a.zip!内/表.docx", "b.html"]
    for name, member in reading.members:
        assert {o.where.place.member for o in member.observations} == {name}
        assert {o.indicator: o.raw for o in member.observations} == values
        assert dict(member.conversion.meta)["bundle:digest"].startswith("sha256:")


def test_bundles_nested_too_deeply_are_refused():
    payload = page([])
    for _ in range(6):
        payload = zipped({"a.zip": payload})
    reading = read_payload(payload)
    assert [(name, m.conversion.state) for name, m in reading.members] == [("a.zip!a.zip!a.zip", "refused")]


def test_a_member_nobody_reads_is_known_by_its_name():
    reading = read_payload(zipped({f"x/{NAME}.pdf": b"%PDF-1.4 cut"}))
    ((_, member),) = reading.members
    assert (member.publisher, member.year, member.kind) == ("云川县林业局", 2023, "disclosure")
    assert member.conversion.state == "unreadable"
    assert member.observations == ()


def test_an_empty_bundle_is_empty():
    reading = read_payload(zipped({"a/": b""}))
    assert reading.conversion.state == "empty"
    assert reading.conversion.error
