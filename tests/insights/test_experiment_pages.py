"""The pages of experiments and their twins in the API: what they show, to whom, and what they do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from campaigns.models import Experiment
from campaigns.rules.designs import ArmDesign
from campaigns.selectors import readings_of
from insights.services.experiments import experiment_settle
from tests.cast import Cast
from tests.sign_in import signed_in
from tests.trials import again, make_experiment, read, run_experiment
from tests.world import AT, make_line

pytestmark = pytest.mark.django_db
NOW = AT + timedelta(hours=1)
FORM = {
    "name": "Green button", "kind": "ab", "hypothesis": "Green sells", "source": "typed",
    "unit": "visitor", "starts_on": "2026-11-23", "ends_on": "2026-12-20", "looks": "until_end",
    "daily_units": "2000", "alpha": "5", "power": "80", "tags": "Button, colour", "currency": "",
    "arms-TOTAL_FORMS": "4", "arms-INITIAL_FORMS": "2", "arms-0-name": "As today",
    "arms-0-weight": "1", "arms-1-name": "Green", "arms-1-weight": "1",
    "metrics-TOTAL_FORMS": "3", "metrics-INITIAL_FORMS": "2", "metrics-0-name": "orders",
    "metrics-0-role": "primary", "metrics-0-kind": "proportion", "metrics-0-better": "higher",
    "metrics-0-base": "10", "metrics-0-minimum_effect": "10",
}  # fmt: skip


def get(user: User, name: str, /, *args: int, **query: str) -> Any:
    with time_machine.travel(NOW, tick=False):
        return signed_in(user).get(reverse(name, args=args), query)


def post(user: User, name: str, /, *args: int, **body: Any) -> Any:
    with time_machine.travel(NOW, tick=False):
        return signed_in(user).post(reverse(name, args=args), body)


def text(response: Any) -> str:
    plain = response.content.decode().replace("\u202f", " ").replace("&#x27;", "'")
    return " ".join(plain.replace("−", "-").split())


def api(user: User, method: str, name: str, /, *args: int, **body: Any) -> Any:
    client = APIClient()
    client.force_authenticate(user)
    with time_machine.travel(NOW, tick=False):
        call = getattr(client, method)
        return call(reverse(name, args=args), body, format="json" if body else None)


@pytest.mark.feature("7.1")
def test_a_test_is_planned_with_the_size_it_needs(cast: Cast) -> None:
    form = FORM | {"team": str(cast.dach.pk)}
    size = text(post(cast.manager, "campaigns:experiment-size", **form))
    assert "35,720 units, 18 days" in size
    made = post(cast.manager, "campaigns:experiment-create", **form)
    assert made.status_code == 302, text(made)
    found = Experiment.objects.get(name="Green button")
    assert (found.end_units, found.tags) == (35_720, ["button", "colour"])
    assert (found.alpha, found.metrics.get().minimum_effect) == (0.05, 0.1)
    assert text(get(cast.manager, "campaigns:experiment-edit", found.pk)).count("Green") >= 1


def test_a_form_that_is_wrong_comes_back_with_the_reason(cast: Cast) -> None:
    form = FORM | {"team": str(cast.dach.pk), "arms-1-name": "as today"}
    answer = post(cast.manager, "campaigns:experiment-create", **form)
    assert answer.status_code == 422
    assert "Give each variant a name of its own" in text(answer)
    short = post(cast.manager, "campaigns:experiment-size", **(FORM | {"metrics-0-base": ""}))
    assert "Name the metric that decides" in text(short)


def test_more_variants_may_be_asked_for(cast: Cast) -> None:
    answer = post(cast.manager, "campaigns:experiment-create", **(FORM | {"add": "1"}))
    assert answer.status_code == 200
    assert "arms-5-name" in text(answer)


@pytest.mark.feature("7.1")
def test_a_test_is_led_through_its_life_by_its_page(cast: Cast) -> None:
    made = make_experiment(cast)
    for step, state in (("seal", "Sealed"), ("start", "Running")):
        assert (
            post(cast.manager, "campaigns:experiment-step", made.pk, step=step).status_code == 302
        )
        assert state in text(get(cast.manager, "insights:experiment", made.pk))
    arms, metric = list(made.arms.all()), made.metrics.get()
    typed = {"day": "2026-11-20"}
    for arm, n, orders in zip(arms, (19_000, 19_000), (1900, 2250), strict=True):
        typed |= {f"units-{arm.pk}": str(n), f"total-{arm.pk}-{metric.pk}": str(orders)}
    done = post(cast.manager, "campaigns:experiment-readings", made.pk, **typed)
    assert done.status_code == 302, text(done)
    page = text(get(cast.director, "insights:experiment", made.pk))
    assert "green wins: 18.4 % more orders per visitor, 95 % range" in page
    assert "19,000 : 19,000, as planned" in page
    said = {"decision": "ship", "learning": "Green sells."}
    assert post(cast.manager, "insights:experiment-conclude", made.pk, **said).status_code == 302
    asked = post(cast.manager, "insights:experiment-ask", made.pk)
    assert asked.status_code == 302
    assert "Waiting for a decision" in text(get(cast.manager, "insights:experiment", made.pk))
    assert "Green sells." in text(get(cast.executive, "insights:experiments-learnings"))


@pytest.mark.feature("7.2")
def test_a_file_is_read_or_refused_with_row_and_column(cast: Cast) -> None:
    made = run_experiment(cast)
    for body, status in (
        (b"arm,units,orders\ncontrol,5000,500\ngreen,4990,530\n", 302),
        (b"arm,units,orders\ncontrol,5000,500\nblue,4990,530\n", 422),
    ):
        file = SimpleUploadedFile("totals.csv", body)
        done = post(
            cast.manager, "campaigns:experiment-readings", made.pk, day="2026-11-20", file=file
        )
        assert done.status_code == status
    assert "Row 3, column arm: “blue” is no variant of this test" in text(done)
    assert {one.file_name for one in readings_of(made)} == {"totals.csv"}


def test_lists_say_what_is_known_and_for_whom(cast: Cast) -> None:
    line = make_line(cast)
    first = run_experiment(cast, arms=[ArmDesign("a", line_id=line.pk), ArmDesign("b")])
    make_experiment(cast, arms=[ArmDesign("c", line_id=line.pk), ArmDesign("d")])
    read(first, {"a": (19_000, 1900), "b": (19_000, 2250)})
    page = text(get(cast.manager, "insights:experiments"))
    assert f"{first}: b wins" in page
    assert "share the line" in text(get(cast.manager, "insights:experiments-calendar"))
    for name in ("experiments", "experiments-calendar", "experiments-learnings"):
        assert str(first) not in text(get(cast.other_director, f"insights:{name}"))
    assert get(cast.other_director, "insights:experiment", first.pk).status_code == 404
    assert (
        post(cast.executive, "campaigns:experiment-step", first.pk, step="stop").status_code == 403
    )


def test_holdouts_show_costs_only_to_those_who_see_money(cast: Cast) -> None:
    made = run_experiment(cast, kind="holdout", arms=["held out", "mailed"], currency="EUR")
    read(made, {"held out": (20_000, 1000), "mailed": (20_000, 1300)})
    api(cast.manager, "post", "api-experiment-readings", made.pk, spends={"mailed": "4500.00"})
    assert "€15" in text(get(cast.director, "insights:experiments-holdouts"))
    with_money, without = (
        api(user, "get", "api-experiments-holdouts").json()[0]["lifts"][0]["cost_per_added"]
        for user in (cast.director, cast.admin)
    )
    assert with_money == pytest.approx(15)
    assert without is None


def test_every_list_and_the_numbers_can_be_exported(cast: Cast) -> None:
    made = run_experiment(cast)
    read(made, {"control": (19_000, 1900), "green": (19_000, 2250)})
    sheet = get(cast.director, "insights:experiment", made.pk, export="csv").content.decode()
    assert "orders" in sheet
    assert "18.4" in sheet
    for name in ("", "-calendar", "-learnings", "-holdouts"):
        assert get(cast.director, f"insights:experiments{name}", export="csv").status_code == 200


def test_a_page_as_of_a_moment_shows_what_was_known_then(cast: Cast) -> None:
    made = run_experiment(cast)
    read(made, {"control": (9000, 900), "green": (9000, 910)}, day=date(2026, 11, 10),
         at=AT - timedelta(days=10))  # fmt: skip
    read(made, {"control": (10_000, 1000), "green": (10_000, 1400)}, day=date(2026, 11, 20))
    now, then = (
        text(get(cast.director, "insights:experiment", made.pk, **query))
        for query in ({}, {"as_of": "2026-11-15"})
    )
    assert "green wins" in now
    assert "green wins" not in then


@pytest.mark.feature("7.1")
def test_the_whole_life_over_the_api(cast: Cast) -> None:
    body = {
        "name": "Subject line", "team": cast.dach.pk, "hypothesis": "Short opens more",
        "starts_on": "2026-11-01", "ends_on": "2026-12-01", "end_units": 40_000,
        "arms": [{"name": "long"}, {"name": "short"}],
        "metrics": [{"name": "opens", "minimum_effect": 0.1, "base": 0.2}],
    }  # fmt: skip
    made = api(cast.manager, "post", "api-experiments", **body)
    assert made.status_code == 201, made.json()
    pk = made.json()["id"]
    for step in ("seal", "start"):
        done = api(cast.manager, "post", "api-experiment-steps", pk, step=step)
        assert done.status_code == 200, done.json()
    assert len(done.json()["plan_sha256"]) == 64
    refused = api(cast.manager, "patch", "api-experiment", pk, hypothesis="Other")
    assert refused.status_code == 409
    csv = "day,arm,units,opens\n2026-11-20,long,20000,4000\n2026-11-20,short,20000,4500\n"
    kept = api(cast.manager, "post", "api-experiment-readings", pk, csv=csv)
    assert kept.json() == {"added": 2, "unchanged": 0}
    result = api(cast.director, "get", "api-experiment-result", pk).json()
    assert result["outcome"] == "better"
    assert result["effects"][0]["relative"] == pytest.approx(0.125)
    assert not result["split"]["fails"]
    said = {"decision": "ship", "learning": "Short it is."}
    assert api(cast.manager, "post", "api-experiment-conclude", pk, **said).status_code == 200
    assert api(cast.manager, "post", "api-experiment-ask", pk, reason="It won").status_code == 201
    assert [one["id"] for one in api(cast.director, "get", "api-experiments-learnings").json()] == [
        pk
    ]
    size = api(cast.manager, "post", "api-experiment-size", kind="proportion", base=0.1, effect=0.1)
    assert size.json()["total"] == 35_720


def test_a_settled_test_shows_its_verdict_and_takes_no_figures(cast: Cast) -> None:
    made = run_experiment(cast)
    read(made, {"control": (3000, 300), "green": (3000, 312)})
    experiment_settle(
        experiment=again(made), user=cast.manager, decision="again", learning="Too small", at=AT
    )
    assert get(cast.manager, "campaigns:experiment-readings", made.pk).status_code == 409
    assert "No difference shown" in text(get(cast.manager, "insights:experiment", made.pk))
