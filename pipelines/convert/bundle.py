"""Bundles (zip, rar, 7z) → their members, one at a time, with caps; nothing is ever written to a disk.

Zip is opened by the standard library; rar and 7z, and zips with rarer methods, by libarchive (extra ``archives``).
Names are text in the end: a zip's by its UTF-8 flag, else UTF-8 if they are, else GB 18030 (what Chinese Windows
writes); libarchive gives bytes where the format says no encoding.  Left out: folders, and what operating systems
leave behind (``__MACOSX``, ``Thumbs.db``).
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import zipfile
import zlib
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from archive.model import ConversionState, Software

if TYPE_CHECKING:
    from collections.abc import Iterator

ZIP, RAR, SEVEN = "application/zip", "application/vnd.rar", "application/x-7z-compressed"
TAKES = (ZIP, RAR, SEVEN)
MEMBERS_CAP = 500
MEMBER_CAP = 64 * 1024 * 1024
TOTAL_CAP = 256 * 1024 * 1024
RATIO_CAP = 100
SMALL = 1024 * 1024
"""Below this size a high ratio is harmless: short repetitive XML compresses very well."""
DEPTH_CAP = 3
"""Bundles in bundles: the third is not opened any more."""
LITTER = ("__MACOSX/", "Thumbs.db", ".DS_Store", "desktop.ini")
ADVICE = '需要 libarchive：pip install "nianlun[archives]" · Needs libarchive: pip install "nianlun[archives]"'
LOCKED = "压缩包已加密，需要口令 · The bundle is encrypted and needs a password"
DAMAGED = "压缩包不完整或已损坏 · The bundle is truncated or damaged"
RAR5 = b"Rar!\x1a\x07\x01\x00"
CAPS = (("members", str(MEMBERS_CAP)), ("total", str(TOTAL_CAP)), ("depth", str(DEPTH_CAP)), ("ratio", str(RATIO_CAP)))


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a bundle; ``payload`` is None where it could not be had, then ``state`` and ``error`` say why.

    An empty name stands for the bundle itself: nothing further could be read from it.
    """

    name: str
    payload: bytes | None
    state: ConversionState = "ok"
    error: str | None = None


@cache
def available() -> bool:
    """Whether libarchive and its binding are installed."""
    if importlib.util.find_spec("libarchive") is None:
        return False
    try:
        import libarchive  # noqa: F401, PLC0415  the binding loads the system's library, which may be missing
    except (ImportError, OSError, TypeError, AttributeError):
        return False
    return True


def software() -> Software:
    """Who opens bundles here: with libarchive or without."""
    if not available():
        return Software("nianlun.bundle", "1", (*CAPS, ("libarchive", "absent")))
    from importlib.metadata import version  # noqa: PLC0415

    return Software("nianlun.bundle", "1", (*CAPS, ("libarchive-c", version("libarchive-c"))))


def members(payload: bytes, kind: str) -> Iterator[Member]:
    """The files of a bundle in its order, as far as the caps allow; never raises for what the bytes hold."""
    opened = _zip(payload) if kind == ZIP else _libarchive(payload)
    seen: dict[str, int] = {}
    total = 0
    for count, member in enumerate(opened, 1):
        if count > MEMBERS_CAP:
            yield Member(
                "", None, "refused", f"成员超过 {MEMBERS_CAP} 个 · The bundle has more than {MEMBERS_CAP} members"
            )
            return
        total += len(member.payload or b"")
        if total > TOTAL_CAP:
            yield Member("", None, "refused", "压缩包解开后过大 · The bundle opens to more than is allowed")
            return
        seen[member.name] = seen.get(member.name, 0) + 1
        repeated = member.name and seen[member.name] > 1
        yield replace(member, name=f"{member.name}#{seen[member.name]}") if repeated else member


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in LITTER or name.rpartition("/")[2].startswith("._")


def _too_large(name: str, size: int, packed: int) -> Member | None:
    if size > MEMBER_CAP or (size > SMALL and size > RATIO_CAP * max(packed, 1)):
        return Member(name, None, "refused", f"{name} 解开后过大 · {name} opens to more than is allowed")
    return None


# ---------------------------------------------------------------- zip


def _zip(payload: bytes) -> Iterator[Member]:
    try:
        bundle = zipfile.ZipFile(io.BytesIO(payload))
        infos = bundle.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        yield Member("", None, "unreadable", f"{DAMAGED}: {error}"[:300])
        return
    for info in infos:
        name = zip_name(info)
        if info.is_dir() or name.endswith("/") or _is_litter(name):
            continue
        yield _zip_member(bundle, info, name, payload)


def _zip_member(bundle: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, payload: bytes) -> Member:
    if info.flag_bits & 1:
        return Member(name, None, "encrypted", LOCKED)
    refused = _too_large(name, info.file_size, info.compress_size)
    if refused:
        return refused
    try:
        with bundle.open(info) as member:
            return Member(name, member.read(MEMBER_CAP))
    except NotImplementedError:
        return _by_libarchive(payload, info, name)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError, zlib.error) as error:
        return Member(name, None, "unreadable", f"{name} 已损坏 · {name} is damaged: {error}"[:300])


def _by_libarchive(payload: bytes, info: zipfile.ZipInfo, name: str) -> Member:
    """A member packed by a method the standard library lacks (Deflate64, PPMd)."""
    if not available():
        return Member(name, None, "needs", ADVICE)
    found = next((member for member in _libarchive(payload) if member.name == name), None)
    reason = f"{name} 的压缩方法 {info.compress_type} 无法解开 · {name} is packed by a method nobody here opens"
    return found or Member(name, None, "unreadable", reason)


def zip_name(info: zipfile.ZipInfo) -> str:
    """A member's name as its writer meant it."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeEncodeError):
            name = decoded_name(name.encode("cp437"))
    return name.replace("\\", "/")


def decoded_name(name: bytes) -> str:
    """A name in bytes as text: UTF-8 if it is that, else GB 18030, else byte by byte."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("latin-1")


# ---------------------------------------------------------------- rar, 7z


def _libarchive(payload: bytes) -> Iterator[Member]:
    if not available():
        yield Member("", None, "needs", ADVICE)
        return
    import libarchive  # noqa: PLC0415  an extra
    from libarchive.exception import ArchiveError  # noqa: PLC0415

    try:
        with libarchive.memory_reader(payload) as bundle:
            for entry in bundle:
                name = _entry_name(entry)
                if entry.isfile and not _is_litter(name):
                    yield _entry_member(entry, name, len(payload))
    except ArchiveError as error:
        words = str(error.msg or "")
        locked = any(word in words.lower() for word in ("encrypt", "passphrase", "password"))
        yield Member(
            "",
            None,
            "encrypted" if locked else "unreadable",
            LOCKED if locked else f"{DAMAGED}: {words}"[:300],
        )
    else:
        if payload.startswith(RAR5) and not _rar5_ends(payload[-64:]):
            yield Member("", None, "unreadable", f"{DAMAGED}: the end mark is missing")


def _rar5_ends(tail: bytes) -> bool:
    """Whether the end-of-archive header is there, which libarchive does not miss.

    RAR 5.0 format, "Archive blocks": CRC-32 of the rest, size of the rest, type 5, flags.
    """
    for at in range(len(tail) - 6):
        rest = tail[at + 4 : at + 5 + tail[at + 4]]
        if len(rest) > 2 and rest[1] == 5 and zlib.crc32(rest) == int.from_bytes(tail[at : at + 4], "little"):
            return True
    return False


def _entry_member(entry: Any, name: str, packed: int) -> Member:
    refused = _too_large(name, entry.size or 0, packed)
    if refused:
        return refused
    held = bytearray()
    for block in entry.get_blocks():
        held += block
        refused = _too_large(name, len(held), packed)
        if refused:
            return refused
    return Member(name, bytes(held))


def _entry_name(entry: Any) -> str:
    from libarchive import ffi  # noqa: PLC0415

    wide = ffi.entry_pathname_w(entry._entry_p)  # noqa: SLF001  the public name decodes by one fixed codec
    return (wide or decoded_name(ffi.entry_pathname(entry._entry_p) or b"")).replace("\\", "/")  # noqa: SLF001
