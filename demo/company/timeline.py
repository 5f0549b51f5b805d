"""The company's history in the order it happened, so that every step sees only what was known by then."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

Step = Callable[[datetime], object]
# share done, and the moment of the company's history that is being told
Progress = Callable[[float, datetime], None]
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of the company's days; those of today are squeezed into the part that has passed."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def on(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A local time of a day, never later than now."""
        midnight = datetime.combine(day, time(0), self.zone)
        if day < self.today:
            return datetime.combine(day, time(hour, minute), self.zone)
        if day > self.today:
            return self.now
        passed = self.now - midnight
        return midnight + passed * ((hour * 60 + minute) / DAY_MINUTES)

    def ago(self, days: int, hour: int, minute: int = 0) -> datetime:
        """The same, counted back from today."""
        return self.on(self.today - timedelta(days=days), hour, minute)


@dataclass(order=True, slots=True)
class Happening:
    """What happens at a moment; those of one moment keep the order in which they were added."""

    at: datetime
    number: int
    part: str = field(compare=False)
    do: Step = field(compare=False)


class Timeline:
    """Everything that is going to happen, told from the oldest to the newest."""

    def __init__(self) -> None:
        self._waiting: list[Happening] = []
        self._number = 0
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def add(self, at: datetime, part: str, do: Step) -> None:
        """Let ``do(at)`` happen; ``part`` is what its time is booked under."""
        self._number += 1
        heapq.heappush(self._waiting, Happening(at, self._number, part, do))

    def run(self, say: Progress) -> None:
        """Tell it all; a step may add later ones."""
        done = 0
        while self._waiting:
            happening = heapq.heappop(self._waiting)
            began = perf_counter()
            happening.do(happening.at)
            self.seconds[happening.part] += perf_counter() - began
            done += 1
            say(done / (done + len(self._waiting)), happening.at)
