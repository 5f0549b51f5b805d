"""The command line answers on anybody's CSV, and says what is wrong with a bad one."""

import csv
import gzip
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from analytics.__main__ import main
from tests.analytics.test_marginal import lines

START = date(2026, 1, 1)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two lines over 181 days; the first falls month after month."""
    top, spend = lines(21, 0.6, series=2)
    top[0] *= 0.6 * np.exp(-0.006 * np.arange(182))
    path = tmp_path / "days.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["day", "campaign", "spend", "revenue"])
        for name, values, cost in zip(("Old", "New"), top, spend, strict=True):
            for i in range(181):
                day = (START + timedelta(days=i)).isoformat()
                # Two rows a day: the command adds them up.
                writer.writerow([day, name, cost[i] / 4, values[i] / 4])
                writer.writerow([day, name, cost[i] * 3 / 4, values[i] * 3 / 4])
    return path


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    said = capsys.readouterr()
    return code, said.out, said.err


TREND = ("--numerator", "revenue", "--denominator", "spend", "--by", "campaign")


def test_trend(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "trend", table, *TREND)
    assert code == 0
    assert "Old: falling" in out
    code, out, _ = run(capsys, "trend", table, *TREND, "--json")
    answer = json.loads(out)
    assert answer["Old"]["direction"] == "falling"
    assert answer["Old"]["periods"][0]["first_day"] == "2026-01-01"
    assert len(answer["Old"]["periods"]) == 6
    assert answer["New"]["direction"] != "falling"
    code, out, _ = run(capsys, "trend", table, *TREND, "--json", "--last", "2")
    assert json.loads(out)["Old"]["reason"] == "too_few_periods"


def test_pace(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("pace", table, "--target", "20000", "--first", "2026-06-01", "--last", "2026-07-31")
    code, out, _ = run(capsys, *words, "--value", "revenue", "--json")
    assert code == 0
    answer = json.loads(out)
    assert (answer["days_elapsed"], answer["days_total"]) == (30, 61)
    assert answer["method"] == "run_rate"
    assert (
        answer["landing_interval"]["low"] < answer["landing"] < answer["landing_interval"]["high"]
    )
    code, out, _ = run(capsys, *words, "--value", "revenue", "--per", "spend")
    assert "present run-rate" in out


def test_move(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--line", "campaign", "--spend", "spend", "--return", "revenue")
    code, out, _ = run(capsys, "move", table, *words)
    assert code == 0
    assert "from Old to New" in out
    _, first, _ = run(capsys, "move", table, *words, "--json")
    _, second, _ = run(capsys, "move", table, *words, "--json")
    assert first == second
    assert json.loads(first)["move"]["gain"]["p50"] > 0
    assert set(json.loads(first)["elasticities"]) == {"Old", "New"}
    _, out, _ = run(capsys, "move", table, *words, "--step", "1000000")
    assert "no_room" in out
    code, _, err = run(capsys, "move", table, *words, "--giver", "Nobody")
    assert (code, "no line 'Nobody'" in err) == (2, True)


def test_a_packed_file_is_read_too(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = table.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(table.read_bytes()))
    assert run(capsys, "trend", packed, *TREND)[1] == run(capsys, "trend", table, *TREND)[1]


def test_a_missing_row_is_unknown_unless_told_that_it_is_zero(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = table.read_text().splitlines()
    table.write_text("\n".join(row for row in rows if not row.startswith("2026-03-05,Old")))
    _, unknown, _ = run(capsys, "trend", table, *TREND, "--json")
    _, zero, _ = run(capsys, "trend", table, *TREND, "--json", "--fill")
    assert json.loads(unknown)["Old"]["periods"][2]["days"] == 30
    assert json.loads(zero)["Old"]["periods"][2]["days"] == 31


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no column 'revenue', 'spend'"),
        ("day,spend\n2026-01-01,1\n", "no column 'revenue'; the file has 'day', 'spend'"),
        ("day,spend,revenue\n", "has a heading but no rows"),
        ("day,spend,revenue\n01.02.2026,1,2\n", "line 2: day is '01.02.2026'"),
        ("day,spend,revenue\n2026-01-01,1,2\n2026-01-02,€5,2\n", "line 3: spend is '€5'"),
        ("day,spend,revenue\n2026-01-01,inf,2\n", "line 2: spend is 'inf'"),
    ],
)
def test_a_bad_file_is_refused_with_the_place_and_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, complaint: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    code, out, err = run(capsys, "trend", path, "--numerator", "revenue", "--denominator", "spend")
    assert (code, out) == (2, "")
    assert complaint in err or "no column 'day', 'revenue', 'spend'" in err


def test_files_that_are_no_text_or_not_there_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\xff\xfe\x00")
    words = ("--numerator", "revenue", "--denominator", "spend")
    assert "not a CSV" in run(capsys, "trend", path, *words)[2]
    assert "No such file" in run(capsys, "trend", tmp_path / "none.csv", *words)[2]
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(b"no gzip")
    code, _, err = run(capsys, "trend", broken, *words)
    assert code == 2
    assert "broken.csv.gz" in err


def test_help_lists_the_commands_and_nothing_of_the_product_is_loaded() -> None:
    script = (
        "import sys, analytics.__main__; print(sorted(m for m in sys.modules if 'django' in m))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
    shown = subprocess.run(
        [sys.executable, "-m", "analytics", "--help"], capture_output=True, text=True, check=True
    )
    assert all(word in shown.stdout for word in ("trend", "pace", "move"))
