"""Competitors: the page, what it says of bounds and changes, the records, the API, the past."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from metrics.models import Competitor
from metrics.services import competitor_create, competitor_edit
from tests.auctions import WEEK_1, WEEK_2, changed, weekly
from tests.cast import Cast
from tests.customers.files import bring_in
from tests.sign_in import signed_in
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.feature("14.1")]
LATER = AT + timedelta(hours=4)


def page(user: User, **query: str) -> Any:
    with time_machine.travel(LATER + timedelta(hours=1), tick=False):
        return signed_in(user).get(reverse("insights:competitors"), query)


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").split())


def api(user: User, name: str = "api-competition", **query: str) -> Any:
    client = APIClient()
    client.force_authenticate(user)
    with time_machine.travel(LATER + timedelta(hours=1), tick=False):
        return client.get(reverse(name), query).json()


def rival(user: User, name: str, **query: str) -> dict[str, Any]:
    found = api(user, **query)["rivals"]
    one: dict[str, Any] = next(rival for rival in found if rival["name"] == name)
    return one


def share(found: dict[str, Any], name: str) -> dict[str, Any]:
    one: dict[str, Any] = next(item for item in found["shares"] if item["share"] == name)
    return one


def test_the_title_says_who_shows_most_beside_us_and_how_it_moved(cast: Cast) -> None:
    bring_in(cast, weekly())
    shown = text(page(cast.director))
    assert "alpine.example shows in 42 % of our auctions, up 6 points" in shown
    assert "Against 2–8 Nov" in shown
    assert "+8 pt" in shown  # 30.5 to 38.5 %


def test_a_bound_is_never_written_or_counted_as_exact(cast: Cast) -> None:
    bring_in(cast, weekly())
    assert "under 10 %" in text(page(cast.director))
    found = rival(cast.director, "ridge.example")
    impressions = share(found, "impression_share")
    assert impressions["now"] == {"value": "0.100000", "bound": "below"}
    assert impressions["before"] == {"value": "0.105000", "bound": ""}
    assert impressions["change"] is None
    assert share(found, "overlap_rate")["change"] == "-0.007000"
    assert share(found, "abs_top_of_page_rate")["now"] is None
    drawn = page(cast.director).context["chart"]
    lines = {series.name: series.values for series in drawn.series}
    assert lines["ridge.example"][-1] is None


def test_a_week_without_the_one_before_has_no_change(cast: Cast) -> None:
    bring_in(cast, weekly(*changed(WEEK_1, "2026-11-02", "2026-10-26"), *WEEK_2))
    assert share(rival(cast.director, "alpine.example"), "overlap_rate")["change"] is None
    assert "up 6" not in text(page(cast.director))


def test_several_domains_are_one_competitor_shown_by_the_largest(cast: Cast) -> None:
    bring_in(cast, weekly())
    competitor_create(
        team=cast.dach, name="Alpine", domains=["alpine-shop.example", "Alpine.example "],
        user=cast.director, at=AT,
    )  # fmt: skip
    found = api(cast.director)
    assert [one["name"] for one in found["rivals"]] == ["We", "Alpine", "ridge.example"]
    assert found["unnamed"] == ["ridge.example"]
    alpine = rival(cast.director, "Alpine")
    assert alpine["domain"] == "alpine.example"
    assert share(alpine, "impression_share")["now"]["value"] == "0.385000"


def test_an_unknown_domain_is_offered_to_whoever_may_name_it(cast: Cast) -> None:
    bring_in(cast, weekly())
    link = f"?team={cast.dach.pk}&amp;domains=ridge.example"
    assert link in text(page(cast.director))
    assert link not in text(page(cast.manager))
    client = signed_in(cast.director)
    new = reverse("insights:competitor-new")
    assert 'value="ridge.example"' in text(client.get(new, {"domains": "ridge.example"}))
    client.post(new, {"team": cast.dach.pk, "name": "Ridge", "domains": "ridge.example\n"})
    made = Competitor.objects.get()
    assert [one.domain for one in made.domains.all()] == ["ridge.example"]
    edit = reverse("insights:competitor-edit", args=[made.pk])
    client.post(edit, {"name": "Ridge Ltd", "domains": "ridge.example, ridge.test", "note": "UK"})
    event = Event.objects.filter(action="competitor.changed").get()
    assert event.before == {"name": "Ridge", "domains": ["ridge.example"], "note": ""}
    assert event.after == {
        "name": "Ridge Ltd", "domains": ["ridge.example", "ridge.test"], "note": "UK",
    }  # fmt: skip
    assert signed_in(cast.uk_manager).get(edit).status_code in (403, 404)


def test_a_domain_belongs_to_one_competitor_of_a_team(cast: Cast) -> None:
    def create(name: str, *domains: str, user: User = cast.director) -> Competitor:
        return competitor_create(team=cast.dach, name=name, domains=domains, user=user, at=AT)

    first = create("Alpine", "alpine.example")
    with pytest.raises(Conflict, match="belongs to Alpine already"):
        create("Other", "alpine.example")
    with pytest.raises(Conflict, match="has a competitor “Alpine” already"):
        create("Alpine", "other.example")
    with pytest.raises(Invalid, match="is not a domain"):
        create("Other", "https://other.example/")
    with pytest.raises(Invalid, match="at least one domain"):
        create("Other", "  ")
    with pytest.raises(NotAllowed):
        create("Other", "other.example", user=cast.manager)
    count = Event.objects.count()
    competitor_edit(
        competitor=first, name="Alpine", domains=["alpine.example"], user=cast.director, at=AT
    )
    assert Event.objects.count() == count


def test_the_past_answers_as_it_did(cast: Cast) -> None:
    bring_in(cast, weekly())
    bring_in(cast, weekly(*changed(WEEK_2, "42%", "44%")), at=AT + timedelta(hours=2))
    assert "shows in 44 %" in text(page(cast.director))
    before = (AT + timedelta(hours=1)).isoformat()
    assert "shows in 42 %" in text(page(cast.director, as_of=before))
    value = share(rival(cast.director, "alpine.example", as_of=before), "overlap_rate")["now"]
    assert value["value"] == "0.420000"
    never = (AT - timedelta(hours=1)).isoformat()
    assert "No auction insights yet" in text(page(cast.director, as_of=never))


def test_only_teams_in_sight_and_what_was_asked(cast: Cast) -> None:
    bring_in(cast, weekly())
    assert "alpine.example" not in text(page(cast.uk_manager))
    assert api(cast.uk_manager) == {
        "team": None, "grain": "", "periods": [], "unnamed": [], "rivals": [],
    }  # fmt: skip
    earlier = page(cast.director, period="2026-11-02", team=str(cast.dach.pk))
    assert "shows in 36 %" in text(earlier)
    asked = api(cast.director, period="yesterday")
    assert "2026-11-09" in str(asked)


def test_days_and_weeks_are_never_mixed(cast: Cast) -> None:
    bring_in(cast, weekly())
    row = "2026-11-09,alpine.example,20%,25%,--,--,--,--"
    bring_in(cast, weekly(row).replace("Week,", "Day,"), at=AT + timedelta(hours=1))
    assert len(api(cast.director)["periods"]) == 2
    assert len(api(cast.director, by="day")["periods"]) == 1
    shown = text(page(cast.director, by="day"))
    assert "shows in 25 %" in shown
    assert "?by=week" in shown


def test_the_empty_page_offers_a_sample(cast: Cast) -> None:
    shown = text(page(cast.director))
    assert reverse("integrations:sample-file", args=["google_auction_insights"]) in shown
    assert reverse("integrations:imports") in shown


def test_the_table_goes_out_and_costs_the_same_for_many_rows(cast: Cast) -> None:
    bring_in(cast, weekly())
    answer = page(cast.director, export="csv")
    content = b"".join(answer) if answer.streaming else answer.content
    assert "under 10" in content.decode()
    few = queries(cast)
    more = [f"2026-11-09,r{n}.example,12%,1{n % 9}%,--,--,--,--" for n in range(30)]
    bring_in(cast, weekly(*more), at=AT + timedelta(hours=1))
    assert queries(cast) <= few


def queries(cast: Cast) -> int:
    page(cast.director)
    with CaptureQueriesContext(connection) as taken:
        page(cast.director)
    return len(taken)


def test_the_records_over_the_api(cast: Cast) -> None:
    client = APIClient()
    client.force_authenticate(cast.director)
    given = {"team": cast.dach.pk, "name": "Alpine", "domains": ["alpine.example"]}
    made = client.post(reverse("api-competitors"), given, format="json")
    assert (made.status_code, made.json()["domains"]) == (201, ["alpine.example"])
    one = reverse("api-competitor", args=[made.json()["id"]])
    kept = client.patch(one, {"note": "strong in winter"}, format="json").json()
    assert (kept["name"], kept["note"]) == ("Alpine", "strong in winter")
    assert api(cast.director, "api-competitors")["results"] == [kept]
    assert api(cast.uk_manager, "api-competitors")["results"] == []
