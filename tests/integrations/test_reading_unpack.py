"""Archives: read by content, within limits, never two files at once."""

import io
import zipfile
import zlib

import pytest

from integrations.rules import Limits, Outcome
from tests.integrations.files import HEADER, codes, gzipped, line, read, zipped

GOOD = HEADER + line()


def test_gzip_and_zip_give_the_same_as_the_plain_file() -> None:
    plain = read(GOOD)
    for packed in (gzipped(GOOD), zipped(**{"report.csv": GOOD})):
        reading = read(packed)
        assert reading.outcome is Outcome.ACCEPT
        assert reading.totals == plain.totals
        assert reading.header_hash == plain.header_hash


def test_the_container_is_named() -> None:
    assert read(GOOD).evidence.container == "plain"
    assert read(gzipped(GOOD)).evidence.container == "gzip"
    assert read(zipped(**{"a.csv": GOOD})).evidence.container == "zip"


def test_a_gzip_of_several_pieces_is_read_to_its_end() -> None:
    reading = read(gzipped(HEADER + line()) + gzipped(line(day="2026-11-02")))
    assert reading.accepted == 2


def test_the_folder_litter_of_a_mac_is_no_second_file() -> None:
    packed = zipped(**{"report.csv": GOOD, "__MACOSX/._report.csv": "x", ".DS_Store": "x"})
    assert read(packed).outcome is Outcome.ACCEPT


def test_a_path_in_the_archive_is_never_followed() -> None:
    assert read(zipped(**{"../../../tmp/pwn.csv": GOOD})).outcome is Outcome.ACCEPT


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "EMPTY_FILE"),
        (b" \r\n\t\r\n", "EMPTY_FILE"),
        (b"\xef\xbb\xbf", "EMPTY_FILE"),
        (HEADER.encode(), "EMPTY_FILE"),
        (gzipped(""), "EMPTY_FILE"),
        (zipped(), "EMPTY_FILE"),
        (zipped(**{"a.csv": ""}), "EMPTY_FILE"),
        (zipped(**{"a.csv": GOOD, "b.csv": GOOD}), "AMBIGUOUS_ARCHIVE"),
        (gzipped(gzipped(GOOD)), "UNSUPPORTED_TYPE"),
        (zipped(**{"a.zip": zipped(**{"b.csv": GOOD})}), "UNSUPPORTED_TYPE"),
        (gzipped(zipped(**{"a.csv": GOOD})), "UNSUPPORTED_TYPE"),
        (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "UNSUPPORTED_TYPE"),
        (zipped(**{"xl/workbook.bin": b"x"}), "UNSUPPORTED_TYPE"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b" " * 600, "UNSUPPORTED_TYPE"),
        (b"%PDF-1.7\n", "UNSUPPORTED_TYPE"),
        (b"\x89PNG\r\n\x1a\n", "UNSUPPORTED_TYPE"),
        (b"PAR1" + b"\0" * 20, "UNSUPPORTED_TYPE"),
        (gzipped(GOOD * 40)[:-20], "TRUNCATED"),
        (gzipped(GOOD)[:-8] + b"\0" * 8, "CORRUPT"),
        (gzipped(GOOD) + b"rubbish", "CORRUPT"),
        (zipped(**{"a.csv": GOOD})[:-30], "CORRUPT"),
        (b"PK\x03\x04 and nothing else", "CORRUPT"),
    ],
)
def test_what_is_refused(data: bytes, code: str) -> None:
    reading = read(data)
    assert reading.outcome is Outcome.REFUSE
    assert codes(reading) == [code]


def test_a_tar_inside_a_gzip_is_an_archive_in_an_archive() -> None:
    tar = b"report.csv".ljust(257, b"\0") + b"ustar" + b"\0" * 250
    assert codes(read(gzipped(tar))) == ["UNSUPPORTED_TYPE"]


def test_a_password_is_said() -> None:
    packed = bytearray(zipped(**{"a.csv": GOOD}))
    directory = packed.index(b"PK\x01\x02")
    packed[directory + 8] |= 1
    reading = read(bytes(packed))
    assert codes(reading) == ["UNSUPPORTED_TYPE"]
    assert "password" in reading.problems[0].message


def test_an_unusual_compression_is_said() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.csv", GOOD)
    assert codes(read(out.getvalue())) == ["UNSUPPORTED_TYPE"]


@pytest.mark.parametrize("packed", [gzipped(b"\n" * 5_000_000), zipped(a=b"\n" * 5_000_000)])
def test_a_bomb_is_refused(packed: bytes) -> None:
    assert codes(read(packed)) == ["DECOMPRESSION_LIMIT"]


def test_a_long_export_that_packs_well_is_no_bomb() -> None:
    rows = "".join(line(day="2026-11-01", id=str(7000 + number)) for number in range(20_000))
    packed = gzipped(HEADER + rows)
    assert len(HEADER + rows) / len(packed) > 10
    assert read(packed).accepted == 20_000


def test_more_than_the_limit_is_refused_whatever_the_ratio() -> None:
    limits = Limits(unpacked_bytes=2_000_000, ratio=10_000)
    assert codes(read(gzipped(b"x" * 3_000_000), limits=limits)) == ["DECOMPRESSION_LIMIT"]


def lying(stated: int, content: bytes) -> bytes:
    """A zip whose directory states another size and checksum than the member has."""
    packed = bytearray(zipped(**{"a.csv": content}))
    directory = packed.index(b"PK\x01\x02")
    packed[directory + 24 : directory + 28] = stated.to_bytes(4, "little")
    checksum = zlib.crc32(content[:stated])
    packed[directory + 16 : directory + 20] = checksum.to_bytes(4, "little")
    return bytes(packed)


def test_a_directory_that_lies_about_a_size_is_not_believed() -> None:
    content = (GOOD * 100).encode()
    assert codes(read(lying(len(content), content))) != ["CORRUPT"]
    assert codes(read(lying(len(GOOD), content))) == ["CORRUPT"]
    assert codes(read(lying(len(content) + 5, content))) == ["CORRUPT"]


def test_too_large_a_file_is_refused_before_it_is_read() -> None:
    reading = read(GOOD * 10, limits=Limits(packed_bytes=100))
    assert codes(reading) == ["FILE_TOO_LARGE"]


def test_too_many_members() -> None:
    packed = zipped(**{f"{number}.csv": "x" for number in range(12)})
    assert codes(read(packed, limits=Limits(archive_members=10))) == ["DECOMPRESSION_LIMIT"]
