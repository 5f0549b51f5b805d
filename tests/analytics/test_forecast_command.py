"""`python -m analytics forecast` end to end, and what it says of a bad file."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from analytics.__main__ import main
from tests.analytics.series import FIRST, counts, write

HEADING = ["unique_id", "ds", "cutoff", "yhat", "lo80", "hi80", "lo95", "hi95"]


def run(*words: str | Path | int | date) -> int:
    return main(["forecast", *(str(word) for word in words)])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def days(tmp_path: Path) -> Path:
    return write(tmp_path / "days.csv", counts(1, series=3, days=100))


def test_every_series_day_and_cutoff_has_its_row(days: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    first, last = FIRST + timedelta(days=69), FIRST + timedelta(days=99)
    assert run(days, "--horizon", 14, "--cutoff", last, first, "--out", out) == 0
    found = rows(out)
    assert list(found[0]) == HEADING
    assert len(found) == 2 * 3 * 14
    assert {row["cutoff"] for row in found} == {first.isoformat(), last.isoformat()}
    for row in found:
        ends = [float(row[name]) for name in ("lo95", "lo80", "yhat", "hi80", "hi95")]
        assert ends == sorted(ends)
        assert ends[0] >= 0
        ahead = date.fromisoformat(row["ds"]) - date.fromisoformat(row["cutoff"])
        assert 1 <= ahead.days <= 14


def test_without_a_cutoff_the_last_day_of_the_file_is_it(days: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert run(days, "--horizon", 7, "--out", out) == 0
    assert {row["cutoff"] for row in rows(out)} == {(FIRST + timedelta(days=99)).isoformat()}


def test_what_comes_after_the_cutoff_changes_no_byte(tmp_path: Path) -> None:
    values = counts(2, series=3, days=100)
    cutoff = FIRST + timedelta(days=79)
    answers = []
    for change in (0, 80, 79):
        changed = values.copy()
        if change:
            changed[:, change:] = 777
        out = tmp_path / f"out{change}.csv"
        file = write(tmp_path / f"days{change}.csv", changed)
        assert run(file, "--cutoff", cutoff, "--horizon", 14, "--out", out) == 0
        answers.append(out.read_bytes())
    assert answers[0] == answers[1]
    assert answers[0] != answers[2]


def test_the_order_of_the_rows_changes_no_byte_and_gzip_is_read(days: Path, tmp_path: Path) -> None:
    import gzip

    lines = days.read_text().splitlines(keepends=True)
    turned = tmp_path / "turned.csv.gz"
    with gzip.open(turned, "wt") as file:
        file.writelines([lines[0], *reversed(lines[1:])])
    for source, out in ((days, "a.csv"), (turned, "b.csv")):
        assert run(source, "--horizon", 7, "--out", tmp_path / out) == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_plan_is_followed(tmp_path: Path) -> None:
    spend = np.full((1, 120), 100.0)
    spend[:, 90:] = 300
    result = np.random.default_rng(3).poisson(2 * spend).astype(np.float64)
    file = write(tmp_path / "days.csv", result[:, :90])
    plan = write(tmp_path / "plan.csv", spend, "spend")
    out = tmp_path / "out.csv"
    assert run(file, "--horizon", 14, "--plan", plan, "--out", out) == 0
    assert np.mean([float(row["yhat"]) for row in rows(out)]) > 300


def test_json_names_what_was_left_thin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = counts(4, series=2, days=40)
    values[0, :-9] = np.nan
    file = write(tmp_path / "days.csv", values)
    assert run(file, "--horizon", 7, "--out", tmp_path / "out.csv", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["rows"] == 14
    assert answer["reasons"] == {"2026-02-13": {"ads/clicks/c00": "too_few_days"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,ds,y\na,2026-01-01,1\n", "no column 'unique_id'"),
        ("unique_id,ds,y\n", "no rows"),
        ("unique_id,ds,y\na,2026-01-01,1\na,01/02/2026,1\n", "line 3: ds is '01/02/2026'"),
        ("unique_id,ds,y\na,2026-01-01,many\n", "line 2: y is 'many'"),
        ("unique_id,ds,y\na,2026-01-01,inf\n", "line 2: y is 'inf'"),
        ("unique_id,ds,y\n,2026-01-01,1\n", "line 2: unique_id is empty"),
        ("unique_id,ds,y\na,2026-01-01,\n", "no row has a value"),
        ("unique_id,ds,y\na,0026-01-01,1\na,2026-01-01,1\n", "at most 11,000 days"),
    ],
)
def test_a_bad_file_is_refused_with_where_and_why(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "bad.csv", tmp_path / "out.csv"
    file.write_text(text)
    assert run(file, "--out", out) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_bad_plan_cutoff_or_place_to_write_is_refused(
    days: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    assert run(days, "--plan", days, "--out", out) == 2
    assert "no column 'spend'" in capsys.readouterr().err
    assert run(days, "--cutoff", "2020-01-01", "--out", out) == 2
    assert "nothing is known until 2020-01-01" in capsys.readouterr().err
    assert run(days, "--cutoff", "soon", "--out", out) == 2
    assert "--cutoff is 'soon'" in capsys.readouterr().err
    assert run(days, "--horizon", 3, "--out", tmp_path / "no" / "out.csv") == 2
    assert "No such file" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run(days, "--horizon", 0, "--out", out)
