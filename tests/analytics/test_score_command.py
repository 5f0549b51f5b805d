"""The command line rates any table of people, and says what is wrong with a bad one."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from analytics.__main__ import main
from analytics.scores import record_from_plain
from tests.analytics.people import people


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = main([str(word) for word in ("score", *words)])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table, outcome, _ = people(1, n=1200)
    path = tmp_path_factory.mktemp("leads") / "leads.csv"
    call = 3 * outcome + np.random.default_rng(1).normal(size=1200)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["lead", *table, "call", "won"])
        for row in range(1200):
            cells = ["" if str(c[row]) == "nan" else c[row] for c in table.values()]
            writer.writerow([f"L{row}", *cells, call[row], ("no", "yes")[outcome[row]]])
        writer.writerow(["open lead", "", "search", "", "", ""])
    return path


@pytest.mark.feature("13.2")
def test_quality_factors_leaks_and_the_model(
    leads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "model.json"
    code, out, _ = run(capsys, leads, "--target", "won", "--json", "--model", model)
    assert code == 0
    answer = json.loads(out)
    assert answer["n"] == 1200
    assert 0.6 < answer["auc"] < 0.85
    assert answer["auc_interval"]["low"] < answer["auc"]
    assert answer["brier"] < 0.25
    assert answer["calibration_error"] < 0.08
    assert len(answer["calibration"]) == 10
    assert answer["lift_top_decile"] > 1.3
    assert answer["factors"][0]["name"] in ("visits", "source")
    assert [one["name"] for one in answer["leak_suspects"]] == ["call"]
    assert answer["left_out"] == ["lead"]
    record = record_from_plain(json.loads(model.read_text()))
    likely = record.chance({"visits": 9, "source": "partner"}).chance
    assert likely > record.chance({"visits": 1, "source": "search"}).chance


def test_people_read_it_in_sentences(leads: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, leads, "--target", "won", "--drop", "noise")
    assert "won: AUC 0." in out
    assert "call may know the outcome (alone AUC" in out
    assert "Of no use: lead." in out
    assert "noise" not in out


def test_too_little_is_refused_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "few.csv"
    path.write_text("a,y\n" + "1,0\n2,1\n" * 50)
    answer = json.loads(run(capsys, path, "--target", "y", "--json")[1])
    assert (answer["reason"], answer["auc"], answer["n"]) == ("too_few_rows", None, 100)
    assert "too few rows" in run(capsys, path, "--target", "y")[1]


@pytest.mark.parametrize(
    ("text", "words", "complaint"),
    [
        ("a,b\n1,2\n", (), "no column 'y'; the file has 'a', 'b'"),
        ("a,y\n1,\n", (), "no row has a value in 'y'"),
        ("a,y\n1,won\n2,lost\n", (), "column 'y' has 'lost', 'won'; 1 and 0 or yes and no"),
        ("a,y\n1,won\n", ("--positive", "gained"), "'gained' is not in column 'y'"),
        ("a,y\n1,1\n", ("--drop", "c"), "no column 'c'"),
        ("a,day,y\n1,,1\n", ("--order", "day"), "column 'day' is empty in some rows"),
    ],
)
def test_a_bad_file_is_refused_with_the_remedy(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str,
    words: tuple[str, ...],
    complaint: str,
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    code, out, err = run(capsys, path, "--target", "y", *words)
    assert (code, out) == (2, "")
    assert complaint in err


def test_an_outcome_in_other_words_and_an_order_in_days(
    leads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = list(csv.DictReader(leads.read_text().splitlines()))[:1200]
    path = tmp_path / "words.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["visits", "source", "made", "stage"])
        for n, row in enumerate(rows):
            day = np.datetime64("2024-01-01") + n // 2
            stage = "customer" if row["won"] == "yes" else "lost"
            writer.writerow([row["visits"], row["source"], day, stage])
    words = ("--target", "stage", "--positive", "customer", "--order", "made", "--json")
    answer = json.loads(run(capsys, path, *words)[1])
    assert answer["auc"] > 0.6
    assert {one["name"] for one in answer["factors"]} == {"visits", "source"}
