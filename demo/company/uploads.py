"""Two files that people tried to bring in: one with a broken row waits, one was refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from demo.company.records import Company
from integrations.services import run_check, run_upload

# Cost of a click on the job ads, and of a day of the test, in cents.
CLICK_CENTS = 235
TEST_CENTS = 4_120


def plan_uploads(company: Company) -> None:
    """Let them be uploaded; nothing of them is imported."""
    add, ago = company.timeline.add, company.moments.ago
    add(ago(5, 11, 5), "uploads", lambda at: _refused(company, at))
    add(ago(1, 15, 20), "uploads", lambda at: _half_read(company, at))


def _half_read(company: Company, at: datetime) -> None:
    day = company.today
    _upload(company, "ada", "dach", f"job-ads-{day:%Y-%m-%d}.csv", _job_ads(day), at)


def _refused(company: Company, at: datetime) -> None:
    day = company.today - timedelta(days=5)
    _upload(company, "kofi", "na", f"alpine-test-{day:%Y-%m-%d}.csv", _test_campaigns(day), at)


def _upload(
    company: Company, by: str, team: str, name: str, rows: Iterator[str], at: datetime
) -> None:
    user = company.people[by]
    run = run_upload(
        team=company.teams[team],
        file=SimpleUploadedFile(name, "\n".join(rows).encode()),
        name=name,
        actor=user.as_actor(),
        user=user,
        at=at,
    )
    run_check(run, today=at.astimezone(company.moments.zone).date())


def _job_ads(today: date) -> Iterator[str]:
    """Twelve days of two campaigns nobody knew of; one date does not exist."""
    yield "Start Date,Campaign Name,Impressions,Clicks,Total Spent (EUR),Leads"
    for number in range(12):
        day = today - timedelta(days=12 - number)
        for place, name in enumerate(("Guides wanted DACH", "Hut wardens wanted DACH")):
            shown = (4_200 - 1_700 * place) * (100 + 7 * ((number * 3 + place) % 5)) // 100
            clicks = shown // 64
            written = f"{day:%Y-%m}-32" if (number, place) == (9, 0) else f"{day}"
            spent = _amount(clicks * CLICK_CENTS)
            yield f"{written},{name},{shown},{clicks},{spent},{clicks // 17}"


def _test_campaigns(today: date) -> Iterator[str]:
    """Ten days of a test; the total says more than the rows, because some were lost on the way."""
    yield "Day,Campaign,Campaign ID,Cost,Clicks,Currency code"
    total = 0
    for number in range(10):
        for place, name in enumerate(("Alpine test display", "Alpine test video")):
            cents = TEST_CENTS + 370 * ((number * 2 + place) % 6)
            total += cents
            day = today - timedelta(days=10 - number)
            yield f"{day},{name},{7_100 + place},{_amount(cents)},{90 + number},USD"
    yield f"Total,,,{_amount(total + 15_230)},1890,USD"


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
