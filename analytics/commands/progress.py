"""A bar on standard error, where somebody watches."""

import sys
from types import TracebackType
from typing import Self

WIDTH = 30


class Bar:
    """How much of `total` is done; nothing is written where standard error is no terminal."""

    def __init__(self, title: str, total: float) -> None:
        self.title, self.total = title, max(total, 1)
        self.shown = -1
        self.is_watched = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def at(self, done: float) -> None:
        """Draw the bar anew when a percent more is done."""
        percent = min(int(100 * done / self.total), 100)
        if self.is_watched and percent != self.shown:
            self.shown = percent
            filled = "#" * (percent * WIDTH // 100)
            sys.stderr.write(f"\r{self.title} [{filled:<{WIDTH}}] {percent:3d} %")
            sys.stderr.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.shown >= 0:
            sys.stderr.write("\r\033[K")
