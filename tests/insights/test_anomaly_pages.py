"""Incidents on their pages and over the API: for whom, in which order, and what people may do."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from automation.models import Alert
from insights.models import Dismissal, Finding
from tests.cast import Cast
from tests.insights.outage import NOW, check, incident, months
from tests.world import load_rows, make_line

pytestmark = [pytest.mark.django_db, pytest.mark.feature("4.13")]


def open_page(user: User, name: str, *args: Any, **query: str) -> Any:
    client = Client()
    client.force_login(user)
    with time_machine.travel(NOW, tick=False):
        return client.get(reverse(name, args=args), query)


def post(user: User, name: str, pk: int, **data: str) -> Any:
    client = Client()
    client.force_login(user)
    with time_machine.travel(NOW, tick=False):
        return client.post(reverse(name, args=[pk]), data)


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").split())


def test_the_list_says_what_is_at_stake_and_shows_each_incident_with_its_band(cast: Cast) -> None:
    one = incident(cast)
    shown = text(open_page(cast.director, "insights:anomalies"))
    assert "1 incident puts €" in shown
    assert one.title in shown
    assert '<svg class="shape"' in shown
    assert "<polygon points=" in shown


def test_an_empty_list_says_what_it_needs(cast: Cast) -> None:
    shown = text(open_page(cast.director, "insights:anomalies"))
    assert "Nothing is out of the ordinary" in shown
    assert "36 days" in shown


def test_a_storm_of_two_teams_is_one_row_for_who_sees_both(cast: Cast) -> None:
    dach = make_line(cast, channel="social")
    uk = make_line(cast, channel="social", team=cast.uk, owner=cast.uk_manager)
    load_rows(months([dach, uk]), known_at=NOW)
    check()
    assert "1 incident puts €" in text(open_page(cast.director, "insights:anomalies"))
    assert "and 1 more" in text(open_page(cast.director, "insights:anomalies"))
    own = text(open_page(cast.uk_manager, "insights:anomalies"))
    assert str(uk) in own
    assert str(dach) not in own


def test_out_of_sight_does_not_exist_and_who_sees_no_money_sees_no_stake(cast: Cast) -> None:
    one = incident(cast)
    assert open_page(cast.other_manager, "insights:anomaly", one.pk).status_code == 404
    assert "€" in text(open_page(cast.manager, "insights:anomaly", one.pk))
    shown = text(open_page(cast.admin, "insights:anomaly", one.pk))
    assert one.title in shown
    assert "€" not in shown


def test_the_page_quotes_the_kept_explanation_and_compares_otherwise_on_request(cast: Cast) -> None:
    one = incident(cast)
    shown = text(open_page(cast.director, "insights:anomaly", one.pk))
    assert f"Explanation {one.evidence['explanation']}" in shown
    assert "Revenue fell" in shown
    assert "conversion rate" in shown.lower()
    other = text(open_page(cast.director, "insights:anomaly", one.pk, against="month"))
    assert "Worked out now for this comparison" in other
    file = open_page(cast.director, "insights:anomaly", one.pk, export="csv")
    assert "Adds to the change" in file.getvalue().decode()


def test_people_of_the_team_judge_it_and_take_that_back(cast: Cast) -> None:
    one = incident(cast)
    assert post(cast.executive, "insights:anomaly-dismiss", one.pk).status_code == 403
    post(cast.manager, "insights:anomaly-dismiss", one.pk, reason="A sale")
    assert Dismissal.objects.get().reason == "A sale"
    assert one.title not in text(open_page(cast.manager, "insights:anomalies"))
    dismissed = open_page(cast.manager, "insights:anomalies", state="dismissed")
    assert one.title in text(dismissed)
    post(cast.manager, "insights:anomaly-restore", one.pk)
    post(cast.manager, "insights:anomaly-raise", one.pk)
    assert Alert.objects.get().finding == Finding.objects.get(pk=one.pk)


def test_a_dismissal_needs_a_reason(cast: Cast) -> None:
    one = incident(cast)
    assert post(cast.manager, "insights:anomaly-dismiss", one.pk, reason=" ").status_code == 422
    assert not Dismissal.objects.exists()


def test_the_api_tells_the_same(cast: Cast) -> None:
    one = incident(cast)
    api = APIClient()
    api.force_authenticate(cast.manager)
    with time_machine.travel(NOW, tick=False):
        (row,) = api.get(reverse("api-anomalies")).json()
        detail = api.get(reverse("api-anomaly", args=[one.pk])).json()
    assert row["id"] == one.pk
    assert row["stake"]["currency"] == "EUR"
    tree = detail["why"]["tree"]
    assert detail["why"]["explanation"] == one.evidence["explanation"]
    assert tree["volume"] + tree["rate"] + tree["mix"] == tree["change"]
    with time_machine.travel(NOW, tick=False):
        url = reverse("api-anomaly-dismiss", args=[one.pk])
        answer = api.post(url, {"reason": "A sale"}, format="json").json()
        assert answer["state"] == "dismissed"
        restore = api.post(reverse("api-anomaly-restore", args=[one.pk])).json()
        raised = api.post(reverse("api-anomaly-raise", args=[one.pk])).json()
    assert restore["state"] == raised["state"] == "open"
