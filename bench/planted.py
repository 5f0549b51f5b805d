"""What was planted in the demo company beside what the product says of it, row by row.

The whole company is built in a database of its own, the worker's part included, and every row of
`/demo/planted/` is printed. There is no peer: the truth is. Ranges of 80 % and more that were
given honestly hold most of what was planted; fewer than SHARE of them, or stories that were not
noticed, are a miss.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from accounts.models import User
from bench._market import database
from core import clock
from demo.company.answers import answers
from demo.company.build import build_company
from demo.planted.board import planted_rows
from demo.planted.rows import tally

SHARE = 0.7
STORIES = 0.7
LEAST = 5


def main() -> int:
    with database(), TemporaryDirectory() as folder:
        return _score(Path(folder))


def _score(folder: Path) -> int:
    now = clock.now()
    built = build_company(seed=7, now=now, folder=folder, say=lambda *_: None)
    viewer = User.objects.get(email__startswith="greta@")
    rows = planted_rows(answers(built.company), viewer, now)
    for row in rows:
        print(
            f"{row.topic:>10}  {row.seen.value:<20}  {row.what[:52]:<52}  {row.planted[:28]:<28}"
            f"  {row.said[:40]:<40}  {row.range}"
        )
    found = tally(rows)
    print(f"{found.title}; {found.unclear} too thin to tell, {found.not_run} not run yet")
    passes = (
        found.judged >= LEAST
        and found.inside >= SHARE * found.judged
        and found.found >= STORIES * found.stories
    )
    print(
        f"Goal: at least {SHARE:.0%} of {LEAST} ranges or more hold the truth, and {STORIES:.0%} of "
        f"the stories are found: {'pass' if passes else 'MISS'}"
    )
    return 0 if passes else 1


if __name__ == "__main__":
    sys.exit(main())
