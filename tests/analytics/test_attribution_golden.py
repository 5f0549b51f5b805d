"""Every model gives the golden numbers, on public paths and on events with a known chain."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics.__main__ import main

Ask = Callable[..., dict[str, Any]]
CLOSE = 1e-9
RULES = {"position_40_20_40": "position", "time_decay_7d": "time_decay"}


@pytest.fixture(scope="session")
def folder(shared_data: Path) -> Path:
    return shared_data / "analytics" / "attribution"


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Ask:
    def ask(file: Path, *words: str) -> dict[str, Any]:
        assert main(["attribute", str(file), "--json", *words]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return ask


def agree(model: dict[str, dict[str, float]], column: str, golden: dict[str, float]) -> None:
    """A channel that the golden file leaves out has no credit."""
    assert set(golden) <= set(model)
    got = {channel: row[column] for channel, row in model.items()}
    assert got == pytest.approx({channel: golden.get(channel, 0.0) for channel in model}, abs=CLOSE)


@pytest.mark.feature("6.2")
def test_public_paths(folder: Path, answer: Ask) -> None:
    golden = json.loads((folder / "golden_pathdata.json").read_text())
    found = answer(folder / "channelattribution_pathdata.csv.gz")
    for name in ("first", "last", "linear", "position_40_20_40"):
        agree(found["models"][RULES.get(name, name)], "conversions", golden[name])
        agree(found["models"][RULES.get(name, name)], "value", golden[f"{name}_value"])
    assert found["conversions"] == golden["total_conversions"]
    assert found["unattributed"] == 0
    assert 0 < found["disagreement"] < 1


@pytest.mark.feature("6.3")
def test_markov_and_shapley_on_public_paths(folder: Path, answer: Ask) -> None:
    golden = json.loads((folder / "golden_pathdata.json").read_text())
    models = answer(folder / "channelattribution_pathdata.csv.gz")["models"]
    for name, key in (("markov", "markov1"), ("markov_2", "markov2")):
        agree(models[name], "conversions", golden[key]["attributed"])
        agree(models[name], "removal_effect", golden[key]["removal"])
    agree(models["markov"], "value", golden["markov1_value"]["attributed"])
    agree(models["shapley"], "conversions", golden["shapley_conversions"])
    agree(models["shapley"], "value", golden["linear_unique_value"])


def test_a_textbook_case(folder: Path, tmp_path: Path, answer: Ask) -> None:
    golden = json.loads((folder / "golden_tiny_textbook.json").read_text())
    file = tmp_path / "paths.csv"
    rows = [f"{path},{gained},{lost}" for path, gained, lost in golden["paths"]]
    file.write_text("\n".join(["path,total_conversions,total_null", *rows]))
    markov = answer(file)["models"]["markov"]
    agree(markov, "removal_effect", golden["markov"]["removal"])
    agree(markov, "conversions", golden["markov"]["attributed"])


@pytest.mark.feature("6.1")
@pytest.mark.parametrize("words", [(), ("--lookback", "30", "--half-life", "7")])
def test_events(folder: Path, answer: Ask, words: tuple[str, ...]) -> None:
    golden = json.loads((folder / "journeys_21_golden.json").read_text())["golden_on_this_sample"]
    found = answer(folder / "journeys_21.csv.gz", *words)
    models = found["models"]
    for name, credit in golden["heuristics"]["credit"].items():
        agree(models[RULES.get(name, name)], "conversions", credit)
        agree(models[RULES.get(name, name)], "value", golden["heuristics"]["credit_value"][name])
    whole = golden["markov1_paths_no_lookback"]
    agree(models["markov"], "removal_effect", whole["removal"])
    agree(models["markov"], "conversions", whole["attributed"])
    agree(models["markov_2"], "removal_effect", golden["markov2"])
    agree(models["shapley"], "conversions", golden["shapley_conversions"])
    assert found["conversions"] == golden["heuristics"]["conversions"]
    assert found["unattributed"] == golden["heuristics"]["conversions_without_touch_in_window"]


def test_unpacked_is_the_same_as_packed(folder: Path, tmp_path: Path, answer: Ask) -> None:
    packed = folder / "journeys_21.csv.gz"
    plain = tmp_path / "journeys.csv"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    assert answer(plain) == answer(packed)


def test_the_shape_of_the_answer(folder: Path, answer: Ask) -> None:
    found = answer(folder / "journeys_21.csv.gz")
    assert set(found) == {"models", "conversions", "unattributed", "disagreement"}
    assert set(found["models"]) == {
        "first", "last", "last_non_direct", "linear", "position", "time_decay", "markov",
        "markov_2", "shapley",
    }  # fmt: skip
    for name, model in found["models"].items():
        for row in model.values():
            assert set(row) == {"conversions", "value", "removal_effect"}
            assert (row["removal_effect"] is not None) == name.startswith("markov")
