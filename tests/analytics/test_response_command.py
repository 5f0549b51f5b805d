"""`python -m analytics response`: the shape of its answer, and what it says of bad input."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.__main__ import main
from bench._media import simulated

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def run(path: Path, *words: str) -> tuple[int, str, str]:
        code = main(["response", str(path), "--target", "revenue", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def rows_of(weeks: int = 200) -> list[str]:
    """A simulated market of three channels as lines of a CSV."""
    market = simulated(502).market
    first = np.datetime64("2023-01-02")
    lines = ["week,a_spend,b_spend,c_spend,promo,revenue"]
    for i in range(min(weeks, len(market.result))):
        spend = ",".join(f"{amount:.2f}" for amount in market.spend[i, :3])
        lines.append(f"{first + 7 * i},{spend},{market.controls[i, 0]:.0f},{market.result[i]:.2f}")
    return lines


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "weeks.csv"
    file.write_text("\n".join(rows_of()))
    return file


CHANNELS = ("--channels", "a,b,c", "--controls", "promo")


def answer(said: tuple[int, str, str]) -> dict[str, Any]:
    code, out, err = said
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def test_channels_baseline_and_fit_are_told(ask: Ask, path: Path) -> None:
    told = answer(ask(path, *CHANNELS, "--json"))
    assert set(told) == {"channels", "baseline", "baseline_80", "fit"}
    assert set(told["channels"]) == {"a", "b", "c"}
    for channel in told["channels"].values():
        low, high = channel["roi_80"]
        assert low <= channel["roi"] <= high
        assert channel["roi"] == pytest.approx(channel["contribution"] / channel["spend"])
        assert 0 <= channel["decay"] < 1
        assert channel["marginal_roi"] > 0
        results = [point["result"] for point in channel["curve"]]
        assert results == sorted(results)
        assert [point["beyond"] for point in channel["curve"]][-1]
    assert told["fit"]["rhat"] < 1.1
    assert told["fit"]["reason"] is None


@pytest.mark.feature("2.6")
def test_a_budget_is_split_within_bounds_to_the_cent(ask: Ask, path: Path) -> None:
    plain = answer(ask(path, *CHANNELS, "--json"))
    weeks = plain["fit"]["weeks"]
    today = {name: one["spend"] / weeks for name, one in plain["channels"].items()}
    budget = f"{sum(today.values()):.2f}"
    words = ("--budget", budget, "--bounds", "a=0.7..1.3", "b=0.7..1.3", "--max-shift", "0.4")
    best = answer(ask(path, *CHANNELS, *words, "--json"))["optimum"]
    assert f"{sum(best['allocation'].values()):.2f}" == budget
    for name, amount in best["best"].items():
        room = 0.4 if name == "c" else 0.3
        assert abs(amount / today[name] - 1) <= room + 1e-6
    assert {"allocation", "expected_uplift", "uplift_80", "binding", "recommend", "reason"} <= set(
        best
    )
    assert best["kkt"]["holds"]
    assert best["recommend"] == (best["reason"] is None)
    low, high = best["uplift_80"]
    assert low <= best["expected_uplift"] <= high


def test_people_are_told_in_sentences(ask: Ask, path: Path) -> None:
    code, out, _ = ask(path, *CHANNELS, "--budget", "200000", "--phases", "4x200000", "4x250000")
    assert code == 0
    assert "return" in out
    assert "Binding: " in out
    assert "Still to come after them" in out


def test_phases_experiments_and_attribution_are_heard(ask: Ask, path: Path, tmp_path: Path) -> None:
    credit = {
        name: {"conversions": 1, "value": value, "removal_effect": None}
        for name, value in (("a", 10), ("b", 1), ("c", 1))
    }
    file = tmp_path / "models.json"
    file.write_text(json.dumps({"models": {"last": credit}}))
    words = ("--budget", "200000", "--attribution", str(file), "--phases", "2x1000", "3x2000")
    told = answer(ask(path, *CHANNELS, *words, "--experiment", "a=3,0.05", "--json"))
    assert told["channels"]["a"]["roi"] == pytest.approx(3, rel=0.1)
    assert set(told["optimum"]["robustness"]["models"]) == {"last"}
    sums = [sum(phase["allocation"].values()) for phase in told["phases"]["phases"]]
    assert sums == [pytest.approx(1000), pytest.approx(2000)]


def test_todays_spend_can_be_that_of_the_last_weeks(ask: Ask, path: Path) -> None:
    words = (*CHANNELS, "--budget", "200000", "--json")
    whole = answer(ask(path, *words))["optimum"]["stay"]
    recent = answer(ask(path, *words, "--current-weeks", "4"))["optimum"]["stay"]
    assert whole != recent


def test_too_few_weeks_are_an_answer_with_a_reason(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "short.csv"
    file.write_text("\n".join(rows_of(40)))
    told = answer(ask(file, *CHANNELS, "--budget", "1000", "--json"))
    assert told["fit"]["reason"] == "too_few_weeks"
    assert "optimum" not in told
    assert "too_few_weeks" in ask(file, *CHANNELS)[1]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--channels", "a,x"), "no column 'x'"),
        (("--channels", "a,a_spend"), "named twice"),
        ((*CHANNELS, "--bounds", "x=0..1"), "'x' is no channel"),
        ((*CHANNELS, "--bounds", "a=high"), "like 0.7..1.3"),
        ((*CHANNELS, "--bounds", "a=1.3..0.7"), "like 0.7..1.3"),
        ((*CHANNELS, "--bounds", "a=0..1", "a=0..2"), "there twice"),
        ((*CHANNELS, "--committed", "a=-5"), "like 2000"),
        ((*CHANNELS, "--experiment", "a=2"), "like 2.5,0.4"),
        ((*CHANNELS, "--max-shift", "3"), "from 0 to 1"),
        ((*CHANNELS, "--current-weeks", "0"), "the file has"),
        ((*CHANNELS, "--budget", "10", "--max-shift", "0.1"), "lower bounds need"),
        ((*CHANNELS, "--budget", "nan"), "above zero"),
        ((*CHANNELS, "--phases", "soon"), "like 4x100000"),
        ((*CHANNELS, "--budget", "9", "--attribution", "none.json"), "No such file"),
        ((*CHANNELS, "--week", "promo"), "first day of a week"),
    ],
)
def test_what_cannot_be_is_refused_with_the_remedy(
    ask: Ask, path: Path, words: tuple[str, ...], complaint: str
) -> None:
    code, out, err = ask(path, *words)
    assert (code, out) == (2, "")
    assert complaint in err


@pytest.mark.parametrize(
    ("line", "wrong", "complaint"),
    [
        (3, "2023-01-16,,1,1,0,5", "line 4: a_spend is ''; an amount of zero or more"),
        (3, "2023-01-16,-1,1,1,0,5", "line 4: a_spend is '-1'"),
        (3, "2023-01-16,1,1,1,0,", "line 4: revenue is ''; a number is needed"),
        (3, "2023-01-16,1,1,1,0,much", "line 4: revenue is 'much'"),
        (3, "2023-01-17,1,1,1,0,5", "without a gap"),
        (3, "2023-01-09,1,1,1,0,5", "without a gap"),
    ],
)
def test_a_bad_week_is_refused_with_its_place(
    ask: Ask, tmp_path: Path, line: int, wrong: str, complaint: str
) -> None:
    rows = rows_of()
    rows[line] = wrong
    file = tmp_path / "bad.csv"
    file.write_text("\n".join(rows))
    code, out, err = ask(file, *CHANNELS)
    assert (code, out) == (2, "")
    assert complaint in err
