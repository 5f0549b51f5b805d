"""Targets go back with the moment of the page: their values, the retired ones, and those set since."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from core.known import as_known
from metrics.models import Target
from metrics.selectors import as_they_stood, in_force, retired, target_progress, targets_visible
from metrics.services import target_edit, target_retire, target_set
from tests.cast import Cast
from tests.integrations.test_pages import browser
from tests.world import AT, TODAY, make_campaign

pytestmark = [pytest.mark.feature("1.3"), pytest.mark.django_db]
FIRST, SECOND, THIRD = (AT - timedelta(days=days) for days in (30, 20, 10))


def make(cast: Cast, at: datetime = FIRST, **more: Any) -> Target:
    fields: dict[str, Any] = {
        "metric": "clicks", "team": cast.dach, "value_micros": 100_000_000, "owner": cast.director,
        "first_day": date(2026, 10, 1), "last_day": date(2026, 12, 31), "user": cast.director,
    }  # fmt: skip
    return target_set(at=at, **(fields | more))


def values(cast: Cast, at: datetime | None) -> list[int]:
    with as_known(at):
        rows = targets_visible(cast.director).filter(in_force())
        return sorted(t.value_micros // 1_000_000 for t in as_they_stood(rows))


def test_a_changed_value_is_what_it_was_between_two_changes(cast: Cast) -> None:
    target = make(cast)
    for at, value in ((SECOND, 200), (THIRD, 300)):
        target_edit(target=target, user=cast.director, at=at, value_micros=value * 1_000_000)
    moments = (FIRST + timedelta(days=1), SECOND, SECOND + timedelta(days=1), None)
    assert [values(cast, at) for at in moments] == [[100], [200], [200], [300]]
    assert Target.objects.get().value_micros == 300_000_000


def test_days_and_tolerance_go_back_too(cast: Cast) -> None:
    target = make(cast)
    target_edit(
        target=target,
        user=cast.director,
        at=THIRD,
        last_day=date(2026, 11, 30),
        tolerance_percent=9,
    )
    (then,) = as_they_stood([Target.objects.get()], SECOND)
    assert (then.last_day, then.tolerance_percent) == (date(2026, 12, 31), 5)


def test_a_target_is_not_there_before_it_was_set_and_still_there_before_it_was_retired(
    cast: Cast,
) -> None:
    old = make(cast)
    make(cast, at=THIRD, metric="ctr", value_micros=5_000_000)
    target_retire(target=old, user=cast.director, at=THIRD, reason="New plan")
    assert values(cast, SECOND) == [100]
    assert values(cast, None) == [5]
    assert values(cast, FIRST - timedelta(days=1)) == []
    with as_known(SECOND):
        assert not targets_visible(cast.director).filter(retired()).exists()
    assert targets_visible(cast.director).filter(retired()).count() == 1


def test_progress_as_of_a_moment_is_against_the_value_of_then(cast: Cast) -> None:
    target = make(cast, campaign=make_campaign(cast))
    target_edit(target=target, user=cast.director, at=THIRD, value_micros=1_000_000)
    now = target_progress([Target.objects.get()], today=TODAY)
    then = target_progress([Target.objects.get()], today=SECOND.date(), as_of=SECOND)
    assert [int(found[0].target.value_micros) for found in (now, then)] == [1_000_000, 100_000_000]
    assert target_progress([target], today=FIRST.date(), as_of=FIRST - timedelta(days=2)) == []


def test_pages_and_the_api_answer_with_the_target_of_then(cast: Cast) -> None:
    target = make(cast)
    target_edit(target=target, user=cast.director, at=THIRD, value_micros=777_000_000)
    client, then = browser(cast.director), SECOND.isoformat()
    page, listed = reverse("metrics:goal", args=[target.pk]), reverse("metrics:goals")
    assert "777" in client.get(page).content.decode()
    for address in (page, listed):
        shown = client.get(address, {"as_of": then}).content.decode()
        assert "777" not in shown
        assert "100" in shown
    found = client.get(reverse("api-targets"), {"as_of": then}).json()["results"]
    assert [one["value"] for one in found] == ["100"]
