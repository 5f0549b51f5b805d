"""Reading a PDF back in tests: its text by pdftotext, its objects by their source."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from base64 import a85decode
from collections.abc import Iterable, Iterator
from pathlib import Path

from reporting.rules.pack.pen import Printed
from tests.conftest import missing


def text_of(pdf: bytes, folder: Path) -> str:
    """The text of every page, white space made single spaces."""
    if shutil.which("pdftotext") is None:
        missing("no pdftotext on this machine (package poppler-utils)")
    path = folder / "read.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-layout", "-enc", "UTF-8", str(path), "-"], capture_output=True, check=True
    )
    return re.sub(r"\s+", " ", done.stdout.decode())


def pages_of(pdf: bytes) -> int:
    """How many pages the file says it has."""
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


def streams_of(pdf: bytes) -> Iterator[bytes]:
    """Every stream of the file, decoded where ReportLab encoded it."""
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        body = match.group(1).strip()
        try:
            yield zlib.decompress(a85decode(body, adobe=False) if body.endswith(b"~>") else body)
        except (ValueError, zlib.error):
            yield body


def collisions(printed: Iterable[Printed]) -> list[tuple[int, str, str]]:
    """Pairs of texts of a page whose boxes overlap by more than a hair."""
    by_page: dict[int, list[Printed]] = {}
    for item in printed:
        by_page.setdefault(item.page, []).append(item)
    return [
        (page, first.text, second.text)
        for page, items in by_page.items()
        for first, second in _beside_each_other(sorted(items, key=lambda item: item.top))
        if min(first.right, second.right) - max(first.left, second.left) > 0.6
    ]


def _beside_each_other(items: list[Printed]) -> Iterator[tuple[Printed, Printed]]:
    """Pairs that share more than a hair of height; ``items`` come from the top."""
    for number, first in enumerate(items):
        for second in items[number + 1 :]:
            down = min(first.bottom, second.bottom) - second.top
            if second.top > first.bottom:
                break
            if down > 1.2:
                yield first, second
