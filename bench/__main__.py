"""Run every benchmark beside this file, one process each; exit code 1 when one misses its goal.

    python -m bench                     all of them
    python -m bench queries load        some of them
    python -m bench queries --rows 10000000

A benchmark is a module with ``main() -> int`` that prints its own rows: ours, peer, ratio,
goal, and what would make it fail. Modules that start with an underscore are shared parts.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    """Every benchmark there is."""
    return sorted(file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_"))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="What is fast and what is accurate, each against a peer.",
    )
    known = names()
    parser.add_argument("names", nargs="*", metavar="name", help=f"any of: {', '.join(known)}")
    parser.add_argument("--rows", type=int, help="facts in the tables of load, queries and memory")
    parser.add_argument("--peers", action="store_true", help="fit the peers anew (scores)")
    asked = parser.parse_args(arguments)
    if unknown := sorted(set(asked.names) - set(known)):
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
    options = [*(["--rows", str(asked.rows)] if asked.rows else []), *(["--peers"] * asked.peers)]
    missed = [name for name in asked.names or known if not _passes(name, options)]
    print(f"\nMissed: {', '.join(missed)}" if missed else "\nAll goals are met.")
    return 1 if missed else 0


def _passes(name: str, options: list[str]) -> bool:
    print(f"\n{name}", flush=True)
    command = [sys.executable, "-m", f"bench.{name}", *options]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
