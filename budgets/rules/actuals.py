"""Who bears an actual when a campaign line is paid from several budget lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.money import split


def shares(micros: int, lines: Sequence[int], planned: Mapping[int, int]) -> dict[int, int]:
    """Budget line -> its part of ``micros``: as they planned for it, equally when none did.

    The parts sum to ``micros`` exactly, so nothing is counted twice or lost.
    """
    if len(lines) < 2:
        return dict.fromkeys(lines, micros)
    weights = [planned.get(line, 0) for line in lines]
    parts = split(micros, weights if any(weights) else [1] * len(lines))
    return dict(zip(lines, parts, strict=True))
