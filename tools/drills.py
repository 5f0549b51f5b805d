"""Run every drill at its full size and write the table of results into docs/reliability.md.

`make drills` takes more than an hour on two cores; `make drills ARGS="tests/drills/test_kills.py"`
runs some of them and renews their rows alone. Each row says of which day and commit it is. A
drill that fails leaves the table as it was.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path("docs/reliability.md")
BEGIN, END = "<!-- drills: begin -->", "<!-- drills: end -->"
HEADS = ("drill", "did", "found", "control", "when")
TITLES = "| Drill | What was done | What came of it | Control | Run |"


def main(arguments: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results.jsonl")
        code = run(results, arguments)
        rows = [row | {"when": this_state()} for row in read(results)]
    print(f"\n{drawn(rows)}\n")
    if code:
        print("A drill failed: the table in docs/reliability.md stays as it was.")
        return code
    write(rows)
    print(f"Written to {PAGE}.")
    return 0


def this_state() -> str:
    """The day and the commit a row is of, with a plus where more than the table has changed."""
    commit = git("rev-parse", "--short", "HEAD")
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", f":!{PAGE}")
    return f"{datetime.now(tz=UTC):%d %b %Y}, {commit}{'+' if changed else ''}"


def git(*arguments: str) -> str:
    asked = ["git", *arguments]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def run(results: Path, arguments: Sequence[str]) -> int:
    command = [sys.executable, "-m", "pytest", "-s", "-q", "-m", "drill", "-p", "no:cacheprovider"]
    paths = [*arguments] or ["tests"]
    environment = os.environ | {"DRILLS": "full", "DRILLS_RESULTS": str(results)}
    return subprocess.run([*command, *paths], env=environment, check=False).returncode


def read(results: Path) -> list[dict[str, str]]:
    if not results.exists():
        return []
    return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]


def drawn(rows: Iterable[dict[str, str]]) -> str:
    lines = [TITLES, "|" + "---|" * len(HEADS)]
    return "\n".join(
        lines + ["| " + " | ".join(row[head] for head in HEADS) + " |" for row in rows]
    )


def kept(table: str) -> list[dict[str, str]]:
    """The rows of a table as ``drawn`` makes it."""
    cells = [line.strip("| ").split(" | ") for line in table.splitlines()]
    return [dict(zip(HEADS, row, strict=True)) for row in cells[2:] if len(row) == len(HEADS)]


def write(rows: Sequence[dict[str, str]]) -> None:
    """Renew the rows of these drills; the others stay."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    table, _, after = rest.partition(END)
    all_rows = {row["drill"]: row for row in [*kept(table.strip()), *rows]}
    PAGE.write_text(f"{before}{BEGIN}\n{drawn(all_rows.values())}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
