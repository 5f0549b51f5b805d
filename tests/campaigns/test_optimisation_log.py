"""The log of changes: object, before, after, hypothesis, expected effect, person, time."""

from datetime import UTC, date, datetime

import pytest

from campaigns import services
from campaigns.models import Campaign, Optimisation
from core.errors import Conflict
from tests.cast import Cast

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def _log(cast: Cast, campaign: Campaign, **more: object) -> Optimisation:
    fields: dict = {
        "campaign": campaign,
        "line": campaign.lines.get(),
        "kind": "bid",
        "what": "Target CPA in Search",
        "old_value": "€30.00",
        "new_value": "€28.00",
        "hypothesis": "Demand is strong enough.",
        "expected": (-1, 5, 9),
        "made_on": date(2026, 11, 20),
        "user": cast.manager,
        "at": NOW,
    }
    return services.optimisation_log(**fields | more)


@pytest.mark.feature("8.1")
def test_a_change_keeps_what_was_expected_of_it(cast: Cast, campaign: Campaign) -> None:
    entry = _log(cast, campaign)
    assert (entry.expected_low_micros, entry.expected_micros, entry.expected_high_micros) == (
        -1,
        5,
        9,
    )
    assert (entry.by, entry.old_value, entry.new_value) == (cast.manager, "€30.00", "€28.00")


def test_an_executed_request_is_logged_once(cast: Cast, campaign: Campaign) -> None:
    assert _log(cast, campaign, request_id=7).pk == _log(cast, campaign, request_id=7).pk
    assert Optimisation.objects.count() == 1


def test_taking_back_happens_once(cast: Cast, campaign: Campaign) -> None:
    entry = _log(cast, campaign)
    services.optimisation_undo(optimisation=entry, user=cast.manager, reason="no effect", at=NOW)
    with pytest.raises(Conflict):
        services.optimisation_undo(optimisation=entry, user=cast.manager, reason="again", at=NOW)
