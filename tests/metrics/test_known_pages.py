"""Pages and answers as they were known: the header's choice, the banner, exports, the drawer."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import travel

from tests.cast import Cast
from tests.world import AT, load_days, make_line

EARLIER = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
THEN = "2026-11-03T08:00"
WORDS = "3 Nov 2026, 08:00"
# Every page whose figures are read from facts.
PAGES = (
    "reporting:home", "reporting:campaigns", "reporting:initiatives", "metrics:goals", "metrics:tree",
    "metrics:restatements", "budgets:centre", "budgets:pacing", "insights:efficiency",
)  # fmt: skip


@pytest.fixture(autouse=True)
def frozen() -> Any:
    with travel(AT, tick=False):
        yield


@pytest.fixture
def page(client: Client, cast: Cast) -> Any:
    client.force_login(cast.director)
    return lambda name, *args, **asked: client.get(reverse(name, args=args), asked)


def restated(cast: Cast) -> Any:
    line = make_line(cast)
    load_days(line, {"2026-11-01": {"clicks": 4321, "spend": "10"}}, known_at=EARLIER)
    load_days(line, {"2026-11-01": {"clicks": 8765, "spend": "12"}}, known_at=LATER)
    return line


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_figures_can_be_read_as_it_was(page: Any, cast: Cast, name: str) -> None:
    restated(cast)
    now, then = page(name), page(name, as_of=THEN)
    assert now.status_code == then.status_code == 200
    assert b'id="moment-menu"' in now.content
    assert b"As known on" not in now.content
    assert f"As known on <strong>{WORDS}</strong>" in then.content.decode()


def test_the_figures_are_those_of_the_moment(page: Any, cast: Cast) -> None:
    line = restated(cast)
    asked = {"tab": "days", "period": "2026-11", "cols": "label,clicks"}
    campaign = ("reporting:campaign", line.campaign_id)
    assert "8.76k" in page(*campaign, **asked).content.decode()
    then = page(*campaign, **asked, as_of=THEN).content.decode()
    assert "4.32k" in then
    assert "8.76k" not in then
    file = page("metrics:metric", "clicks", as_of=THEN, period="2026-11", export="csv")
    assert "4.32k" in file.content.decode()


def test_the_choice_is_carried_along_until_it_is_taken_back(
    page: Any, cast: Cast, client: Client
) -> None:
    restated(cast)
    client.cookies["adroit_as_of"] = "2026-11-03T08%3A00"
    assert WORDS in page("metrics:tree").content.decode()
    assert "As known on" not in page("metrics:tree", as_of="").content.decode()
    other = page("approvals:inbox").content.decode()
    assert "This page shows today’s state" in other
    client.cookies["adroit_as_of"] = "nonsense"
    assert page("metrics:tree").status_code == 200


def test_an_export_says_what_it_was_read_as_of(page: Any, cast: Cast) -> None:
    restated(cast)
    file = page("reporting:campaigns", as_of=THEN, export="csv", period="2026-11")
    lines = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert ["As known on", WORDS] in lines


@pytest.mark.parametrize("text", ["2027-01-01T00:00", "2027-01-01", "yesterday"])
def test_a_moment_that_nobody_knows_is_refused(page: Any, cast: Cast, text: str) -> None:
    restated(cast)
    answer = page("metrics:tree", as_of=text)
    assert answer.status_code == 422 or answer.status_code == 400


def test_the_api_takes_the_moment_too(client: Client, cast: Cast) -> None:
    restated(cast)
    client.force_login(cast.director)
    asked = {"period": "2026-11", "measure": "clicks"}
    (found,) = client.get(reverse("api-restatements"), asked).json()
    assert (found["first_known"], found["now"], found["change"]) == ("4321", "8765", "4444")
    assert client.get(reverse("api-restatements"), asked | {"as_of": THEN}).json() == []
    query = {"metrics": "clicks", "period": "2026-11", "as_of": "2026-11-03T08:00Z"}
    assert client.get(reverse("api-query"), query).json()["totals"] == {"clicks": 4321}
    behind = client.get(reverse("api-lineage"), query).json()
    assert behind["adds_up"] is True
    assert [fact["clicks"] for fact in behind["facts"]] == ["4321"]


def test_the_report_of_restatements_says_first_now_and_who(page: Any, cast: Cast) -> None:
    restated(cast)
    shown = page("metrics:restatements", measure="clicks", period="2026-11").content.decode()
    assert "Clicks of 1 day changed after the fact, by +103" in shown
    assert "4,321" in shown
    assert "8,765" in shown
    file = page("metrics:restatements", measure="spend", period="2026-11", export="csv")
    assert "10.00" in file.content.decode()
    nothing = page("metrics:restatements", measure="leads", period="2026-11").content.decode()
    assert "Leads still says what was first known" in nothing


def test_a_tile_leads_to_its_facts_and_they_add_up(page: Any, cast: Cast) -> None:
    line = restated(cast)
    shown = page("reporting:campaign", line.campaign_id, period="2026-11").content.decode()
    assert "/goals/lineage/?metrics=" in shown
    behind = page(
        "metrics:lineage", metrics="clicks,cpc", period="2026-11", campaign=line.campaign_id
    )
    text = behind.content.decode()
    assert "they add up to the sums above exactly" in text
    assert "metrics_lineday" in text
    assert line.campaign.name in text
    then = page("metrics:lineage", metrics="clicks", period="2026-11", as_of=THEN).content.decode()
    assert "4,321" in then
    assert "less every difference that became known later" in then


def test_an_unknown_parameter_never_widens_what_is_behind(page: Any, cast: Cast) -> None:
    restated(cast)
    answer = page("metrics:lineage", metrics="clicks", period="2026-11", campain="1")
    assert answer.status_code in (400, 422)


def test_a_month_is_closed_on_its_page(client: Client, cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-10-30": {"clicks": 50}}, known_at=EARLIER)
    client.force_login(cast.auditor)
    shown = client.get(reverse("metrics:months")).content.decode()
    assert "Close October 2026" in shown or "Close Oct 2026" in shown
    closed = client.post(reverse("metrics:month-close", args=["2026-10"]), {"reason": "Reported"})
    assert closed.status_code == 302
    load_days(line, {"2026-10-30": {"clicks": 52}}, known_at=AT)
    month = client.get(reverse("metrics:month", args=["2026-10"]), {"measure": "clicks"})
    text = month.content.decode()
    assert "was changed by 1 import since its close" in text
    assert "Clicks +2" in text
    found = client.get(reverse("api-performance-month", args=["2026-10"])).json()
    (kept,) = [one for one in found["figures"] if one["measure"] == "clicks"]
    assert (kept["kept"], kept["now"], kept["change"]) == ("50", "52", "2")
    assert found["changed_by"][0]["changes"] == {"clicks": "2"}


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01", "0001-01-01T00:00+14:00", "9999-12-31", "9999-12-31T23:59-12:00"],
)
def test_the_ends_of_the_calendar_are_refused(page: Any, moment: str) -> None:
    for name in PAGES:
        answer = page(name, as_of=moment)
        assert answer.status_code == 422, name
        assert "is not a day or moment" in answer.content.decode()
