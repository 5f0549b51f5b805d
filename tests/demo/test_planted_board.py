"""The scoreboard of planted truth: each row says what its engine says, or that it has not run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from campaigns.models import Optimisation
from core import events
from core.models import Organisation
from demo.company.reset import MARK
from demo.planted.board import planted_rows
from demo.planted.rows import Row, Seen, tally
from insights.models import Finding, Verdict
from insights.services.maturity import maturity_learn
from tests.automation.examples import make_finding
from tests.cast import Cast
from tests.insights.maturing import NOW, come_in, line_on
from tests.insights.scoring import a_model
from tests.sign_in import signed_in
from tests.world import make_line

pytestmark = [pytest.mark.django_db, pytest.mark.feature("10.1")]
PAGE = "/demo/planted/"


def kept(cast: Cast, **more: Any) -> dict[str, Any]:
    """A truth with one falling line, as ``demo_truth.json`` holds it."""
    line = make_line(cast)
    change = Optimisation.objects.create(campaign=line.campaign, line=line, kind="bid", what="Cap",
                                         made_on=NOW.date(), by=cast.manager,
                                         by_name=cast.manager.name, recorded_at=NOW)  # fmt: skip
    truth = {
        "lines": {"a": {"recent_marginal_return": 2.0, "recent_spend_a_day": 100.0}},
        "known_share_by_age": {"google_ads": [0.0, 0.5, 0.7, 0.8, 0.9, 1.0, 1.0, 1.0]},
        "changes": {"c": {"line": "a", "effect": 0.2}},
        "falling": {"line": "a", "since": "2026-06-01", "change_per_month": -0.17},
        "overspending": {"line": "a", "since": "2026-10-01", "share_over_plan": 0.24},
        "outage": {"first_day": "2026-10-10", "last_day": "2026-10-13", "lost_conversions": {"a": 40}},
    }  # fmt: skip
    ids = {"lines": {"a": line.pk}, "optimisations": {"c": change.pk}}
    return {"truth": truth | more, "ids": ids}


def rows_of(cast: Cast, truth: dict[str, Any], user: User | None = None) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in planted_rows(truth, user or cast.executive, NOW):
        found.setdefault(row.topic, []).append(row)
    return found


def test_an_engine_that_has_not_run_says_so(cast: Cast) -> None:
    rows = [row for some in rows_of(cast, kept(cast)).values() for row in some]
    assert rows
    assert {row.seen for row in rows} == {Seen.NOT_RUN}
    found = tally(rows)
    assert found.title == "No engine has looked for what was planted yet"
    assert found.not_run == len(rows)


def test_a_range_that_holds_the_truth_is_inside_and_another_is_not(cast: Cast) -> None:
    truth = kept(cast)
    come_in([line_on(cast)])
    maturity_learn(now=NOW)
    change = Optimisation.objects.get()
    verdict = Verdict.objects.create(
        optimisation=change, outcome="helped", reason="", metric="roas", effect_micros=180_000,
        low_micros=100_000, high_micros=260_000, ready_on=NOW.date(), measured_at=NOW,
    )  # fmt: skip
    one_day = rows_of(cast, truth)["Delays"][0]
    assert (one_day.seen, one_day.planted) == (Seen.INSIDE, "50\u202f%")
    wrong = kept(cast, known_share_by_age={"google_ads": [0.0, 0.9, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]})
    assert rows_of(cast, wrong)["Delays"][0].seen == Seen.OUTSIDE
    assert [row.seen for row in rows_of(cast, truth)["Changes"]] == [Seen.INSIDE]
    Verdict.objects.filter(pk=verdict.pk).update(low_micros=210_000)
    assert [row.seen for row in rows_of(cast, truth)["Changes"]] == [Seen.OUTSIDE]
    Verdict.objects.filter(pk=verdict.pk).update(low_micros=None)
    assert [row.seen for row in rows_of(cast, truth)["Changes"]] == [Seen.UNCLEAR]


def test_a_story_is_found_only_about_its_own_line(cast: Cast) -> None:
    truth = kept(cast)
    other = make_finding(cast)
    Finding.objects.filter(pk=other.pk).update(kind="trend")
    falling = rows_of(cast, truth)["Stories"][0]
    assert (falling.seen, falling.said) == (Seen.MISSED, "Nothing was noticed")
    line = truth["ids"]["lines"]["a"]
    campaign = Optimisation.objects.get(line=line).campaign
    Finding.objects.filter(pk=other.pk).update(campaign=campaign, title="ROAS fell")
    falling = rows_of(cast, truth)["Stories"][0]
    assert (falling.seen, falling.said) == (Seen.FOUND, "ROAS fell")


def test_a_driver_that_the_model_has_wrong_is_not_found(cast: Cast) -> None:
    a_model(cast.company)
    origin, industry = rows_of(cast, kept(cast))["Chances"]
    assert origin.seen == industry.seen == Seen.MISSED


def test_nobody_reads_lines_of_other_teams(cast: Cast) -> None:
    truth = kept(cast)
    mine, theirs = (rows_of(cast, truth, user) for user in (cast.director, cast.other_director))
    assert {"Stories", "Changes", "Curves"} <= set(mine)
    assert not {"Stories", "Changes", "Curves"} & set(theirs)


def test_the_page_is_there_only_with_the_demo_company(
    cast: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.VAR = tmp_path
    client: Client = signed_in(cast.executive)
    assert client.get(PAGE).status_code == 404
    assert PAGE not in client.get("/insights/scores/").content.decode()
    (tmp_path / "demo_truth.json").write_text(json.dumps(kept(cast)))
    assert client.get(PAGE).status_code == 404
    (tmp_path / "demo_truth.json").rename(tmp_path / "elsewhere.json")
    events.record(actor=events.SYSTEM, action=MARK, subject=Organisation.current(), at=NOW)
    assert "not on this machine" in client.get(PAGE).content.decode()
    (tmp_path / "elsewhere.json").rename(tmp_path / "demo_truth.json")
    text = client.get(PAGE).content.decode()
    assert "No engine has looked for what was planted yet" in text
    assert "Not run yet" in text
    assert PAGE in client.get("/insights/scores/").content.decode()
    answer = client.get(f"{PAGE}?topic=Delays&export=csv")
    assert answer.content.decode("utf-8-sig").count("Google ads, known") == 2
