"""WACZ and folders: what vouches for files is checked, names are data, nothing outside is read."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile

import pytest

from archive.urls import url_key
from pipelines.importing.folder import Folder, IndexTrouble, address
from pipelines.importing.wacz import Wacz
from pipelines.importing.warc import Problem
from tests.pipelines.importing.making import HOST, packed, page, response

WARC = packed(response(f"{HOST}/a.html", page()))


def wacz(path, members: dict[str, bytes], *, sums: dict[str, str] | None = None, method=zipfile.ZIP_STORED, infos=()):
    """A WACZ; ``sums`` states other checksums than the true ones."""
    stated = {name: f"sha256:{hashlib.sha256(data).hexdigest()}" for name, data in members.items()} | (sums or {})
    package = json.dumps({"resources": [{"path": name, "hash": value} for name, value in stated.items()]})
    with zipfile.ZipFile(path, "w") as bundle:
        for name, data in members.items():
            bundle.writestr(name, data, method)
        for info, data in infos:
            bundle.writestr(info, data)
        bundle.writestr("datapackage.json", package)
    return path


def read(source):
    found = [item for _, item in source.records()]
    return [i for i in found if not isinstance(i, Problem)], [i for i in found if isinstance(i, Problem)]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_every_warc_under_archive_is_read(tmp_path, method) -> None:
    path = wacz(
        tmp_path / "a.wacz",
        {"archive/b.warc.gz": WARC, "archive/a.warc": response(f"{HOST}/b.html", page()), "pages/x.warc": WARC},
        method=method,
    )
    sound, wrong = read(Wacz(path))
    assert [item.uri for item in sound] == [f"{HOST}/b.html", f"{HOST}/a.html"]
    assert wrong == []


def test_a_file_whose_checksum_is_another_is_left_out(tmp_path) -> None:
    path = wacz(
        tmp_path / "a.wacz",
        {"archive/a.warc.gz": WARC, "archive/b.warc.gz": WARC},
        sums={"archive/a.warc.gz": "sha256:" + "0" * 64},
    )
    sound, wrong = read(Wacz(path))
    assert len(sound) == 1
    assert [problem.reason.split(":")[0] for problem in wrong] == ["archive/a.warc.gz"]


def test_a_package_that_is_missing_broken_or_not_the_one_vouched_for_is_told(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "none.wacz", "w") as bundle:
        bundle.writestr("archive/a.warc.gz", WARC)
    sound, wrong = read(Wacz(tmp_path / "none.wacz"))
    assert (len(sound), "no datapackage.json" in wrong[0].reason) == (1, True)
    with zipfile.ZipFile(tmp_path / "broken.wacz", "w") as bundle:
        bundle.writestr("archive/a.warc.gz", WARC)
        bundle.writestr("datapackage.json", '{"resources": 7}')
    assert "cannot be read" in read(Wacz(tmp_path / "broken.wacz"))[1][0].reason
    path = wacz(tmp_path / "a.wacz", {"archive/a.warc.gz": WARC, "datapackage-digest.json": b'{"hash": "sha256:00"}'})
    assert "vouches" in read(Wacz(path))[1][0].reason


def test_links_ways_out_and_bombs_are_not_read(tmp_path) -> None:
    link = zipfile.ZipInfo("archive/link.warc.gz")
    link.external_attr = 0o120777 << 16
    bomb = zipfile.ZipInfo("archive/bomb.warc")
    bomb.compress_type = zipfile.ZIP_DEFLATED
    extra = [
        (link, "/etc/passwd"),
        ("archive/../../out.warc.gz", WARC),
        ("/archive/abs.warc.gz", WARC),
        (bomb, bytes(64 * 2**20)),
    ]
    path = wacz(tmp_path / "a.wacz", {"archive/a.warc.gz": WARC}, infos=extra)
    before = set(tmp_path.iterdir())
    sound, wrong = read(Wacz(path))
    assert len(sound) == 1
    assert sorted(problem.reason.partition(": ")[2] for problem in wrong) == [
        "it is a link", "it opens to far more than it is: a bomb", "its name leads out of the package", "its name leads out of the package",
    ]  # fmt: skip
    assert set(tmp_path.iterdir()) == before


def test_members_over_each_other_and_broken_zips(tmp_path) -> None:
    path = wacz(tmp_path / "a.wacz", {"archive/a.warc.gz": WARC, "archive/b.warc.gz": WARC})
    data = bytearray(path.read_bytes())
    second = data.rfind(b"PK\x01\x02", 0, data.rfind(b"archive/b.warc.gz"))
    data[second + 42 : second + 46] = (4).to_bytes(4, "little")
    (tmp_path / "over.wacz").write_bytes(data)
    sound, wrong = read(Wacz(tmp_path / "over.wacz"))
    assert any("lies over" in problem.reason for problem in wrong)
    assert len(sound) <= 1
    for cut in (10, 300, len(data) - 5):
        (tmp_path / "cut.wacz").write_bytes(data[:cut])
        sound, wrong = read(Wacz(tmp_path / "cut.wacz"))
        assert (sound, len(wrong)) == ([], 1)


# ---------------------------------------------------------------- folders


def test_a_mirror_s_folders_are_hosts(tmp_path) -> None:
    for name in ("www.old.gov.cn/nb/2018.html", "www.old.gov.cn:8080/a b.pdf", "notes/2018.html", "年报.pdf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = sorted(item.uri for item in read(Folder(tmp_path))[0])
    digest = hashlib.sha256(b"x").hexdigest()
    assert found == sorted([
        "http://www.old.gov.cn/nb/2018.html", "http://www.old.gov.cn:8080/a%20b.pdf",
        f"urn:nianlun:file:{digest}/2018.html", f"urn:nianlun:file:{digest}/%E5%B9%B4%E6%8A%A5.pdf",
    ])  # fmt: skip


def test_addresses_made_of_bytes_stay_apart() -> None:
    one, two = address("a/2018.pdf", "1" * 64), address("b/2018.pdf", "2" * 64)
    assert url_key(one) != url_key(two)
    assert url_key(one) == url_key(address("c/2018.pdf", "1" * 64))


def test_the_index_says_where_from_and_when(tmp_path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x/a.pdf").write_bytes(b"x")
    (tmp_path / "index.csv").write_text("file,url,date\nx/a.pdf,http://h.gov.cn/a.pdf,2016-05-01T08:00Z\ngone.pdf,,\n")
    sound, wrong = read(Folder(tmp_path))
    assert [(item.uri, item.fields["warc-date"]) for item in sound] == [
        ("http://h.gov.cn/a.pdf", "2016-05-01T08:00:00.000Z")
    ]
    assert [problem.reason for problem in wrong] == ["index.csv names a file that is not there"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("name,url\na,b\n", "no column"), ("file,url,date\na,,soon\n", "line 2"), ("file,date\n\xff\xfe", None)],
)
def test_an_index_that_cannot_be_used(tmp_path, text, said) -> None:
    (tmp_path / "index.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(IndexTrouble, match=said or "cannot be read"):
        Folder(tmp_path)


def test_links_are_not_followed_and_odd_files_do_not_stop_it(tmp_path) -> None:
    (tmp_path / "secret").write_bytes(b"outside")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"x")
    (folder / "link.pdf").symlink_to(tmp_path / "secret")
    (folder / "loop").symlink_to(folder)
    (folder / "empty").write_bytes(b"")
    os.mkfifo(folder / "pipe")
    (folder / os.fsdecode(b"\xff\n\x1b[31m.pdf")).write_bytes(b"y")
    sound, wrong = read(Folder(folder))
    assert sorted(item.block for item in sound) == [b"x", b"y"]
    assert sorted((problem.uri, "link" in problem.reason) for problem in wrong) == [
        ("empty", False), ("link.pdf", True), ("loop", True), ("pipe", False),
    ]  # fmt: skip
    assert all(item.uri.isascii() and item.uri.isprintable() for item in sound)


def test_the_same_folder_has_the_same_digest_and_a_touched_file_another(tmp_path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"x")
    first = Folder(tmp_path).digest
    assert Folder(tmp_path).digest == first
    os.utime(tmp_path / "a.pdf", (0, 10**9))
    assert Folder(tmp_path).digest != first
