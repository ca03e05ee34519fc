"""Zip packages of XML (OOXML now, ODT and OFD alike): opened with caps, parsed without entities or network."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from lxml import etree

from pipelines.convert.bundle import RATIO_CAP, SMALL

MEMBER_CAP = 64 * 1024 * 1024
TOTAL_CAP = 256 * 1024 * 1024
MEMBERS_CAP = 5000


class PackageError(Exception):
    """A package cannot or must not be opened; ``state`` is the conversion's state, the message why."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state


class Package:
    """An open package; every member is checked against the caps before it is read."""

    def __init__(self, payload: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(payload))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise PackageError(
                "unreadable", f"压缩包不完整或已损坏 · The package is truncated or damaged: {error}"
            ) from error
        infos = self._archive.infolist()
        if len(infos) > MEMBERS_CAP or sum(info.file_size for info in infos) > TOTAL_CAP:
            raise PackageError("refused", "压缩包解开后过大 · The package opens to more than is allowed")
        self.names = frozenset(info.filename for info in infos)

    def read(self, name: str) -> bytes:
        """A member's bytes.  Raises PackageError when it is missing, encrypted, damaged or too large."""
        try:
            info = self._archive.getinfo(name)
        except KeyError as error:
            raise PackageError("unreadable", f"压缩包缺少 {name} · The package lacks {name}") from error
        if info.flag_bits & 1:
            raise PackageError("encrypted", "压缩包已加密 · The package is encrypted")
        if info.file_size > MEMBER_CAP or (
            info.file_size > SMALL and info.file_size > RATIO_CAP * max(info.compress_size, 1)
        ):
            raise PackageError("refused", f"{name} 解开后过大 · {name} opens to more than is allowed")
        try:
            with self._archive.open(info) as member:
                return member.read(MEMBER_CAP + 1)[:MEMBER_CAP]
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
            raise PackageError("unreadable", f"{name} 已损坏 · {name} is damaged: {error}") from error
        except Exception as error:  # zlib.error has no better base
            raise PackageError("unreadable", f"{name} 已损坏 · {name} is damaged: {error}") from error

    def xml(self, name: str) -> Any:
        """A member's root element; a document type (entities, external files) is refused, office programs write none."""
        source = self.read(name)
        if b"<!DOCTYPE" in source[:4096] or b"<!ENTITY" in source[:65536]:
            raise PackageError(
                "refused", f"{name} 含有实体声明 · {name} declares entities, which no office program does"
            )
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
        try:
            root = etree.fromstring(source, parser)
        except etree.XMLSyntaxError:
            root = None
        if root is None:
            raise PackageError("unreadable", f"{name} 不是 XML · {name} is not XML")
        return root
