"""Numbers and targets over the API."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from metrics.models import Target
from tests.cast import Cast
from tests.world import load_days, make_campaign, make_line

Ask = Callable[..., Any]


@pytest.fixture
def api() -> Ask:
    def ask(user: User, method: str, path: str, data: Any = None, **query: Any) -> Any:
        client = APIClient()
        client.force_authenticate(user)
        if method == "get":
            return client.get(f"/api/v1/{path}", query)
        return getattr(client, method)(f"/api/v1/{path}", data, format="json")

    return ask


@pytest.fixture
def campaign_pk(cast: Cast) -> int:
    line = make_line(cast, make_campaign(cast, "Winter"), channel="email")
    days: Any = {"2026-10-01": {"spend": "12.5", "revenue": "50", "clicks": 8, "impressions": 100}}
    load_days(line, days)
    return line.campaign_id


def test_the_query_answers_like_the_command(cast: Cast, api: Ask, campaign_pk: int) -> None:
    found = api(
        cast.manager, "get", "query/", metrics="spend,roas", by="campaign,month", period="2026-10",
        channel="email",
    )  # fmt: skip
    assert found.status_code == 200
    body = found.json()
    assert body["rows"] == [
        {
            "campaign": "Winter",
            "campaign_id": campaign_pk,
            "month": "2026-10",
            "spend": "12.50",
            "roas": "4",
        }
    ]
    assert body["totals"] == {"spend": "12.50", "roas": "4"}
    assert body["currency"] == "EUR"
    assert body["as_of"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"metrics": "roi", "period": "2026-10"}, "unknown_metric"),
        ({"metrics": "clicks"}, "invalid"),
        ({"metrics": "clicks", "period": "2026-10", "chanel": "email"}, "unknown_dimension"),
        ({"metrics": "clicks", "period": "2026-10", "as_of": "soon"}, "invalid"),
        ({"metrics": "clicks", "period": "2026-10", "limit": "-1"}, "invalid"),
        ({"metrics": "clicks", "period": "2026-10", "by": "weather"}, "unknown_dimension"),
    ],
)
def test_a_wrong_question_is_refused_in_the_one_shape(
    cast: Cast, api: Ask, asked: dict[str, str], code: str
) -> None:
    found = api(cast.manager, "get", "query/", **asked)
    assert found.status_code == 422
    assert found.json()["error"]["code"] == code


@pytest.mark.feature("9.6")
def test_scope_and_money_hold_over_the_api(cast: Cast, api: Ask, campaign_pk: int) -> None:
    asked = {"metrics": "clicks", "period": "2026-10"}
    assert api(cast.other_manager, "get", "query/", **asked).json()["totals"] == {"clicks": None}
    assert api(cast.admin, "get", "query/", **asked).json()["totals"] == {"clicks": 8}
    refused = api(cast.admin, "get", "query/", metrics="spend", period="2026-10")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "no_money")
    assert api(cast.nobody, "get", "query/", **asked).status_code == 403
    assert "spend" not in {metric["key"] for metric in api(cast.admin, "get", "metrics/").json()}


def test_the_registry(cast: Cast, api: Ask) -> None:
    roas = next(m for m in api(cast.manager, "get", "metrics/").json() if m["key"] == "roas")
    assert roas["formula"] == "Revenue ÷ Spend"
    assert (roas["unit"], roas["direction"], roas["tier"]) == ("ratio", "up", "cmo")
    assert roas["parents"] == ["revenue", "cost_share"]


def test_targets_are_set_listed_changed_and_retired(cast: Cast, api: Ask, campaign_pk: int) -> None:
    new = {
        "metric": "ctr",
        "team": cast.dach.pk,
        "campaign": campaign_pk,
        "value": "0.031",
        "first_day": "2026-10-01",
        "last_day": "2026-10-31",
        "owner": cast.manager.pk,
    }
    made = api(cast.manager, "post", "targets/", new)
    assert made.status_code == 201
    body = made.json()
    assert (body["value"], body["currency"], body["campaign_name"]) == ("0.031", None, "Winter")
    assert body["progress"]["status"] == "achieved"
    assert body["progress"]["actual"] == "0.08"
    assert Target.objects.get().value_micros == 31_000
    assert api(cast.manager, "post", "targets/", new).status_code == 409
    pk = body["id"]
    changed = api(cast.manager, "patch", f"targets/{pk}/", {"value": "0.2", "reason": "Season"})
    assert changed.json()["progress"]["status"] == "missed"
    listed = api(cast.manager, "get", "targets/", campaign=campaign_pk).json()
    assert [target["id"] for target in listed["results"]] == [pk]
    assert api(cast.manager, "get", "targets/", running_on="2026-11-01").json()["results"] == []
    assert api(cast.analyst, "get", f"targets/{pk}/").status_code == 200
    retired = api(cast.manager, "post", f"targets/{pk}/retire/", {"reason": "Merged"})
    assert retired.json()["is_retired"]
    assert api(cast.manager, "get", "targets/").json()["results"] == []


def test_targets_of_others_are_out_of_reach(cast: Cast, api: Ask, campaign_pk: int) -> None:
    new = {
        "metric": "ctr",
        "team": cast.uk.pk,
        "campaign": campaign_pk,
        "value": "0.031",
        "first_day": "2026-10-01",
        "last_day": "2026-10-31",
        "owner": cast.manager.pk,
    }
    # Another team is not there for her, as one that never was.
    assert api(cast.uk_manager, "post", "targets/", new).status_code == 400
    assert api(cast.analyst, "post", "targets/", new).status_code == 403
    mine = api(cast.manager, "post", "targets/", new | {"team": cast.dach.pk}).json()["id"]
    for method in ("get", "patch"):
        assert api(cast.uk_manager, method, f"targets/{mine}/", {}).status_code == 404
    assert api(cast.analyst, "patch", f"targets/{mine}/", {"value": "1"}).status_code == 403
    unlisted = api(
        cast.manager, "patch", f"targets/{mine}/", {"is_retired": True, "team": cast.uk.pk}
    )
    assert unlisted.status_code == 200
    target = Target.objects.get(pk=mine)
    assert (target.is_retired, target.team) == (False, cast.dach)
