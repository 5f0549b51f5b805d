"""The command line scores any series row by row, and says what is wrong with a bad file."""

import json
from pathlib import Path

import numpy as np
import pytest

from analytics.__main__ import main


def write(path: Path, values: list[str], heading: str = "timestamp,value") -> Path:
    start = np.datetime64("2026-01-01T00:00:01")
    rows = [f"{start + np.timedelta64(n, 'h')},{value}" for n, value in enumerate(values)]
    path.write_text("\n".join([heading, *rows]) + "\n")
    return path


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = main([str(word) for word in ("anomalies", *words)])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def series(tmp_path: Path) -> Path:
    random = np.random.default_rng(1)
    values = [f"{value:.4f}" for value in random.normal(100, 5, 300)]
    values[250], values[120] = "400", ""
    return write(tmp_path / "series.csv", values)


def test_every_row_has_a_score_and_a_flag(series: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, series, "--json")
    assert code == 0
    answer = json.loads(out)
    assert len(answer["rows"]) == 300
    assert [n for n, row in enumerate(answer["rows"]) if row["flag"]] == [250]
    flagged = answer["rows"][250]
    assert flagged["timestamp"] == "2026-01-11T10:00:01"
    assert flagged["value"] == 400
    assert flagged["score"] > answer["threshold"]
    assert flagged["expected"] == pytest.approx(100, abs=10)
    assert answer["rows"][120] == {**answer["rows"][120], "value": None, "score": None}
    assert (answer["step_seconds"], answer["reason"]) == (3600, None)
    assert run(capsys, series, "--json")[1] == out


def test_people_read_what_was_flagged(series: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, series)
    assert "2026-01-11T10:00:01  400  expected" in out
    assert "1 of" in out
    _, out, _ = run(capsys, series, "--until", "2026-01-11")
    assert "0 of" in out


def test_few_rows_are_refused_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "few.csv", ["1"] * 20)
    assert "too_few_rows" in run(capsys, path)[1]
    assert json.loads(run(capsys, path, "--json")[1])["reason"] == "too_few_rows"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no column 'timestamp', 'value'"),
        ("timestamp,value\n", "has a heading but no rows"),
        ("timestamp,value\n2026-01-01,1\n1.2.2026,2\n", "line 3: timestamp is '1.2.2026'"),
        ("timestamp,value\n2026-01-02,1\n2026-01-01,2\n", "line 3: timestamp 2026-01-01 comes"),
        ("timestamp,value\n2026-01-02,lots\n", "line 2: value is 'lots'"),
    ],
)
def test_a_bad_file_is_refused_with_the_place_and_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, complaint: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    code, out, err = run(capsys, path)
    assert (code, out) == (2, "")
    assert complaint in err
