"""Bytes to text: every encoding exports come in, and a clear no to what is no text."""

import codecs

import pytest

from integrations.rules import Outcome
from tests.integrations.files import HEADER, cautions, codes, line, read

NAMES = "Café Zürich — 東京 ✓"


def table(campaign: str = NAMES, separator: str = ",") -> str:
    text = HEADER + line(campaign=campaign) + line(campaign="Brand", day="2026-11-02")
    return text.replace(",", separator)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (table().encode(), "utf-8"),
        (codecs.BOM_UTF8 + table().encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + table(separator="\t").encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + table(separator="\t").encode("utf-16-be"), "utf-16-be"),
        (table(separator="\t").encode("utf-16-le"), "utf-16-le"),
        (table(separator="\t").encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_unicode_in_every_dress(data: bytes, encoding: str) -> None:
    reading = read(data)
    assert reading.outcome is Outcome.ACCEPT
    assert reading.evidence.encoding == encoding
    assert reading.rows["campaign_name"].tolist() == [NAMES, "Brand"]
    assert cautions(reading) == []


def test_windows_text_is_read_and_said() -> None:
    reading = read(table("Café Müller – ‘x’").encode("cp1252"))
    assert reading.outcome is Outcome.ACCEPT
    assert reading.rows["campaign_name"].tolist()[0] == "Café Müller – ‘x’"
    assert cautions(reading) == ["ENCODING_ASSUMED"]
    assert reading.warnings[0].rows == (2,)


def test_a_mixture_of_two_encodings_is_refused_with_its_line() -> None:
    reading = read(table("Café").encode() + line(campaign="Müller").encode("latin-1"))
    assert codes(reading) == ["ENCODING_INVALID"]
    assert reading.problems[0].row == 4


def test_bytes_that_no_encoding_has_are_refused() -> None:
    data = HEADER.encode() + line(campaign="x").encode().replace(b"x", b"\x81\x9d")
    assert codes(read(data)) == ["ENCODING_INVALID"]


@pytest.mark.parametrize("cut", [1, 2])
def test_a_file_cut_inside_of_a_character_is_truncated(cut: int) -> None:
    data = (HEADER + line(campaign="Café") + "2026-11-02,東").encode()
    assert codes(read(data[:-cut])) == ["TRUNCATED"]


def test_half_a_utf16_character_at_the_end_is_truncated() -> None:
    data = codecs.BOM_UTF16_LE + table(separator="\t").encode("utf-16-le")
    assert codes(read(data[:-1])) == ["TRUNCATED"]


def test_a_lone_surrogate_is_refused_with_its_line() -> None:
    text = table("X\udc00 lone", separator="\t")
    reading = read(codecs.BOM_UTF16_LE + text.encode("utf-16-le", "surrogatepass"))
    assert codes(reading) == ["ENCODING_INVALID"]
    assert reading.problems[0].row == 2


def test_utf32_is_named() -> None:
    reading = read(codecs.BOM_UTF32_LE + table().encode("utf-32-le"))
    assert codes(reading) == ["ENCODING_INVALID"]
    assert "UTF-32" in reading.problems[0].message


@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_nul_byte_is_refused(place: int) -> None:
    data = bytearray(table().encode())
    data[place] = 0
    assert codes(read(bytes(data))) == ["NUL_BYTE"]


def test_a_lost_character_is_not_stored() -> None:
    reading = read(HEADER + line(campaign="Caf\ufffd") + line(day="2026-11-02"))
    assert reading.outcome is Outcome.PARTIAL
    assert codes(reading) == ["ENCODING_INVALID"]
    assert reading.rows["campaign_name"].tolist() == ["Brand"]


def test_a_large_file_is_checked_to_its_last_byte() -> None:
    long = HEADER + "".join(line(campaign=f"Café {at}", id=str(at)) for at in range(30_000))
    assert read(long).outcome is Outcome.ACCEPT
    broken = long.encode() + line(campaign="x").encode().replace(b"x", b"\xff")
    reading = read(broken)
    assert codes(reading) == ["ENCODING_INVALID"]
    assert reading.problems[0].row == 30_002
