"""One decision, from a real export to an approved, executed and logged move, by hand in the browser.

Runs on the public data set beside the repository; what a person does is done with the
mouse, what the clock does is called at its time.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from approvals.models import ChangeRequest
from automation.models import Alert
from budgets.models import LedgerAccount, LedgerTransaction
from budgets.services import draws_set, line_create, plan_set, year_open
from campaigns.models import Campaign, Channel, Optimisation
from core import outbox
from core.models import Organisation, OutboxItem
from insights.models import Recommendation
from insights.services import daily_check
from integrations.models import BulkFile, ImportRun
from metrics.models import Fact
from tests.cast import Cast
from tests.journeys.shots import Shots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FILE = "formats/datasets/online_advertising_performance/online_advertising_performance_data.csv"
MONTH = "2026-12"


def deliver_everything() -> None:
    """What the worker does: all work that waits, until none is left."""
    for _ in range(10):
        waiting = OutboxItem.objects.filter(state=OutboxItem.State.PENDING)
        if not waiting.exists():
            return
        for item in waiting:
            outbox.deliver(item.pk, now=datetime.now(UTC))


def upload(page: Page, file: Path) -> None:
    page.goto("/imports/")
    page.set_input_files("input[type=file]", str(file))
    page.select_option("select[name=team]", label="DACH")
    page.select_option("select[name=currency]", "USD")
    page.click("text=Upload and check")
    page.wait_for_url("**/imports/*/")


def plan(cast: Cast) -> None:
    """The year's budget: one line for Display, shared by the three imported campaigns."""
    now = datetime.now(UTC)
    year = year_open(user=cast.director, year=2026, at=now)
    lines = [campaign.lines.get() for campaign in Campaign.objects.order_by("name")]
    budget = line_create(
        user=cast.director,
        fiscal_year=year,
        team=cast.dach,
        channel=Channel.objects.get(key="display"),
        name="Display",
        owner=cast.manager,
        currency="USD",
        at=now,
    )
    draws_set(line=budget, user=cast.director, campaign_lines=lines, at=now)
    plan_set(
        user=None, budget_line=budget, campaign_line=None, month=MONTH,
        amount_micros=60_000_000_000, reason="Plan of the year", at=now,
    )  # fmt: skip
    for line, units in zip(lines, (28_000, 500, 2_300), strict=True):
        plan_set(
            user=None, budget_line=budget, campaign_line=line, month=MONTH,
            amount_micros=units * 1_000_000, reason="Plan of the year", at=now,
        )  # fmt: skip


@pytest.mark.feature("10.8", "1.18")
def test_from_a_real_export_to_an_executed_decision(
    shots: Shots, cast: Cast, shared_data: Path
) -> None:
    Organisation.objects.update_or_create(pk=1, defaults={"reporting_currency": "USD"})
    file = shared_data / FILE

    # 1. The analyst uploads; two questions are asked; nothing is written before "Import".
    shots.sign_in(cast.analyst)
    with shots.page() as page:
        upload(page, file)
        expect(page.locator("h1")).to_contain_text("questions")
        page.fill("[name='answer.year']", "2020") if page.locator(
            "input[type=text][name='answer.year'], input:not([type])[name='answer.year']"
        ).count() else page.check("[name='answer.year'][value='2020']")
        page.check("[name='answer.revenue'][value='revenue']")
        page.click("text=Read it with these answers")
        expect(page.locator("h1")).to_contain_text("All 15,403 rows are ready")
        assert not Fact.objects.exists()
        page.click("button:has-text('Import 15,403 rows')")
        expect(page.locator("h1")).to_contain_text("15,403 rows are imported")
        run = ImportRun.objects.get()
        upload(page, file)
        page.click("button:has-text('Import 15,403 rows')")
        expect(page.locator("h1")).to_contain_text("Nothing changed")
    shots.visit(f"/imports/{run.pk}/", "loop-import")

    # 3. Budgets exist; the daily check finds the falling return by itself, one alert for its owner.
    Campaign.objects.update(owner=cast.manager)
    plan(cast)
    daily_check(now=datetime.now(UTC))
    deliver_everything()
    alert = Alert.objects.get(campaign__name="camp 1")
    assert alert.owner == cast.manager

    # 4. The manager reads the advice, changes the amount and sends it for approval.
    shots.sign_in(cast.manager)
    shots.visit(f"/alerts/{alert.pk}/", "loop-alert")
    assert Recommendation.objects.exists()
    advice = Recommendation.objects.get(finding=alert.finding)
    shots.visit(f"/insights/recommendations/{advice.pk}/", "loop-advice")
    with shots.page() as page:
        page.goto(f"/alerts/{alert.pk}/")
        page.click("text=Read and decide")
        page.fill("[name=amount]", "400.00")
        page.fill("[name=reason]", "Camp 1 has lost half of its return since April.")
        page.click("text=Send for approval")
        page.wait_for_url("**/approvals/*/")
    asked = ChangeRequest.objects.get()
    total = sum(
        LedgerAccount.objects.exclude(budget_line=None).values_list("balance_micros", flat=True)
    )

    # The director gets a mail whose link decides nothing, and approves at phone width.
    mail.outbox.clear()
    OutboxItem.objects.filter(kind="automation.mail").update(state="pending")
    deliver_everything()
    shots.sign_in(cast.director)
    shots.visit("/approvals/", "loop-inbox")
    shots.visit(f"/approvals/{asked.pk}/", "loop-request")
    with shots.page(width=390) as page:
        page.goto(f"/approvals/{asked.pk}/")
        page.click("button:has-text('Approve')")
        if page.locator("dialog[open] button.btn-primary").count():
            page.click("dialog[open] button.btn-primary")
        page.wait_for_load_state("networkidle")
    deliver_everything()
    asked.refresh_from_db()
    assert asked.state == "executed"

    # The ledger moved exactly once, the plan changed, the file is ready, the change is logged.
    assert LedgerTransaction.objects.filter(key=f"request:{asked.pk}").count() == 1
    balances = LedgerAccount.objects.exclude(budget_line=None).values_list(
        "balance_micros", flat=True
    )
    assert sum(balances) == total
    assert BulkFile.objects.filter(request_id=asked.pk).exists()
    logged = Optimisation.objects.filter(request_id=asked.pk)
    assert {entry.campaign.name for entry in logged} >= {"camp 1"}
    shots.sign_in(cast.manager)
    camp = Campaign.objects.get(name="camp 1")
    shots.visit(f"/campaigns/{camp.pk}/?period=FY2020", "loop-campaign")
    shots.visit("/campaigns/?period=FY2020", "loop-campaigns")
    shots.visit("/?period=FY2020", "loop-home")
