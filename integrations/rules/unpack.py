"""From the uploaded bytes to one table's bytes: plain text, gzip, zip or a workbook.

What a file is shows in its bytes, never in its name. Nothing is written to a disk, archives inside
archives are not opened, and unpacking stops at the first byte over the limit, whatever the
archive's directory claims.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from integrations.rules.answers import FileRefused
from integrations.rules.codes import Code
from integrations.rules.limits import MEGABYTE, Limits

Kind = Literal["text", "workbook"]

_FOREIGN = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or password-protected Excel file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"PAR1", "a Parquet file"),
    (b"\x7fELF", "a program"),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP = b"\x1f\x8b"
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")


@dataclass(frozen=True, slots=True)
class Unpacked:
    """``content`` is the text as bytes, or the workbook still packed (its parts are checked)."""

    content: bytes
    kind: Kind
    container: str


def unpack(data: bytes, limits: Limits) -> Unpacked:
    """The one table inside ``data``; raises ``FileRefused`` when there is none or more than one."""
    refuse_size(len(data), limits)
    if not data:
        raise FileRefused(Code.EMPTY_FILE, "The file is empty. Download the export again.")
    _refuse_foreign(data)
    if data.startswith(_GZIP):
        return Unpacked(_inside(_gunzip(data, limits)), "text", "gzip")
    if data.startswith(_ZIP):
        return _unzip(data, limits)
    return Unpacked(data, "text", "plain")


def refuse_size(size: int, limits: Limits) -> None:
    """Refuse a file of more bytes than are read at once."""
    if size > limits.packed_bytes:
        raise FileRefused(
            Code.FILE_TOO_LARGE,
            f"The file is {size / MEGABYTE:,.1f} MB; at most {limits.packed_bytes // MEGABYTE} MB "
            "are read. Export a shorter period or zip it.",
        )


def _refuse_foreign(data: bytes) -> None:
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise FileRefused(
                Code.UNSUPPORTED_TYPE,
                f"This is {what}, not a table. Export as CSV or as Excel (.xlsx) without password.",
            )


def _inside(content: bytes) -> bytes:
    """What came out of an archive must be a table itself."""
    if content.startswith((*_ZIP, _GZIP)) or content[257:262] == b"ustar":
        raise FileRefused(
            Code.UNSUPPORTED_TYPE,
            "There is an archive inside the archive. Unpack it and upload the file itself.",
        )
    if not content:
        raise FileRefused(Code.EMPTY_FILE, "The file in the archive is empty.")
    _refuse_foreign(content)
    return content


class _Budget:
    """Counts unpacked bytes and stops a bomb."""

    def __init__(self, packed: int, limits: Limits) -> None:
        self.produced = 0
        self._packed = max(packed, 1)
        self._limits = limits

    def spend(self, count: int) -> None:
        self.produced += count
        limits = self._limits
        swollen = self.produced > limits.ratio_free and (
            self.produced > limits.ratio * self._packed
        )
        if swollen or self.produced > limits.unpacked_bytes:
            raise FileRefused(
                Code.DECOMPRESSION_LIMIT,
                f"The archive unpacks to more than {self.produced // MEGABYTE} MB from "
                f"{self._packed / 1024:,.0f} KB; that is not an export. Upload the file unpacked.",
            )


def _corrupt(what: str) -> FileRefused:
    return FileRefused(Code.CORRUPT, f"{what} is damaged. Download the export again.")


def _gunzip(data: bytes, limits: Limits) -> bytes:
    budget = _Budget(len(data), limits)
    pieces: list[bytes] = []
    rest = data
    while rest.startswith(_GZIP):
        engine = zlib.decompressobj(wbits=31)
        pieces.extend(_drain(engine, rest, budget, "The gzip file"))
        rest = engine.unused_data
    if rest.strip(b"\0"):
        raise _corrupt("The gzip file")
    return b"".join(pieces)


def _drain(engine: zlib._Decompress, data: bytes, budget: _Budget, what: str) -> Iterator[bytes]:
    """Unpacked pieces of at most a megabyte, each counted before the next is made."""
    waiting = data
    while not engine.eof:
        try:
            piece = engine.decompress(waiting, MEGABYTE)
        except zlib.error as error:
            raise _corrupt(what) from error
        waiting = engine.unconsumed_tail
        if not piece and not waiting and not engine.eof:
            raise FileRefused(Code.TRUNCATED, f"{what} ends too early. Download it again.")
        budget.spend(len(piece))
        yield piece


class Archive:
    """A zip archive whose members can be read, once or again.

    The sizes its directory states are limited together, and a member that unpacks to another size
    than stated is refused at the first byte too many; so are unknown methods, passwords and doubled
    names.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        self.members = self._directory()

    def _directory(self) -> dict[str, zipfile.ZipInfo]:
        try:
            with zipfile.ZipFile(io.BytesIO(self._data)) as archive:
                listed = archive.infolist()
        except (
            zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OSError, EOFError,
            IndexError,
        ) as error:  # fmt: skip
            raise _corrupt("The archive") from error
        if len(listed) > self._limits.archive_members:
            raise FileRefused(Code.DECOMPRESSION_LIMIT, "The archive holds too many files.")
        files = [item for item in listed if not item.is_dir()]
        found = {item.filename: item for item in files}
        if len(found) != len(files):
            raise _corrupt("The archive")
        self._refuse_stated_bomb(files)
        return found

    def _refuse_stated_bomb(self, files: list[zipfile.ZipInfo]) -> None:
        _Budget(len(self._data), self._limits).spend(sum(item.file_size for item in files))

    def pieces(self, name: str) -> Iterator[bytes]:
        """The unpacked content of one member, piece by piece."""
        member = self.members[name]
        if member.flag_bits & 0x1:
            raise FileRefused(
                Code.UNSUPPORTED_TYPE,
                "The archive has a password. Upload it without one.",
            )
        packed = self._packed(member)
        if member.compress_type == zipfile.ZIP_STORED:
            produced: Iterator[bytes] = iter((packed,))
        elif member.compress_type == zipfile.ZIP_DEFLATED:
            engine = zlib.decompressobj(wbits=-15)
            budget = _Budget(len(self._data), self._limits)
            produced = _drain(engine, packed, budget, "The archive")
        else:
            raise FileRefused(
                Code.UNSUPPORTED_TYPE,
                "The archive uses an unusual compression. Upload the file unpacked.",
            )
        yield from _exactly(produced, member)

    def read(self, name: str) -> bytes:
        """The unpacked content of one member."""
        return b"".join(self.pieces(name))

    def _packed(self, member: zipfile.ZipInfo) -> bytes:
        start = member.header_offset
        head = self._data[start : start + _LOCAL_HEADER.size]
        if len(head) < _LOCAL_HEADER.size or not head.startswith(_ZIP[0]):
            raise _corrupt("The archive")
        *_, name_size, extra_size = _LOCAL_HEADER.unpack(head)
        begin = start + _LOCAL_HEADER.size + name_size + extra_size
        packed = self._data[begin : begin + member.compress_size]
        if len(packed) != member.compress_size:
            raise FileRefused(Code.TRUNCATED, "The archive ends too early. Download it again.")
        return packed


def _exactly(produced: Iterator[bytes], member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Passes the pieces on if size and checksum are what the directory says."""
    size = checksum = 0
    for piece in produced:
        size += len(piece)
        checksum = zlib.crc32(piece, checksum)
        if size > member.file_size:
            raise _corrupt("The archive")
        yield piece
    if size != member.file_size or checksum != member.CRC:
        raise _corrupt("The archive")


def _unzip(data: bytes, limits: Limits) -> Unpacked:
    archive = Archive(data, limits)
    names = [name for name in archive.members if not _is_litter(name)]
    if "[Content_Types].xml" in names or "xl/workbook.xml" in names:
        return Unpacked(data, "workbook", "xlsx")
    if "xl/workbook.bin" in names or "mimetype" in names:
        raise FileRefused(
            Code.UNSUPPORTED_TYPE,
            "This spreadsheet format is not read. Save it as Excel workbook (.xlsx) or CSV.",
        )
    if not names:
        raise FileRefused(Code.EMPTY_FILE, "The archive is empty.")
    if len(names) > 1:
        raise FileRefused(
            Code.AMBIGUOUS_ARCHIVE,
            f"The archive holds {len(names)} files, and it is not clear which one is meant. "
            "Upload them one by one.",
        )
    return Unpacked(_inside(archive.read(names[0])), "text", "zip")


def _is_litter(name: str) -> bool:
    return name.startswith(_LITTER[0]) or name.rsplit("/", 1)[-1] in _LITTER[1:]
