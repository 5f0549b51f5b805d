"""What kind of file something is, by what it contains and not by how it is called."""

from __future__ import annotations

import re
from typing import Final

# What a file begins with, and what it is called then.
_BEGINS: Final = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tif"),
    (b"MM\x00*", "tif"),
)
# Office documents are packed files: the first names inside tell which.
_PACKED: Final = ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx"))
_OPEN_DOCUMENT: Final = re.compile(rb"mimetypeapplication/vnd\.oasis\.opendocument\.(\w+)")
_OPEN_KINDS: Final = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp"}
KINDS: Final = (
    "PDF, PNG, JPG, GIF, TIF, WEBP, Word, Excel, PowerPoint, OpenDocument, CSV and plain text"
)
_ACTIVE: Final = re.compile(rb"<\s*(!doctype|html|script|svg|iframe|\?xml)", re.IGNORECASE)


def kind_of(content: bytes) -> str | None:
    """A file's usual ending by its first bytes ("pdf", "xlsx", "txt"); None for what is not kept."""
    for begin, kind in _BEGINS:
        if content.startswith(begin):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content.startswith(b"PK\x03\x04"):
        return _packed_kind(content)
    return "txt" if _is_text(content) else None


def _packed_kind(content: bytes) -> str | None:
    if found := _OPEN_DOCUMENT.search(content[:200]):
        return _OPEN_KINDS.get(found[1])
    if b"[Content_Types].xml" not in content or b"vbaProject.bin" in content:
        return None
    return next((kind for sign, kind in _PACKED if sign in content), None)


def _is_text(content: bytes) -> bool:
    """Readable words without anything that a browser or a shell would run."""
    head = content[:65_536]
    if not head.strip() or b"\x00" in head or head.startswith(b"#!") or _ACTIVE.search(head):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def clean_name(name: str, kind: str) -> str:
    """A name to show and to save under: no folders, no control signs, the ending of its content."""
    last = re.split(r"[\\/]", name)[-1]
    plain = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    stem = stem if dot else plain
    same = {kind, *({"csv", "tsv", "md", "eml"} if kind == "txt" else ()),
            *({"jpeg"} if kind == "jpg" else ()), *({"tiff"} if kind == "tif" else ())}  # fmt: skip
    kept = ending.lower() if dot and ending.lower() in same else kind
    return f"{stem[:180] or 'file'}.{kept}"
