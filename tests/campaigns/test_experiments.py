"""The life of an experiment: what is sealed stays, what is read is kept, who may do what."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from campaigns.choices import ExperimentState
from campaigns.models import Experiment, ExperimentReading
from campaigns.rules.designs import ArmDesign, MetricDesign
from campaigns.rules.reading_files import ReadingRow, read_readings
from campaigns.selectors import (
    conflicts_among,
    experiments_for,
    learnings_for,
    plan_document,
    plan_hash,
    readings_of,
)
from campaigns.services import (
    Concluded,
    audience_create,
    experiment_archive,
    experiment_conclude,
    experiment_edit,
    experiment_reopen,
    experiment_seal,
    experiment_start,
    experiment_stop,
    readings_record,
)
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from tests.cast import Cast
from tests.trials import ORDERS, START, again, make_experiment, read, run_experiment
from tests.world import AT, make_line

pytestmark = pytest.mark.django_db


def conclude(experiment: Experiment, **fields: Any) -> Experiment:
    said = {"outcome": "better", "sentence": "green wins", "decision": "ship", "learning": "Green."}
    return experiment_conclude(
        experiment=experiment, user=experiment.owner, at=AT, concluded=Concluded(**(said | fields))
    )


@pytest.mark.feature("7.1")
def test_an_experiment_lives_from_draft_to_archive(cast: Cast) -> None:
    made = run_experiment(cast)
    assert made.state == ExperimentState.RUNNING
    assert made.plan["metrics"][0]["minimum_effect"] == 0.1
    read(made, {"control": (5000, 500), "green": (5000, 610)})
    done = experiment_archive(experiment=conclude(made), user=cast.manager, at=AT)
    assert done.state == ExperimentState.ARCHIVED
    steps = Event.objects.filter(subject_type="campaigns.experiment", subject_id=str(made.pk))
    assert list(steps.order_by("pk").values_list("action", flat=True)) == [
        "experiment.created", "experiment.sealed", "experiment.started", "experiment.read",
        "experiment.concluded", "experiment.archived",
    ]  # fmt: skip


@pytest.mark.feature("7.1")
def test_a_sealed_plan_does_not_change(cast: Cast) -> None:
    made = make_experiment(cast)
    sealed = experiment_seal(experiment=made, user=cast.manager, at=AT)
    assert sealed.plan_sha256 == plan_hash(plan_document(again(made)))
    with pytest.raises(Conflict, match="sealed"):
        experiment_edit(experiment=made, user=cast.manager, at=AT, hypothesis="Another")
    experiment_start(experiment=made, user=cast.manager, at=AT)
    with pytest.raises(Conflict, match="running"):
        experiment_reopen(experiment=made, user=cast.manager, at=AT)
    with pytest.raises(IntegrityError, match="sealed before its first unit"), transaction.atomic():
        Experiment.objects.filter(pk=made.pk).update(plan={})
    # The control: the same change is possible before the start.
    early = experiment_seal(experiment=make_experiment(cast), user=cast.manager, at=AT)
    assert Experiment.objects.filter(pk=early.pk).update(plan={}) == 1


def test_a_plan_can_be_opened_again_until_the_first_unit(cast: Cast) -> None:
    made = experiment_seal(experiment=make_experiment(cast), user=cast.manager, at=AT)
    first = made.plan_sha256
    experiment_reopen(experiment=made, user=cast.manager, at=AT)
    changed = experiment_edit(
        experiment=made, user=cast.manager, at=AT, arms=[ArmDesign("control"), ArmDesign("red")]
    )
    assert experiment_seal(experiment=changed, user=cast.manager, at=AT).plan_sha256 != first
    opened = Event.objects.get(action="experiment.reopened")
    assert opened.before == {"plan": first}


def test_what_is_missing_is_said_before_sealing(cast: Cast) -> None:
    made = make_experiment(cast, end_units=None, metrics=[MetricDesign("orders")])
    with pytest.raises(Invalid, match="smallest effect worth finding") as said:
        experiment_seal(experiment=made, user=cast.manager, at=AT)
    assert len(said.value.details) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"arms": ["only"]}, "2 to 16 variants"),
        ({"arms": ["a", "A"]}, "name of its own"),
        ({"metrics": [ORDERS, MetricDesign("more")]}, "Exactly one metric decides"),
        ({"ends_on": START - timedelta(days=1)}, "ends before it starts"),
        ({"kind": "factorial"}, "two factors or more"),
        (
            {"source": "imports", "metrics": [MetricDesign("value", "mean")]},
            "imports bring totals",
        ),
    ],
)
def test_a_design_that_cannot_be_is_refused(wrong: dict[str, Any], said: str, cast: Cast) -> None:
    with pytest.raises(Invalid, match=said):
        make_experiment(cast, **wrong)


@pytest.mark.feature("9.6")
def test_only_those_of_the_team_see_and_run_it(cast: Cast) -> None:
    made = make_experiment(cast)
    seen = [user for user in (cast.manager, cast.director, cast.other_director, cast.uk_manager)
            if experiments_for(user).filter(pk=made.pk)]  # fmt: skip
    assert seen == [cast.manager, cast.director]
    for user in (cast.executive, cast.uk_manager, cast.auditor):
        with pytest.raises(NotAllowed):
            experiment_seal(experiment=made, user=user, at=AT)
    assert experiment_seal(experiment=made, user=cast.director, at=AT).state == "sealed"


def test_only_a_running_test_takes_figures(cast: Cast) -> None:
    made = make_experiment(cast)
    with pytest.raises(Conflict, match="takes no figures"):
        read(made, {"control": (10, 1)})
    running = run_experiment(cast)
    experiment_stop(experiment=running, user=cast.manager, reason="Wrong page", at=AT)
    with pytest.raises(Conflict, match="stopped"):
        read(running, {"control": (10, 1)})


@pytest.mark.feature("7.2")
def test_totals_since_the_start_become_what_the_day_added(cast: Cast) -> None:
    made = run_experiment(cast)
    read(made, {"control": (1000, 100), "green": (1000, 110)}, day=date(2026, 11, 10))
    rows = [ReadingRow("control", "orders", 2500, 260), ReadingRow("green", "orders", 2400, 270)]
    for _ in range(2):
        done = readings_record(
            experiment=made, rows=rows, user=cast.manager, day=date(2026, 11, 12), at=AT
        )
    assert (done.added, done.unchanged) == (0, 2)
    found = {(one.arm.name, one.day.day): (one.units, one.total) for one in readings_of(made)}
    assert found["control", 12] == (1500, 160)
    with pytest.raises(Invalid, match="fewer than the 1,000"):
        readings_record(
            experiment=made, rows=[ReadingRow("control", "orders", 900, 90)], user=cast.manager,
            day=date(2026, 11, 12), at=AT,
        )  # fmt: skip


def test_a_corrected_reading_counts_from_then_on_and_the_old_one_stays(cast: Cast) -> None:
    made = run_experiment(cast)
    read(made, {"control": (1000, 100)}, at=AT)
    read(made, {"control": (1000, 120)}, at=AT + timedelta(hours=1))
    assert [one.total for one in readings_of(made)] == [120]
    assert [one.total for one in readings_of(made, AT)] == [100]
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        ExperimentReading.objects.update(total=1)


METRICS = {"orders": "proportion", "revenue": "mean"}
FILES = {
    "no arm": ("a,b\n1,2\n", "row 1", "must name the columns"),
    "unknown arm": ("arm,units,orders\nblue,10,1\n", "row 2, column arm", "no variant"),
    "no number": ("arm,units,orders\ncontrol,10,x\n", "row 2, column orders", "no number"),
    "too many": ("arm,units,orders\ncontrol,10,12\n", "row 2, column orders", "said yes"),
    "day": ("day,arm,units,orders\n5.11.,control,9,1\n", "row 2, column day", "no day"),
    "twice": (
        "arm,units,orders\ncontrol,10,1\ncontrol,10,1\n", "row 3, column arm", "there twice",
    ),
    "no spread": ("arm,units,revenue\ncontrol,10,99\n", "row 2, column revenue", "revenue sd"),
    "no yes": ("visitor,arm,orders\nv1,control,3\n", "row 2, column orders", "neither yes nor no"),
    "unit twice": (
        "visitor,arm,orders\nv1,control,1\nv1,control,0\n", "row 3, column visitor", "there twice",
    ),
    "empty": ("arm,units,orders\n", "row 2", "no rows"),
}  # fmt: skip


@pytest.mark.feature("7.2")
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_wrong_says_where_and_why_and_changes_nothing(name: str) -> None:
    text, where, said = FILES[name]
    with pytest.raises(Invalid, match=said) as found:
        read_readings(text, arms=["control", "green"], metrics=METRICS)
    assert found.value.where == where


@pytest.mark.feature("7.2")
def test_files_of_totals_and_of_units_say_the_same() -> None:
    units = "visitor;arm;orders;revenue;revenue before\nv1;control;1;10;2\nv2;control;0;4;1\n"
    totals = "arm,units,orders,revenue,revenue sd\ncontrol,2,1,14,4.242640687\n"
    one, two = (
        {row.metric: row for row in read_readings(text, arms=["control"], metrics=METRICS)}
        for text in (units, totals)
    )
    assert (one["orders"].units, one["orders"].total) == (2, 1) == (two["orders"].units, 1)
    assert two["revenue"].squares == pytest.approx(one["revenue"].squares)
    assert (one["revenue"].second_total, one["revenue"].products) == (3, 24)


@pytest.mark.feature("7.1")
def test_tests_on_the_same_line_or_audience_are_found(cast: Cast) -> None:
    line, other = make_line(cast), make_line(cast)
    people = audience_create(team=cast.dach, user=cast.manager, name="Hikers", at=AT)
    first = make_experiment(cast, arms=[ArmDesign("a", line_id=line.pk), ArmDesign("b")])
    second = make_experiment(
        cast, arms=[ArmDesign("c", line_id=line.pk), ArmDesign("d", line_id=other.pk)],
        audience=people,
    )  # fmt: skip
    third = make_experiment(cast, audience=people)
    later = make_experiment(
        cast, audience=people, starts_on=date(2027, 1, 4), ends_on=date(2027, 2, 1)
    )
    rows = [again(one) for one in (first, second, third, later)]
    found = {(one.first.pk, one.second.pk): one.shares for one in conflicts_among(rows)}
    assert found == {
        (first.pk, second.pk): (f"the line {line}",),
        (second.pk, third.pk): ("the audience Hikers",),
    }


@pytest.mark.feature("7.1")
def test_what_was_learnt_is_found_again(cast: Cast) -> None:
    made = run_experiment(cast, tags=["Checkout", "colour"])
    read(made, {"control": (5000, 500), "green": (5000, 610)})
    conclude(made, learning="Green buttons sell.")
    run_experiment(cast)
    for found in (
        learnings_for(cast.director, text="buttons sell"),
        learnings_for(cast.director, tag="checkout"),
        learnings_for(cast.director, outcome="better"),
    ):
        assert [one.pk for one in found] == [made.pk]
    assert not learnings_for(cast.director, tag="price")
    assert not learnings_for(cast.other_director)
