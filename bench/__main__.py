"""Run every benchmark beside this file, one process each; exit code 1 when one misses its goal.

    python -m bench                     all of them
    python -m bench queries load        some of them
    python -m bench queries --rows 10000000

A benchmark is a module with ``main() -> int`` that prints its own rows: ours, peer, ratio,
goal, and what would make it fail. Modules that start with an underscore are shared parts.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    """Every benchmark there is."""
    return sorted(file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_"))


def main(arguments: list[str]) -> int:
    known = names()
    chosen = [word for word in arguments if word in known] or known
    options = [word for word in arguments if word not in known]
    missed = []
    for name in chosen:
        print(f"\n{name}", flush=True)
        if subprocess.run(
            [sys.executable, "-m", f"bench.{name}", *options], check=False
        ).returncode:
            missed.append(name)
    print(f"\nMissed: {', '.join(missed)}" if missed else "\nAll goals are met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
