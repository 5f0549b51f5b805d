"""Pages of goals: what they say, who may open them, and how many queries they cost."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from accounts.models import User
from core.models import Organisation
from metrics.models import Target
from metrics.services import target_set
from tests.cast import Cast
from tests.world import AT, TODAY, load_steady, make_campaign, make_line

FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)
GONE = (TODAY - FIRST).days

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def frozen() -> Any:
    with travel(AT, tick=False):
        yield


@pytest.fixture
def open_as(client: Client) -> Callable[..., Any]:
    def get(user: User, name: str, *args: Any, **query: Any) -> Any:
        client.force_login(user)
        return client.get(reverse(f"metrics:{name}", args=args), query)

    return get


@pytest.fixture
def post_as(client: Client) -> Callable[..., Any]:
    def post(user: User, name: str, *args: Any, **data: Any) -> Any:
        client.force_login(user)
        return client.post(reverse(f"metrics:{name}", args=args), data)

    return post


@pytest.fixture
def target(cast: Cast) -> Target:
    line = make_line(cast, make_campaign(cast, "Winter Layers"))
    load_steady(line, FIRST - timedelta(days=20), GONE + 20, revenue="100", spend="25", clicks=4)
    return target_set(
        metric="revenue",
        team=cast.dach,
        campaign=line.campaign,
        first_day=FIRST,
        last_day=LAST,
        value_micros=20_000_000_000,
        currency="EUR",
        owner=cast.manager,
        at=AT,
    )


@pytest.mark.feature("1.3", "1.13")
def test_the_list_says_how_many_are_behind_and_by_how_much(
    cast: Cast, target: Target, open_as: Callable[..., Any]
) -> None:
    shown = open_as(cast.manager, "goals").content.decode()
    assert "1 of 1 target is behind" in shown
    for text in ("Winter Layers", "Revenue", "€20k", "€5.2k", "Behind", "Jonas Weber"):
        assert text in shown


@pytest.mark.feature("1.3")
def test_one_target_in_full(cast: Cast, target: Target, open_as: Callable[..., Any]) -> None:
    shown = open_as(cast.director, "goal", target.pk).content.decode()
    assert "26 % of the target is reached after 52 of 92 days" in shown.replace("\u202f", " ")
    for text in ("At the recent rate it ends at", "simulated endings", "History", "Adroit"):
        assert text in shown


def test_the_tree_shows_every_metric_with_formula_and_figures(
    cast: Cast, target: Target, open_as: Callable[..., Any]
) -> None:
    shown = open_as(cast.manager, "tree").content.decode()
    for text in ("Board", "Marketing leadership", "Director", "Operations"):
        assert text in shown
    assert "Revenue ÷ Spend" in shown
    assert "4.00×" in shown
    assert "Last updated" in shown


@pytest.mark.feature("1.7")
def test_a_metric_can_be_followed_down_to_campaigns(
    cast: Cast, target: Target, open_as: Callable[..., Any]
) -> None:
    board = open_as(cast.manager, "metric", "revenue").content.decode()
    assert reverse("metrics:metric", args=["roas"]) in board
    roas = open_as(cast.manager, "metric", "roas", by="campaign").content.decode()
    assert "Winter Layers" in roas
    assert "4.00×" in roas
    assert open_as(cast.manager, "metric", "nonsense").status_code == 404


def test_who_may_open_what(cast: Cast, target: Target, open_as: Callable[..., Any]) -> None:
    assert open_as(cast.uk_manager, "goal", target.pk).status_code == 404
    assert open_as(cast.admin, "goal", target.pk).status_code == 404
    assert open_as(cast.admin, "metric", "spend").status_code == 404
    assert open_as(cast.admin, "metric", "ctr").status_code == 200
    assert "€" not in open_as(cast.admin, "tree").content.decode()
    assert "Winter Layers" not in open_as(cast.uk_manager, "goals").content.decode()
    assert open_as(cast.auditor, "goals").status_code == 200
    for name in ("goals", "tree"):
        assert open_as(cast.nobody, name).status_code == 403
    assert open_as(cast.analyst, "create").status_code == 403
    assert open_as(cast.director, "edit", target.pk).status_code == 200


def test_setting_changing_and_retiring_by_form(
    cast: Cast, target: Target, post_as: Callable[..., Any], open_as: Callable[..., Any]
) -> None:
    new = {
        "metric": "ctr",
        "team": cast.dach.pk,
        "campaign": target.campaign_id,
        "value": "3.1",
        "currency": "EUR",
        "first_day": "2026-10-01",
        "last_day": "2026-12-31",
        "tolerance_percent": 5,
        "owner": cast.manager.pk,
    }
    assert post_as(cast.manager, "create", **new).status_code == 302
    made = Target.objects.get(metric="ctr")
    assert (made.value_micros, made.currency) == (31_000, "")
    again = post_as(cast.manager, "create", **new)
    assert again.status_code == 422
    assert "already" in again.content.decode()
    change = {k: new[k] for k in ("first_day", "last_day", "tolerance_percent", "owner")}
    change |= {"value": "3.5", "reason": "The season began early"}
    assert post_as(cast.manager, "edit", made.pk, **change).status_code == 302
    made.refresh_from_db()
    assert made.value_micros == 35_000
    shown = open_as(cast.manager, "goal", made.pk).content.decode().replace("\u202f", " ")
    assert "value: 3.1 % → 3.5 % · The season began early" in shown
    assert post_as(cast.manager, "retire", made.pk, reason="Merged").status_code == 302
    made.refresh_from_db()
    assert made.is_retired


def test_a_manager_sets_targets_only_for_own_campaigns(
    cast: Cast, target: Target, post_as: Callable[..., Any]
) -> None:
    wrong = {
        "metric": "ctr",
        "team": cast.dach.pk,
        "value": "3",
        "currency": "EUR",
        "first_day": "2026-10-01",
        "last_day": "2026-12-31",
        "tolerance_percent": 5,
        "owner": cast.manager.pk,
    }
    assert post_as(cast.manager, "create", **wrong).status_code == 422
    assert post_as(cast.director, "create", **wrong).status_code == 302


def test_the_list_exports_what_it_shows(
    cast: Cast, target: Target, open_as: Callable[..., Any]
) -> None:
    answer = open_as(cast.manager, "goals", export="csv")
    told = b"".join(answer) if answer.streaming else answer.content
    assert "Winter Layers" in told.decode() or "Revenue" in told.decode()
    assert open_as(cast.admin, "goals", export="csv").status_code == 403


def test_filters_offer_and_keep_only_what_is_in_sight(
    cast: Cast, target: Target, open_as: Callable[..., Any]
) -> None:
    hidden = make_campaign(cast, "Hidden", team=cast.us, owner=cast.other_manager)
    assert "Hidden" not in open_as(cast.manager, "goals").content.decode()
    found = open_as(cast.manager, "goals", campaign=hidden.pk)
    assert found.status_code == 200


@pytest.mark.parametrize("name", ["goals", "tree"])
def test_queries_do_not_grow_with_targets(
    cast: Cast, target: Target, open_as: Callable[..., Any], name: str
) -> None:
    Organisation.current()
    open_as(cast.director, name)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert open_as(cast.director, name).status_code == 200
        return len(queries)

    before = count()
    for number in range(5):
        target_set(
            metric="revenue",
            team=cast.dach,
            campaign=target.campaign,
            first_day=FIRST + timedelta(days=number + 1),
            last_day=LAST,
            value_micros=1_000_000,
            currency="EUR",
            owner=cast.director,
            at=AT,
        )
    assert count() <= before
