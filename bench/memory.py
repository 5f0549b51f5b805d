"""Memory of an upload of a million rows, above what the same process holds while it is idle.

Ours is a worker: it takes the file in, checks it, imports it, and has imported a small file
before. The peer only reads the table as text (pandas), which is the least a check must do. The
peak is the kernel's own high-water mark of each process, which Linux keeps.
"""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from django.conf import settings
from django.db import connections

from accounts.choices import Role
from accounts.models import Membership, Team, User
from bench._market import KNOWN, database, wanted_rows
from core.events import SYSTEM
from integrations import services

MOST = 400
CAMPAIGNS, DEVICES = 500, ("Computers", "Mobile phones", "Tablets")
HEADER = "Day,Campaign,Campaign ID,Currency code,Device,Impr.,Clicks,Cost,Conversions\n"
LAST = date(2026, 11, 21)
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def written(folder: Path, rows: int) -> Path:
    """An export of so many rows: campaigns by day and device, packed as people are told to."""
    file = folder / f"export-{rows}.csv.gz"
    with gzip.open(file, "wt", encoding="utf-8", compresslevel=1) as out:
        out.write(HEADER)
        out.writelines(map(_line, range(rows)))
    return file


def _line(n: int) -> str:
    rest, device = divmod(n, len(DEVICES))
    days, campaign = divmod(rest, CAMPAIGNS)
    return (
        f"{LAST - timedelta(days=days)},Campaign {campaign},{7_000 + campaign},EUR,{DEVICES[device]},"
        f"{n % 997 * 31},{n % 89},{n % 4_001}.{n % 100:02d},{n % 7}\n"
    )


def imported(file: Path, team: Team) -> None:
    run = services.run_upload(team=team, file=file, name=file.name, actor=SYSTEM, at=KNOWN)
    today = LAST + timedelta(days=1)
    reading = services.run_check(run, today=today)
    done = services.run_import(run, actor=SYSTEM, at=KNOWN, today=today, reading=reading)
    if not done.batch:
        sys.exit(f"{file.name} was not imported: {reading.outcome}")


def peak(warm: Callable[[], object], work: Callable[[], object]) -> int:
    """MB that a process of its own needs for ``work`` above what it held after ``warm``."""
    connections.close_all()
    back, there = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            warm()
            idle = _kilobytes("VmRSS")
            CLEAR.write_text("5")
            work()
            os.write(there, str((_kilobytes("VmHWM") - idle) // 1024).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(there)
    with os.fdopen(back, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    if not said:
        sys.exit("the measured process failed")
    return int(said)


def _kilobytes(name: str) -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1])


def main() -> int:
    if not CLEAR.exists():
        print("Only Linux says how much memory a process needed at most.")
        return 1
    rows = wanted_rows(1_000_000)
    with TemporaryDirectory() as folder, database():
        settings.UPLOADS = Path(folder)
        team = Team.plant("Company")
        owner = User.objects.create_user("manager@bench.test", "Manager")
        Membership.objects.create(user=owner, team=team, role=Role.MANAGER)
        small, large = written(Path(folder), 1_000), written(Path(folder), rows)
        ours = peak(lambda: imported(small, team), lambda: imported(large, team))
        peer = peak(lambda: pd.read_csv(small, dtype=str), lambda: pd.read_csv(large, dtype=str))
    verdict = "pass" if ours < MOST else "MISS"
    print(
        f"upload, check and import of {rows:,} rows ({ours:,} MB above idle)   reading alone, pandas"
        f" {peer:,} MB   ratio {ours / peer:.2f}   goal < {MOST} MB   {verdict}"
    )
    print("Fails when the process needs more, whatever reading alone costs.")
    return 0 if ours < MOST else 1


if __name__ == "__main__":
    sys.exit(main())
