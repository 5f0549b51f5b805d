"""The pages of attribution, journeys, lifetime value and impact, and the same over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import clock, outbox
from core.models import Event, OutboxItem
from insights.models import AnalysisPlan, AttributionRun, Conversion
from insights.rules.attribution import Asked
from insights.services.journeys import (
    LIFETIME,
    analyses_nightly,
    attribution_run,
    lifetime_run,
    plan_for,
)
from tests.cast import Cast
from tests.insights.club import load_club
from tests.sign_in import signed_in
from tests.world import AT, load_steady

pytestmark = pytest.mark.django_db


@pytest.fixture
def club(cast: Cast) -> Cast:
    """A run of DACH, with spend of 90 days and more conversions claimed than there are."""
    for line in load_club(cast, most=6).values():
        load_steady(line, "2026-08-24", 89, spend="40", conversions=6, revenue="500")
    asked = Asked(margin=46)
    attribution_run(team=cast.dach, conversion=Conversion.CUSTOMER, asked=asked, user=None, at=AT)
    return cast


def page_of(client: Client, name: str, **query: Any) -> str:
    answer = client.get(reverse(f"insights:{name}"), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.feature("6.3")
@pytest.mark.feature("6.4")
def test_the_title_names_a_channel_by_two_models(club: Cast) -> None:
    text = page_of(signed_in(club.manager), "attribution")
    assert "of first payments by last touch" in text
    assert "by Markov" in text
    assert "(revenue × margin − cost) ÷ cost" in text
    assert "Platforms claim" in text
    assert "Unattributed: no touch in the lookback" in text


@pytest.mark.feature("6.1")
def test_only_teams_in_sight_are_shown(club: Cast) -> None:
    run = AttributionRun.objects.get()
    other = signed_in(club.other_manager)
    assert "No run yet" in page_of(other, "attribution")
    assert "No run yet" in page_of(other, "attribution", run=run.pk)
    assert "No run yet" in page_of(other, "journeys", team=club.dach.pk)
    assert other.get(reverse("api-attribution")).json()["run"] is None
    assert other.get(reverse("api-attribution"), {"run": run.pk}).status_code == 404
    assert other.get(reverse("api-journeys"), {"run": run.pk}).status_code == 404


@pytest.mark.feature("6.6")
def test_journeys_say_how_long_it_takes_and_name_nobody(club: Cast) -> None:
    text = page_of(signed_in(club.manager), "journeys")
    assert "Half of first payments take at most" in text
    assert "Converts in the end" in text
    assert "Of the stage before" in text
    told = AttributionRun.objects.get().record["journeys"]
    assert sum(times for step, _, _, times, _ in told["links"] if step == 0) == told["journeys"]
    assert sum(told["by_days"]) == told["n"]
    for row in told["next"]:
        assert sum(share for _, share in row["then"]) + row["converts"] + row["ends"] == pytest.approx(1)  # fmt: skip
    assert "m4" not in str(AttributionRun.objects.get().record["journeys"]["paths"])


@pytest.mark.feature("6.4")
def test_the_api_answers_what_the_page_shows(club: Cast) -> None:
    client = signed_in(club.manager)
    found = client.get(reverse("api-attribution"), {"model": "linear"}).json()
    assert found["model"] == "linear"
    total = sum(float(row["value"]["amount"]) for row in found["channels"])
    assert total == pytest.approx(float(found["attributed_value"]["amount"]), abs=1e-6)
    assert len(found["channels"][0]["shares"]) == 9
    assert client.get(reverse("api-journeys")).json()["journeys"] > 50
    assert client.get(reverse("api-attribution-runs")).json()["count"] == 1
    moves = client.get(reverse("api-impact")).json()
    assert moves["warning"].startswith("Correlation is not an effect")


@pytest.mark.feature("6.2")
def test_a_run_of_ones_own_is_ordered_followed_and_kept(club: Cast) -> None:
    client = signed_in(club.manager)
    asked = {"team": str(club.dach.pk), "kind": "customer"}
    form = client.get(reverse("insights:analysis-new"), asked)
    assert form.status_code == 200
    sent = {
        "team": club.dach.pk, "kind": "customer", "days": 60, "click": 14, "view": 1, "offline": 60,
        "half_life": 5, "position": "u", "level": "person", "direct": "Direct", "model": "shapley",
        "cost": "team", "margin": 40, "staff": "employee", "groups": "Social = Paid\nDisplay = Paid",
        "total": "10,000.00", "standard": "on",
    }  # fmt: skip
    answer = client.post(reverse("insights:analysis-new"), sent)
    assert answer.status_code == 302
    item = OutboxItem.objects.get(kind="insights.journeys")
    assert "being computed" in client.get(answer["Location"]).content.decode()
    assert outbox.deliver(item.pk, now=clock.now())
    shown = client.get(answer["Location"])
    text = client.get(shown["Location"]).content.decode()
    assert "Records against finance" in text
    assert "Paid" in text
    assert plan_for(club.dach, "customer").groups == (("Social", "Paid"), ("Display", "Paid"))
    assert Event.objects.filter(action="analysis.settings_changed").count() == 1
    assert signed_in(club.uk_manager).get(answer["Location"]).status_code == 404


def test_settings_that_cannot_be_are_refused(club: Cast) -> None:
    client = signed_in(club.manager)
    wrong = {"team": club.dach.pk, "kind": "customer", "settings": {"days": 0}}
    answer = client.post(reverse("api-analyses"), wrong, content_type="application/json")
    assert answer.status_code == 422
    assert "days" in answer.json()["error"]["message"]
    elsewhere = {"team": club.us.pk, "kind": "customer"}
    refused = client.post(reverse("api-analyses"), elsewhere, content_type="application/json")
    assert refused.status_code in {400, 403, 404}
    assert not AnalysisPlan.objects.exists()


def test_every_night_each_team_with_touches_gets_its_runs(club: Cast) -> None:
    ordered = analyses_nightly(now=AT)["ordered"]
    # DACH, Europe and the company: first payments, payments, lifetime value.
    assert ordered == 9
    assert analyses_nightly(now=AT)["ordered"] == 9
    assert OutboxItem.objects.filter(kind="insights.journeys").count() == 9


@pytest.mark.feature("6.5")
@pytest.mark.feature("6.7")
@pytest.mark.feature("13.5")
def test_lifetime_value_by_channel_with_cost_and_payback(club: Cast) -> None:
    made = lifetime_run(team=club.dach, asked=Asked(days=730, margin=46), user=None, at=AT)
    assert made is not None
    client = signed_in(club.manager)
    text = page_of(client, "lifetime")
    assert "Customers won by" in text or "Too few customers known for long enough" in text
    assert "Value : cost" in text
    found = client.get(reverse("api-lifetime")).json()
    assert sum(one["customers"] for one in found["channels"]) == made.customers
    assert {"90", "180", "365"} <= set(found["channels"][0]["values"])
    assert plan_for(club.dach, LIFETIME).days == 730


@pytest.mark.feature("6.8")
def test_impact_puts_what_was_measured_first_and_warns(club: Cast) -> None:
    text = page_of(signed_in(club.director), "impact", team=club.dach.pk)
    assert "Correlation is not an effect" in text
    assert text.index("Effects that were measured") < text.index("What moves together")


def test_what_was_not_run_yet_says_what_to_do(cast: Cast) -> None:
    client = signed_in(cast.manager)
    for name in ("attribution", "journeys", "lifetime"):
        assert "No run yet" in page_of(client, name)
    assert "No effect has been measured yet" in page_of(client, "impact")


def test_tables_are_exported_with_their_filters(club: Cast) -> None:
    client = signed_in(club.manager)
    for name, table in (("attribution", "returns"), ("attribution", "runs"), ("journeys", "next"), ("impact", "moves")):  # fmt: skip
        answer = client.get(reverse(f"insights:{name}"), {"export": "csv", "table": table})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/csv")
