"""A database of its own with synthetic facts, and a table of results. Shared by the benchmarks.

A hundred campaign lines in eight channels and four teams over two years; what is left of
the wanted rows are creatives and segments of each line's day. Four of five rows report
conversions, the others do not know them.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection

from accounts.choices import Role
from accounts.models import Membership, Team, User
from campaigns.models import Campaign, CampaignLine, Channel, Creative
from core import events
from metrics.services import LoadResult, facts_load, segment_ensure

DATABASE = "adroit_bench"
FIRST_DAY = date(2024, 11, 22)
DAYS = 730
LINES = 100
KNOWN = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SEGMENTS = 3
SEED = 20_261_122
PIECE = 1_000_000


@dataclass(frozen=True, slots=True)
class Market:
    """The lines, a director who sees them all, and the facts as a data frame."""

    lines: list[CampaignLine]
    viewer: User
    frame: pd.DataFrame

    @property
    def rows(self) -> int:
        return len(self.frame)


def wanted_rows(default: int = 10_000_000) -> int:
    """``--rows``: how many facts there are; fewer for a quick look."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=default)
    return int(parser.parse_known_args()[0].rows)


@contextmanager
def database() -> Iterator[None]:
    """A new database beside the product's, durable like it, and gone afterwards."""
    connection.settings_dict["TEST"]["NAME"] = DATABASE
    own = connection.settings_dict["NAME"]
    with redirect_stdout(StringIO()):  # Django says there what it did not have to do
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(own, verbosity=0)


def market(rows: int) -> Market:
    """Campaigns and the facts to load; nothing is loaded yet."""
    company = Team.plant("Company")
    teams = [Team.plant(f"Team {n}", company) for n in range(4)]
    viewer = User.objects.create_user("director@bench.test", "Director")
    Membership.objects.create(user=viewer, team=company, role=Role.DIRECTOR)
    channels = [
        Channel.objects.get_or_create(key=f"bench_{n}", defaults={"name": f"Channel {n}"})[0]
        for n in range(8)
    ]
    lines = [_line(n, teams[n % 4], viewer, channels[n % 8]) for n in range(LINES)]
    return Market(lines, viewer, _facts(lines, rows))


def _line(number: int, team: Team, owner: User, channel: Channel) -> CampaignLine:
    campaign = Campaign.objects.create(
        name=f"Campaign {number}", team=team, owner=owner, created_at=KNOWN
    )
    return CampaignLine.objects.create(
        campaign=campaign, channel=channel, name=f"Line {number}", currency="EUR"
    )


def _facts(lines: Sequence[CampaignLine], rows: int) -> pd.DataFrame:
    chance = np.random.default_rng(SEED)
    splits = max(1, round(rows / (LINES * DAYS)))
    count = LINES * DAYS * splits
    segments = segment_ensure([{"placement": f"place {n}"} for n in range(SEGMENTS)])
    creatives = -(-splits // SEGMENTS)
    line = np.repeat(np.arange(LINES), DAYS * splits)
    split = np.tile(np.arange(splits), LINES * DAYS)
    clicks = chance.poisson(40, count)
    unknown = chance.random(count) < 0.2
    return pd.DataFrame(
        {
            "line_id": np.array([item.pk for item in lines])[line],
            "day": np.tile(np.repeat(_days(), splits), LINES),
            "creative_id": _creatives(lines, creatives)[line, split // SEGMENTS],
            "segment_id": np.array(segments)[split % SEGMENTS],
            "impressions": clicks * chance.integers(30, 120, count),
            "clicks": clicks,
            "spend": clicks * chance.integers(200_000, 900_000, count),
            "conversions": pd.Series(chance.poisson(1.2, count) * 1_000_000, dtype="Int64").mask(
                unknown
            ),
            "revenue": clicks * chance.integers(500_000, 4_000_000, count),
        }
    )


def _days() -> np.ndarray:
    return np.datetime64(FIRST_DAY) + np.arange(DAYS)


def _creatives(lines: Sequence[CampaignLine], count: int) -> np.ndarray:
    made = Creative.objects.bulk_create(
        Creative(campaign_id=line.campaign_id, name=f"Creative {n}")
        for line in lines
        for n in range(count)
    )
    return np.array([creative.pk for creative in made]).reshape(len(lines), count)


def fill(frame: pd.DataFrame) -> None:
    """Load facts that are there before anything is measured, a piece at a time, with a bar."""
    pieces = range(0, len(frame), PIECE)
    for number, start in enumerate(pieces, 1):
        load(frame.iloc[start : start + PIECE], KNOWN)
        print(f"\r  filling: {number} of {len(pieces)}", end="", file=sys.stderr, flush=True)
    settle()
    print("\r" + " " * 40 + "\r", end="", file=sys.stderr)


def settle() -> None:
    """What autovacuum does between two imports of a day."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def load(frame: pd.DataFrame, known_at: datetime) -> LoadResult:
    return facts_load(frame=frame, label="bench", known_at=known_at, actor=events.SYSTEM)


@dataclass(frozen=True, slots=True)
class Compared:
    """Seconds of both sides, taken in turns, and how their ratio stands to the goal."""

    name: str
    ours: float
    peer: float
    ratio: float
    goal: str
    passes: bool

    def row(self) -> str:
        verdict = "pass" if self.passes else "MISS"
        return (
            f"{self.name:<62} | ours {self.ours * 1000:9.1f} ms | peer {self.peer * 1000:9.1f} ms"
            f" | ratio {self.ratio:6.3f} | goal {self.goal:>7} | {verdict}"
        )


def in_turns(ours: Callable[[], Any], peer: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Median seconds of each, the two sides running one after the other in every round."""
    ours(), peer()  # warm
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, run in enumerate((ours, peer)):
            seconds[side].append(timed(run))
    return median(seconds[0]), median(seconds[1])


def timed(run: Callable[[], Any]) -> float:
    """Seconds on the wall."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the wall, and processor seconds of this process and its database process.

    Other work on the machine stretches the first and hardly touches the second.
    """

    wall: float
    processor: float


def cost(run: Callable[[], Any]) -> Cost:
    began, used = time.perf_counter(), _processor_seconds()
    run()
    return Cost(time.perf_counter() - began, _processor_seconds() - used)


def _processor_seconds() -> float:
    """Of this process and, on Linux beside the server, of the connection's own server process."""
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    if not stat.exists():
        return time.process_time()
    fields = stat.read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")
