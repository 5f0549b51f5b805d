"""Columns that were filled in after the outcome are named, honest ones are not."""

from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from analytics.commands.score import read_people
from analytics.scores import Column, LeakSuspicion, leak_suspects, rate
from tests.analytics.people import people


def after(outcome: np.ndarray, seed: int, spread: float = 1.0) -> Column:
    """A number that somebody wrote down when the outcome was known."""
    random = np.random.default_rng(seed)
    return np.asarray(2.5 * outcome + random.normal(0, spread, len(outcome)), dtype=np.float64)


def test_honest_columns_are_no_suspects() -> None:
    table, outcome, _ = people(1)
    assert leak_suspects(table, outcome) == ()


@pytest.mark.feature("13.2")
def test_a_column_that_tells_all_alone_is_left_out_of_the_model() -> None:
    table, outcome, _ = people(2)
    table["call_seconds"] = after(outcome, 2)
    (suspect,) = leak_suspects(table, outcome)
    assert (suspect.name, suspect.is_left_out) == ("call_seconds", True)
    assert suspect.suspicion is LeakSuspicion.TELLS_ALL_ALONE
    assert suspect.alone > suspect.others + 0.1
    found = rate("converted", table, outcome)
    kept = rate("converted", table, outcome, keep=("call_seconds",))
    assert found.quality is not None
    assert kept.quality is not None
    assert "call_seconds" not in {one.name for one in found.factors}
    assert "call_seconds" in {one.name for one in kept.factors}
    assert kept.quality.auc > found.quality.auc + 0.1
    assert [one.is_left_out for one in kept.suspects] == [False]


def test_text_leaks_too() -> None:
    table, outcome, _ = people(3)
    random = np.random.default_rng(3)
    told = random.random(len(outcome)) < 0.9
    table["tag"] = np.where(told, np.where(outcome == 1, "closed", "lost"), "open")
    assert [one.name for one in leak_suspects(table, outcome)] == ["tag"]


def test_one_leak_does_not_hide_behind_another() -> None:
    table, outcome, _ = people(4)
    table["first"], table["second"] = after(outcome, 5), after(outcome, 6, 1.6)
    assert {one.name for one in leak_suspects(table, outcome) if one.is_left_out} == {
        "first",
        "second",
    }


def test_gaps_that_tell_the_outcome_are_named_and_stay_in_use() -> None:
    table, outcome, _ = people(5)
    random = np.random.default_rng(5)
    filled = random.random(len(outcome)) < np.where(outcome == 1, 0.9, 0.3)
    table["need"] = np.where(filled, random.choice(["price", "speed"], len(outcome)), "")
    (suspect,) = leak_suspects({name: table[name] for name in ("need", "visits")}, outcome)
    assert suspect.name == "need"
    assert suspect.suspicion in (LeakSuspicion.TELLS_BY_GAPS, LeakSuspicion.TELLS_ALL_ALONE)


def test_a_number_for_each_row_by_chance_is_no_leak() -> None:
    """Learnt and applied to the same rows, a value of its own for each row would tell all."""
    table, outcome, _ = people(6)
    table["code"] = np.array([f"c{n}" for n in range(len(outcome))])
    assert leak_suspects(table, outcome) == ()


@pytest.mark.feature("13.2")
@pytest.mark.parametrize(
    ("name", "target", "leak", "honest"),
    [
        ("bank_full.csv", "y", "duration", "month"),
        ("leads_x_education.csv", "Converted", "Tags", "Total Time Spent on Website"),
    ],
)
def test_the_leaks_of_real_tables_are_named(
    shared_data: Path, name: str, target: str, leak: str, honest: str
) -> None:
    path = shared_data / "analytics" / "scoring" / name
    options = Namespace(file=path, target=target, positive=None, drop=[], keep=[], order=None)
    table, outcome = read_people(options)
    left_out = [one.name for one in leak_suspects(table, outcome) if one.is_left_out]
    assert left_out == [leak]
    assert honest in table
