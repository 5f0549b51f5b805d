"""Pages of a board pack per second of processor time, and whether a repeat gives the same bytes.

Fails when the best of the runs is under the goal or when two drawings of the same content differ.
The peer figures were measured once on a machine of the same size (WeasyPrint 8, matplotlib 4 to 7, a
ten-page pack drawn by hand with ReportLab 68 to 77); they are quoted, not run here.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from reporting.rules.pack.content import PackContent
from reporting.rules.pack.drawing import draw_pack, trace_pack
from tests.reporting.pack_sample import pack_content

GOAL = 60.0
PEER = 72.0
RUNS = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """Pages of one pack, and pages a processor second: in the first drawing and in the best later one."""

    pages: int
    kilobytes: int
    first: float
    best: float
    same_bytes: bool

    @property
    def passes(self) -> bool:
        return self.best >= GOAL and self.same_bytes


def measure(content: PackContent, runs: int = RUNS) -> Measured:
    """Draw ``content`` once cold and ``runs`` times warm."""
    began = time.process_time()
    reference, printed = trace_pack(content)
    cold = time.process_time() - began
    pages = max(item.page for item in printed)
    seconds, same = [], True
    for _ in range(runs):
        began = time.process_time()
        again = draw_pack(content)
        seconds.append(time.process_time() - began)
        same = same and again == reference
    return Measured(pages, len(reference) // 1000, pages / cold, pages / min(seconds), same)


def main() -> int:
    """Print one row of the table of benchmarks; exit code 1 when it fails."""
    found = measure(pack_content())
    print(
        f"pack pages a CPU second | ours {found.best:.0f} | peer {PEER:.0f} | "
        f"ratio {found.best / PEER:.2f} | goal >= {GOAL:.0f}, same bytes | "
        f"{'pass' if found.passes else 'FAIL'}"
    )
    print(
        f"  {found.pages} pages, {found.kilobytes} kB, first drawing with fonts read {found.first:.0f}, "
        f"same bytes on repeat: {'yes' if found.same_bytes else 'NO'}. "
        f"Fails under {GOAL:.0f} pages a second or on one different byte."
    )
    return 0 if found.passes else 1


if __name__ == "__main__":
    sys.exit(main())
