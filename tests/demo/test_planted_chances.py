"""What decides who converts at the trade desk is planted, and the product finds it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from customers.models import Lead, Opportunity
from demo.company.people import found_company
from demo.company.prospects import LEADS, chances_first, plan_prospects, planted_chances_truth
from demo.company.records import Company
from demo.company.timeline import Moments, Timeline
from insights.models import FeatureTable, ModelVersion, Score
from tests.demo.markets import market

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.feature("13.2", "10.1")]


def build() -> None:
    """Only the people and the desk of the demo company, and the chances of last night."""
    company = Company(market(), Moments(NOW, ZoneInfo("Europe/Berlin")), Timeline())
    found_company(company)
    plan_prospects(company)
    company.timeline.run(lambda *_: None)
    chances_first(NOW)


def test_the_desk_has_enough_for_leads_and_too_little_for_the_rest() -> None:
    build()
    assert Lead.objects.count() == LEADS
    assert 150 < Opportunity.objects.count() < 600
    leads = ModelVersion.objects.get(kind="leads")
    planted, said = planted_chances_truth(), leads.scores
    assert leads.reason == ""
    assert leads.rows >= 1_000
    assert said["positives"] >= 120
    assert said["auc_low"] > 0.6
    by_name = {one["name"]: one for one in said["factors"]}
    for name in ("origin", "industry"):
        assert (by_name[name]["raises"], by_name[name]["lowers"]) == (
            planted[name]["raises"], planted[name]["lowers"],
        )  # fmt: skip
    weakest = min(by_name[name]["strength"] for name in ("origin", "industry"))
    assert all(by_name[name]["strength"] < weakest for name in ("country",) if name in by_name)
    assert Score.objects.filter(kind="leads").count() > 60
    for kind in ("churn", "expansion"):
        assert ModelVersion.objects.get(kind=kind).reason == "too_few_rows"
    assert FeatureTable.objects.get(kind="leads").rows == leads.rows
