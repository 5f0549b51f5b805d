"""From bytes to UTF-8 bytes without a byte order mark, or a refusal that names the line.

Everything after this works on UTF-8 bytes, so a large file is never held as one string.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from integrations.rules.answers import Caution, FileRefused
from integrations.rules.codes import Code
from integrations.rules.limits import MEGABYTE

_SAMPLE = 4096
_CP1252_HOLES = b"\x81\x8d\x8f\x90\x9d"


@dataclass(frozen=True, slots=True)
class Text:
    """``content`` is valid UTF-8 without NUL and without a byte order mark."""

    content: bytes
    encoding: str
    cautions: tuple[Caution, ...] = ()


def decode(content: bytes) -> Text:
    """Find the encoding by content; raises ``FileRefused`` when some bytes are no text."""
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) and len(content) % 4 == 0:
        raise _invalid("The file is written in UTF-32. Save it as CSV UTF-8.")
    if content.startswith(codecs.BOM_UTF16_LE):
        return _from_utf16(content[2:], "utf-16-le")
    if content.startswith(codecs.BOM_UTF16_BE):
        return _from_utf16(content[2:], "utf-16-be")
    guess = _utf16_without_mark(content[:_SAMPLE])
    if guess:
        return _from_utf16(content, guess)
    return _from_bytes(content.removeprefix(codecs.BOM_UTF8))


def _utf16_without_mark(sample: bytes) -> str:
    """UTF-16 shows in zero bytes at every other place: separators, digits and line ends are ASCII."""
    pairs = len(sample) // 2
    if pairs < 2:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.3 * pairs and even * 20 < odd:
        return "utf-16-le"
    if even > 0.3 * pairs and odd * 20 < even:
        return "utf-16-be"
    return ""


def _from_utf16(content: bytes, encoding: str) -> Text:
    if len(content) % 2:
        raise FileRefused(
            Code.TRUNCATED,
            "The file ends in the middle of a character, so its end is missing. "
            "Download the export again.",
        )
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].decode(encoding, "replace").count("\n") + 1
        raise _invalid(
            f"Line {line} holds half a character (UTF-16). Download the export again.", line
        ) from error
    return Text(_checked(text.encode()), encoding)


def _from_bytes(content: bytes) -> Text:
    content = _checked(content)
    bad = _first_bad_byte(content)
    if bad is None:
        return Text(content, "utf-8")
    line = content.count(b"\n", 0, bad) + 1
    if _cut_at_end(content, bad):
        raise FileRefused(
            Code.TRUNCATED,
            "The file ends in the middle of a character, so its end is missing. "
            "Download the export again.",
            row=line,
        )
    if _has_utf8_letters(content) or any(hole in content for hole in _CP1252_HOLES):
        raise _invalid(
            f"Line {line} holds bytes that are no text in UTF-8, while the rest is not plain "
            "Windows text either. Save the file as CSV UTF-8.",
            line,
        )
    caution = Caution(
        Code.ENCODING_ASSUMED,
        f"The file is not UTF-8; it was read as Windows text (cp1252). Check the names in line "
        f"{line}.",
        (line,),
    )
    return Text(content.decode("cp1252").encode(), "cp1252", (caution,))


def _checked(content: bytes) -> bytes:
    at = content.find(b"\0")
    if at >= 0:
        line = content.count(b"\n", 0, at) + 1
        raise FileRefused(
            Code.NUL_BYTE,
            f"Line {line} holds a NUL byte, which no text has. Download the export again.",
            row=line,
        )
    if not content or content.isspace():
        raise FileRefused(Code.EMPTY_FILE, "The file holds nothing but blanks.")
    return content


def _first_bad_byte(content: bytes) -> int | None:
    """Position of the first byte that is not UTF-8; works in pieces to save memory."""
    if content.isascii():
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(content), MEGABYTE):
        waiting = len(decoder.getstate()[0])
        final = start + MEGABYTE >= len(content)
        try:
            decoder.decode(content[start : start + MEGABYTE], final)
        except UnicodeDecodeError as error:
            return start - waiting + error.start
    return None


def _cut_at_end(content: bytes, bad: int) -> bool:
    """Whether the bad byte begins a valid character of which only the rest is missing."""
    lead = content[bad]
    wanted = 2 if lead >= 0xC2 else 0
    wanted = 3 if lead >= 0xE0 else wanted
    wanted = 4 if 0xF0 <= lead <= 0xF4 else wanted
    tail = content[bad + 1 :]
    missing = len(content) - bad < wanted
    return missing and all(0x80 <= byte < 0xC0 for byte in tail)


def _has_utf8_letters(content: bytes) -> bool:
    """Whether some bytes above ASCII form valid UTF-8: then the file is a mixture, not cp1252."""
    good = len(content.decode("utf-8", "ignore").encode())
    ascii_only = len(content.decode("ascii", "ignore"))
    return good > ascii_only


def _invalid(message: str, line: int | None = None) -> FileRefused:
    return FileRefused(Code.ENCODING_INVALID, message, row=line)
