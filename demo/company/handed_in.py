"""Files that people of the company hand in: uploaded, checked and imported as anybody does."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.files.uploadedfile import SimpleUploadedFile

from demo.company.records import Company
from integrations.services import run_check, run_import, run_upload


def bring_in(
    company: Company,
    name: str,
    rows: Iterable[Sequence[object]],
    at: datetime,
    *,
    team: str = "dach",
    by: str = "jonas",
) -> None:
    """Import as the manager of a team does; a row nobody can read waits in quarantine."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    user = company.people[by]
    today = at.astimezone(company.moments.zone).date()
    run = run_upload(
        team=company.teams[team],
        file=SimpleUploadedFile(name, out.getvalue().encode()),
        name=name,
        actor=user.as_actor(),
        user=user,
        at=at,
    )
    run_check(run, today=today)
    run_import(run, actor=user.as_actor(), at=at, today=today, user=user, confirm=True)
