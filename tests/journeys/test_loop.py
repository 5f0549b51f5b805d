"""One decision, from a real export to an approved, executed and reported move, by hand in the browser.

Runs on the public data set beside the repository, on the first day after it ends. What
a person does is done with the mouse; what the clock does is called at its time.
"""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client
from playwright.sync_api import Page, expect
from rest_framework.test import APIClient
from time_machine import travel

from accounts.models import User
from approvals.models import ChangeRequest
from automation.models import Alert
from budgets.models import LedgerAccount, LedgerTransaction
from budgets.services import draws_set, line_create, plan_set, year_open
from campaigns.models import Campaign, Channel, Optimisation
from core import outbox
from core.clock import now
from core.models import Organisation, OutboxItem
from core.schedules import run_due
from insights.models import Recommendation
from integrations.models import BulkFile, ImportRun
from metrics.models import Fact
from reporting.models import Report
from tests.cast import Cast
from tests.journeys.shots import Shots
from tests.reporting.conftest import pack_fonts

__all__ = ["pack_fonts"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("pack_fonts"),
]
FOLDER = "formats/datasets/online_advertising_performance"
TODAY = datetime(2020, 7, 1, 4, 30, tzinfo=UTC)
MONTHS = {"4": "2020-04", "5": "2020-05", "6": "2020-06"}
THIS_MONTH = "2020-07"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    """The day after the data ends, before the first job of the morning."""
    with travel(TODAY, tick=True):
        yield


def work() -> None:
    """What the worker does: all work that waits, until none is left."""
    for _ in range(10):
        waiting = OutboxItem.objects.filter(state=OutboxItem.State.PENDING, not_before__lte=now())
        if not waiting.exists():
            return
        for item in waiting:
            outbox.deliver(item.pk, now=now())


def morning_of(moment: datetime) -> None:
    """What the clock does at its time, and the worker with what it asks for."""
    with travel(moment, tick=True):
        run_due(now=now())
        work()


@pytest.mark.feature("10.8", "1.18")
def test_from_a_real_export_to_a_reported_decision(
    shots: Shots, cast: Cast, shared_data: Path
) -> None:
    Organisation.objects.update_or_create(pk=1, defaults={"reporting_currency": "USD"})
    an_analyst_imports_the_file(shots, cast, shared_data)
    the_numbers_are_those_of_the_golden_file(cast, shared_data)
    a_year_is_planned(cast)
    alert = an_alert_opens_by_itself(cast)
    request = a_manager_asks_for_a_move(shots, cast, alert)
    a_director_approves_on_the_phone(shots, cast, request)
    it_is_done_once(shots, cast, request)
    the_month_is_reported(shots, cast)


def upload(page: Page, file: Path) -> None:
    page.goto("/imports/")
    page.set_input_files("input[type=file]", str(file))
    page.select_option("select[name=team]", label="DACH")
    page.select_option("select[name=currency]", "USD")
    page.click("text=Upload and check")
    page.wait_for_url("**/imports/*/")


def an_analyst_imports_the_file(shots: Shots, cast: Cast, shared_data: Path) -> None:
    """Two questions are asked, nothing is written before "Import", the same again changes nothing."""
    file = shared_data / FOLDER / "online_advertising_performance_data.csv"
    shots.sign_in(cast.analyst)
    with shots.page() as page:
        upload(page, file)
        expect(page.locator("h1")).to_contain_text("questions")
        shots.look(page, "loop-questions")
        typed = page.locator("input:not([type=radio])[name='answer.year']")
        if typed.count():
            typed.fill("2020")
        else:
            page.check("[name='answer.year'][value='2020']")
        page.check("[name='answer.revenue'][value='revenue']")
        page.click("text=Read it with these answers")
        expect(page.locator("h1")).to_contain_text("All 15,403 rows are ready")
        shots.look(page, "loop-preview")
        assert not Fact.objects.exists()
        page.click("button:has-text('Import 15,403 rows')")
        expect(page.locator("h1")).to_contain_text("15,403 rows are imported")
        run = ImportRun.objects.get()
        upload(page, file)
        page.click("button:has-text('Import 15,403 rows')")
        expect(page.locator("h1")).to_contain_text("Nothing changed")
    shots.visit(f"/imports/{run.pk}/", "loop-import")


def the_numbers_are_those_of_the_golden_file(cast: Cast, shared_data: Path) -> None:
    """Spend per campaign and month: what the page exports and what the API answers."""
    with (shared_data / FOLDER / "golden_campaign_month_kpi.csv").open() as opened:
        rows = list(csv.DictReader(opened))
    golden = {
        (row["campaign_number"], MONTHS[row["month_no"]]): Decimal(row["cost"]) for row in rows
    }
    assert spend_by_page(cast.analyst) == {key: round(spend, 2) for key, spend in golden.items()}
    assert spend_by_api(cast.analyst) == golden


def spend_by_page(user: User) -> dict[tuple[str, str], Decimal]:
    client, found = Client(), dict[tuple[str, str], Decimal]()
    client.force_login(user)
    for month in MONTHS.values():
        answer = client.get("/campaigns/", {"period": month, "export": "csv"})
        text = b"".join(answer) if answer.streaming else answer.content
        lines = text.decode("utf-8-sig").splitlines()
        for row in csv.DictReader(lines):
            if spend := row["Spend (USD)"]:
                found[row["Campaign"], month] = Decimal(spend)
    return found


def spend_by_api(user: User) -> dict[tuple[str, str], Decimal]:
    client = APIClient()
    client.force_authenticate(user)
    asked = {"metrics": "spend", "by": "campaign,month", "period": "2020-04..2020-06"}
    rows = client.get("/api/v1/query/", asked).json()["rows"]
    return {(row["campaign"], row["month"]): Decimal(row["spend"]) for row in rows}


def a_year_is_planned(cast: Cast) -> None:
    """One budget line for Display, shared by the three imported campaigns."""
    Campaign.objects.update(owner=cast.manager)
    year = year_open(user=cast.director, year=2020, at=now())
    lines = [campaign.lines.get() for campaign in Campaign.objects.order_by("name")]
    budget = line_create(
        user=cast.director, fiscal_year=year, team=cast.dach,
        channel=Channel.objects.get(key="display"), name="Display", owner=cast.manager,
        currency="USD", at=now(),
    )  # fmt: skip
    draws_set(line=budget, user=cast.director, campaign_lines=lines, at=now())
    for line, units in zip([None, *lines], (60_000, 28_000, 500, 2_300), strict=True):
        plan_set(
            user=None, budget_line=budget, campaign_line=line, month=THIS_MONTH,
            amount_micros=units * 1_000_000, reason="Plan of the year", at=now(),
        )  # fmt: skip


def an_alert_opens_by_itself(cast: Cast) -> Alert:
    """The check of the morning finds the campaign whose return fell month after month."""
    morning_of(TODAY.replace(hour=5))
    alert = Alert.objects.get(campaign__name="camp 1", finding__kind="trend")
    assert alert.owner == cast.manager
    return alert


def a_manager_asks_for_a_move(shots: Shots, cast: Cast, alert: Alert) -> ChangeRequest:
    """The advice is read, its amount changed, and it is sent for approval."""
    shots.sign_in(cast.manager)
    shots.visit(f"/alerts/{alert.pk}/", "loop-alert")
    advice = Recommendation.objects.get(finding=alert.finding)
    shots.visit(f"/insights/recommendations/{advice.pk}/", "loop-advice")
    with shots.page() as page:
        page.goto(f"/alerts/{alert.pk}/")
        page.click("text=Read and decide")
        page.fill("[name=amount]", "400.00")
        page.fill("[name=reason]", "Camp 1 has lost half of its return since April.")
        page.click("text=Send for approval")
        page.wait_for_url("**/approvals/*/")
    return ChangeRequest.objects.get()


def a_director_approves_on_the_phone(shots: Shots, cast: Cast, request: ChangeRequest) -> None:
    """A mail brings the director to a page that asks once more; only the press decides."""
    mail.outbox.clear()
    work()
    (sent,) = [one for one in mail.outbox if cast.director.email in one.to]
    link = re.search(r"https?://[^/\s]+(/approvals/confirm/\S+)", str(sent.body))
    assert link, sent.body
    shots.sign_in(cast.director)
    shots.visit("/approvals/", "loop-inbox")
    shots.visit(f"/approvals/{request.pk}/", "loop-request")
    shots.visit(link[1], "loop-confirm")
    request.refresh_from_db()
    assert request.state == "open"
    with shots.page(width=390) as page:
        page.goto(link[1])
        page.click("button:has-text('Approve')")
        if page.locator("dialog[open] button.btn-primary").count():
            page.click("dialog[open] button.btn-primary")
        page.wait_for_load_state("networkidle")


def planned() -> int:
    accounts = LedgerAccount.objects.exclude(budget_line=None)
    return sum(accounts.values_list("balance_micros", flat=True))


def it_is_done_once(shots: Shots, cast: Cast, request: ChangeRequest) -> None:
    """The ledger moved once, the change is logged, and its file waits for the platform."""
    before = planned()
    work()
    request.refresh_from_db()
    assert request.state == "executed"
    assert LedgerTransaction.objects.filter(key=f"request:{request.pk}").count() == 1
    assert planned() == before
    logged = Optimisation.objects.filter(request_id=request.pk)
    assert {entry.campaign.name for entry in logged} >= {"camp 1"}
    assert Recommendation.objects.get(request_id=request.pk).state == "done"
    shots.sign_in(cast.manager)
    shots.visit(f"/approvals/{request.pk}/", "loop-done")
    with shots.page() as page:
        page.goto(f"/approvals/{request.pk}/")
        with page.expect_download() as download:
            page.click("text=Upload the change to")
        downloaded = Path(download.value.path()).read_bytes()
    assert downloaded == BulkFile.objects.get(request_id=request.pk).content.encode()
    camp = Campaign.objects.get(name="camp 1")
    shots.visit(f"/campaigns/{camp.pk}/?period=FY2020", "loop-campaign")
    shots.visit("/campaigns/?period=FY2020", "loop-campaigns")
    shots.visit("/?period=FY2020", "loop-home")


def the_month_is_reported(shots: Shots, cast: Cast) -> None:
    """The clock makes the review and the packs and mails them to who subscribed on the page."""
    shots.sign_in(cast.director)
    with shots.page() as page:
        page.goto("/reports/")
        shots.look(page, "loop-reports-empty")
    client = Client()
    client.force_login(cast.director)
    for kind, team in (("performance_review", cast.dach), ("board_pack", cast.europe)):
        client.post(
            "/reports/subscribe/",
            {
                "kind": kind,
                "team": team.pk,
                "recipient": cast.director.pk,
                "cadence": "every",
                "condition": "always",
                "delivery": "pdf",
            },
        )
    mail.outbox.clear()
    morning_of(datetime(2020, 7, 2, 8, 0, tzinfo=UTC))
    morning_of(datetime(2020, 7, 3, 8, 0, tzinfo=UTC))
    made = {(report.kind, report.period_key) for report in Report.objects.all()}
    assert {("performance_review", "2020-06"), ("board_pack", "2020-06")} <= made
    review = Report.objects.get(kind="performance_review", team=cast.dach, period_key="2020-06")
    attached = [
        name for one in mail.outbox if cast.director.email in one.to for name, *_ in one.attachments
    ]
    assert len(attached) >= 2, mail.outbox
    shots.visit(f"/reports/{review.pk}/", "loop-review")
    pack = Report.objects.filter(kind="board_pack", team=cast.europe).latest("pk")
    shots.visit(f"/reports/{pack.pk}/", "loop-pack")
