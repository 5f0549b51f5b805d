"""Auction insights as Google Ads writes them, for tests of imports and pages."""

from __future__ import annotations

from collections.abc import Sequence

HEADER = (
    "Week,Display URL domain,Impression share,Overlap rate,Position above rate,"
    "Top of page rate,Abs. Top of page rate,Outranking share"
)
WEEK_2 = (
    "2026-11-09,You,50.00%,--,--,70.1%,30%,--",
    "2026-11-09,alpine.example,38.5%,42%,36%,68.8%,27.5%,39.7%",
    "2026-11-09,alpine-shop.example,12%,15%,20%,40%,10%,60%",
    "2026-11-09,ridge.example,< 10%,11.3%,18.2%,44%,--,45.1%",
)
WEEK_1 = (
    "2026-11-02,You,52.5%,--,--,71%,31%,--",
    "2026-11-02,alpine.example,30.5%,36%,33%,66%,25%,42%",
    "2026-11-02,ridge.example,10.5%,12%,18%,43%,12%,46%",
)


def weekly(*rows: str) -> str:
    """A report segmented by week, with the lines Google writes above it."""
    title = "Auction insights report\n2 November 2026 - 15 November 2026\n"
    return title + "\n".join((HEADER, *(rows or (*WEEK_1, *WEEK_2)))) + "\n"


def changed(rows: Sequence[str], old: str, new: str) -> list[str]:
    """The rows as a later export restates them."""
    return [row.replace(old, new) for row in rows]
