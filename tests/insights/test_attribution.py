"""Attribution over customer records: credit to the micro, lookback, accounts, what is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.models import Event
from core.money import MICROS
from customers.choices import Entity, Outcome
from demo.market.journeys import planted_journeys_truth
from insights.models import AttributionRun, Conversion
from insights.rules.attribution import Asked, Level, roi
from insights.selectors.attribution import attribution_runs, shown_run
from insights.services.journeys import attribution_run
from tests.cast import Cast
from tests.insights.club import LAST_DAY, Rows, load, load_club, payment, touch
from tests.world import AT

pytestmark = pytest.mark.django_db


def run(cast: Cast, kind: str = Conversion.PAYMENT, **asked: Any) -> AttributionRun:
    """A run of DACH up to the last day."""
    made = attribution_run(
        team=cast.dach, conversion=kind, asked=replace(Asked(), **asked), user=cast.manager, at=AT
    )
    assert made is not None
    return made


def credit(made: AttributionRun, model: str) -> dict[str, float]:
    """Conversions by channel."""
    found = made.record["models"][model]["conversions"]
    return {
        name: micros / MICROS for name, micros in zip(made.record["channels"], found, strict=True)
    }


@pytest.mark.feature("6.2")
@pytest.mark.feature("6.4")
@pytest.mark.feature("13.4")
def test_credits_add_up_to_every_conversion_and_every_cent(cast: Cast) -> None:
    load_club(cast, most=5)
    made = run(cast, Conversion.CUSTOMER)
    attributed = made.conversions - made.unattributed
    assert made.conversions > 80
    for name, model in made.record["models"].items():
        assert sum(model["conversions"]) == attributed * MICROS, name
        assert sum(model["value"]) + made.unattributed_value_micros == made.value_micros, name
    assert len(made.record["models"]) == 9
    assert made.last_day == LAST_DAY


@pytest.mark.feature("6.3")
def test_the_planted_removal_effects_are_found(cast: Cast) -> None:
    load_club(cast, most=2)
    made = run(cast, Conversion.CUSTOMER)
    truth, found = planted_journeys_truth(), made.record["models"]["markov"]
    effects = dict(zip(made.record["channels"], found["removal"], strict=True))
    assert set(effects) == set(truth["channels"])
    for channel, effect in truth["removal_effect"].items():
        assert effects[channel] == pytest.approx(effect, abs=0.07), channel
    firm = made.record["firmness"]["models"]["markov"]
    inside = [
        low - 0.02 <= truth["credit"][name] <= high + 0.02
        for name, low, high in zip(made.record["channels"], firm["low"], firm["high"], strict=True)
    ]
    assert sum(inside) >= 5
    assert made.unattributed / made.conversions == pytest.approx(truth["unattributed"], abs=0.04)
    assert made.disagreement is not None
    assert made.disagreement > 0.03


@pytest.mark.feature("6.1")
def test_what_nothing_led_to_is_unattributed(cast: Cast) -> None:
    rows: Rows = {
        Entity.TOUCH: [
            touch("1", "a", "2026-11-01 09:00", "Email"),
            touch("2", "a", "2026-11-02 09:00", "Direct"),
        ],
        Entity.PAYMENT: [
            payment("p1", "a", "2026-11-03 09:00", "80.10"),
            payment("p2", "b", "2026-11-04 09:00", "19.90"),
            payment("p3", "", "2026-11-05 09:00", "5.00"),
        ],
    }
    load(cast.dach, rows)
    made = run(cast)
    assert (made.conversions, made.unattributed) == (3, 2)
    assert made.unattributed_value_micros == 24_900_000
    assert credit(made, "first") == {"Direct": 0, "Email": 1}
    assert credit(made, "last") == {"Direct": 1, "Email": 0}
    assert credit(made, "last_non_direct") == {"Direct": 0, "Email": 1}
    assert "too_few_conversions" in made.record["reasons"]
    assert shown_run(made).is_thin


@pytest.mark.feature("6.2")
def test_touches_count_within_the_lookback_of_their_kind(cast: Cast) -> None:
    rows: Rows = {
        Entity.TOUCH: [
            touch("1", "a", "2026-10-01 09:00", "Trade fair"),
            touch("2", "a", "2026-10-10 09:00", "Email"),
            touch("3", "a", "2026-11-01 09:00", "Banner view"),
            touch("4", "a", "2026-11-08 09:00", "Social"),
        ],
        Entity.PAYMENT: [payment("p1", "a", "2026-11-10 09:00", "10")],
    }
    load(cast.dach, rows)
    # The fair is 40 days old and offline (90); the mail 31 and clicked (30); the view 9 (1).
    assert credit(run(cast), "linear") == {
        "Banner view": 0, "Email": 0, "Social": 0.5, "Trade fair": 0.5
    }  # fmt: skip
    wider = credit(run(cast, click=31.0, view=9.0), "linear")
    assert set(wider.values()) == {0.25}


@pytest.mark.feature("6.2")
def test_people_of_one_account_have_one_journey_where_accounts_decide(cast: Cast) -> None:
    rows: Rows = {
        Entity.ACCOUNT: [{"number": "77", "name": "Fell Ltd"}],
        Entity.CONTACT: [
            {"number": "900", "email": "one@example.com", "account_ref": "77"},
            {"number": "901", "email": "two@example.com", "account_ref": "77"},
        ],
        Entity.TOUCH: [
            touch("1", "900", "2026-10-20 09:00", "Webinar"),
            touch("2", "901", "2026-10-25 09:00", "Email"),
        ],
        Entity.OPPORTUNITY: [
            {"number": "1", "account_ref": "77", "contact_refs": ["901"], "stage": "Won",
             "outcome": Outcome.WON, "amount_micros": 500 * MICROS, "currency": "EUR",
             "created_at": AT.replace(day=1), "closes_at": AT.replace(day=3)},
        ],
    }  # fmt: skip
    load(cast.dach, rows, at=AT.replace(day=2))
    alone = run(cast, Conversion.WON, level=Level.PERSON)
    assert credit(alone, "linear") == {"Email": 1, "Webinar": 0}
    together = run(cast, Conversion.WON, level=Level.ACCOUNT)
    assert credit(together, "linear") == {"Email": 0.5, "Webinar": 0.5}
    assert together.value_micros == 500 * MICROS


@pytest.mark.feature("6.2")
def test_own_people_own_brand_and_chosen_channels_are_left_out(cast: Cast) -> None:
    rows: Rows = {
        Entity.CONTACT: [{"number": "1", "lifecycle": "Employee"}, {"number": "2"}],
        Entity.TOUCH: [
            touch("1", "1", "2026-11-01 09:00", "Email"),
            touch("2", "2", "2026-11-01 09:00", "Search", campaign_name="Own BRAND"),
            touch("3", "2", "2026-11-02 09:00", "Internal link"),
            touch("4", "2", "2026-11-03 09:00", "Newsletter"),
        ],
        Entity.PAYMENT: [
            payment("p1", "1", "2026-11-05 09:00", "10"),
            payment("p2", "2", "2026-11-05 09:00", "10"),
        ],
    }
    load(cast.dach, rows)
    made = run(
        cast, brand=("brand",), left_out=("internal link",), groups=(("Newsletter", "Mail"),)
    )
    assert made.conversions == 1
    assert credit(made, "linear") == {"Mail": 1}


def test_an_earlier_conversion_keeps_its_touches(cast: Cast) -> None:
    rows: Rows = {
        Entity.TOUCH: [
            touch("1", "a", "2026-08-20 09:00", "Email"),
            touch("2", "a", "2026-09-10 09:00", "Social"),
        ],
        Entity.PAYMENT: [
            payment("p1", "a", "2026-08-21 09:00", "10"),
            payment("p2", "a", "2026-09-12 09:00", "10"),
        ],
    }
    load(cast.dach, rows)
    found = credit(run(cast, days=80, click=90.0), "linear")
    assert {name: share for name, share in found.items() if share} == {"Social": 1}
    # As first payments there is none in these days.
    assert run(cast, Conversion.CUSTOMER, days=80).conversions == 0


def test_a_run_is_kept_with_its_data_and_one_event(cast: Cast) -> None:
    load_club(cast, most=9)
    first, again = run(cast, Conversion.CUSTOMER), run(cast, Conversion.CUSTOMER)
    assert first.data_sha256 == again.data_sha256
    assert first.record["models"] == again.record["models"]
    assert Event.objects.filter(action="attribution.ran").count() == 2
    same = attribution_run(
        team=cast.dach, conversion=Conversion.CUSTOMER, asked=Asked(), user=None, at=AT, only_new=True
    )  # fmt: skip
    assert same is None


@pytest.mark.feature("6.1")
def test_a_manager_sees_runs_of_their_own_teams_only(cast: Cast) -> None:
    load_club(cast, most=20)
    made = run(cast, Conversion.CUSTOMER)
    assert list(attribution_runs(cast.manager)) == [made]
    assert list(attribution_runs(cast.director)) == [made]
    assert not attribution_runs(cast.other_manager)
    assert not attribution_runs(cast.uk_manager)


@pytest.mark.feature("6.4")
def test_return_is_what_the_margin_leaves_over_the_cost() -> None:
    found = roi(400 * MICROS, 100 * MICROS, 46)
    assert found is not None
    assert float(found) == pytest.approx((400 * 0.46 - 100) / 100)
    assert roi(400, 0, 46) is None
    assert roi(400, None, 46) is None
