"""How much of a file is read before it is refused. One place, so that a test can make them small."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, counts in pieces.

    ``ratio`` is how many times larger an archive may get when unpacked once it passed ``ratio_free``
    bytes: exports measured 4 to 30 to one, a bomb is about 1,000 to one.
    """

    packed_bytes: int = 50 * MEGABYTE
    unpacked_bytes: int = 200 * MEGABYTE
    ratio: int = 100
    ratio_free: int = MEGABYTE
    archive_members: int = 1_000
    columns: int = 1_000
    records: int = 2_000_000
    sheet_area: int = 25_000_000
    sparse_area: int = 1_000_000
    sparse_factor: int = 20
    text: int = 500
    problem_rows: int = 20_000


DEFAULT_LIMITS = Limits()
