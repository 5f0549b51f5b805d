"""A page with sign-in and scope against a bare Django page with the same rows, in turns.

Both draw the same list by the same template. Ours passes the product's middleware, finds the
session, the person and their memberships, checks the act and reads through ``for_user``; the
peer has the middleware of a new Django project without sessions, and reads everything.
Below stands the product's own list of campaigns with its frame, filters and figures: what a
visitor waits for. It has a goal of its own, in milliseconds on the wall.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from bench import _web as web
from bench._market import KNOWN, Market, database, load, market, timed, wanted_rows

ROUNDS = 300
ROUNDS_OF_PRODUCT = 30
MOST_P95_MS = 300.0


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of many requests, one after the other."""

    seconds: Sequence[float]

    def at(self, share: float) -> float:
        """The time within which this share of the requests was answered, in milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    @property
    def per_second(self) -> float:
        return len(self.seconds) / sum(self.seconds)


def in_turns(ours: web.Ask, peer: web.Ask, rounds: int) -> tuple[Times, Times]:
    """Both sides one after the other in every round, after a warm-up."""
    for _ in range(10):
        ours(), peer()
    pairs = [(timed(ours), timed(peer)) for _ in range(rounds)]
    return Times([pair[0] for pair in pairs]), Times([pair[1] for pair in pairs])


def show(name: str, ours: float, peer: float, ratio: float, goal: str, *, passes: bool) -> bool:
    print(
        f"{name:<44} | ours {ours:8.1f} | peer {peer:8.1f} | ratio {ratio:6.2f} | goal {goal:>8}"
        f" | {'pass' if passes else 'MISS'}"
    )
    return passes


def measure(made: Market) -> bool:
    """Print a row for each comparison; whether all goals are met."""
    cookies = web.cookies_of(made.viewer)
    product = web.application()
    scoped = web.asks(product, "/bench/scoped/", cookies)
    bare = web.asks(web.application(web.BARE), "/bench/bare/")
    if scoped() != bare():
        sys.exit("the two pages differ")
    print(f"{len(bare()):,} bytes, {web.ROWS} rows, {ROUNDS} requests each, taken in turns")
    ours, peer = in_turns(scoped, bare, ROUNDS)
    rate = ours.per_second / peer.per_second
    half, tail = ours.at(0.5) / peer.at(0.5), ours.at(0.99) / peer.at(0.99)
    met = [
        show("requests a second", ours.per_second, peer.per_second, rate, ">= 0.75",
             passes=rate >= 0.75),
        show("p50 in ms", ours.at(0.5), peer.at(0.5), half, "<= 1.5", passes=half <= 1.5),
        show("p99 in ms", ours.at(0.99), peer.at(0.99), tail, "<= 2", passes=tail <= 2),
        _product(web.asks(product, "/campaigns/", cookies)),
    ]  # fmt: skip
    return all(met)


def _product(ask: web.Ask) -> bool:
    size = len(ask())
    times = Times([timed(ask) for _ in range(ROUNDS_OF_PRODUCT)])
    found = times.at(0.95)
    return show(
        f"the product's campaigns, {size:,} bytes, p95 in ms",
        found,
        MOST_P95_MS,
        found / MOST_P95_MS,
        "<= 300 ms",
        passes=found <= MOST_P95_MS,
    )


def main() -> int:
    with database(), web.addresses():
        made = market(wanted_rows(73_000))
        load(made.frame, KNOWN)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        met = measure(made)
    print(
        "Fails when sign-in and scope cost more than the goals allow, when the two pages are not"
        " the same bytes, or when the product's own page takes longer than 300 ms."
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
