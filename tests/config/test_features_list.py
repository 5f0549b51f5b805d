"""`make features`: which features have tests that pass."""

import json
from pathlib import Path

from tests.feature_results import merge_results
from tools.features import Feature, by_feature, read_features, standings, unknown_ids

HEALTH = Feature("4.2", "Monitor", "Campaign health")


def word(outcomes: dict[str, str], collected: set[str]) -> str:
    return standings([HEALTH], {"4.2": collected}, outcomes)[0].word


def test_the_list_has_every_row_once() -> None:
    ids = [feature.id for feature in read_features()]
    assert len(ids) == len(set(ids)) == 161
    assert all(feature.text and feature.area for feature in read_features())


def test_a_feature_passes_when_all_its_tests_did() -> None:
    assert word({"a": "passed", "b": "passed"}, {"a", "b"}) == "passes"
    assert word({"a": "passed", "b": "skipped"}, {"a", "b"}) == "passes"
    assert word({"a": "passed", "b": "failed"}, {"a", "b"}) == "FAILS"
    assert word({"a": "skipped"}, {"a"}) == "not run"
    assert word({"a": "passed"}, {"a", "b"}) == "not run"
    assert word({"a": "passed"}, set()) == "no test", "a test that is gone proves nothing"


def test_pytests_listing_is_read() -> None:
    lines = [
        "feature-test 4.2 tests/x.py::test_a[1 2]",
        "feature-test 4.3 tests/x.py::test_a[1 2]",
        "",
    ]
    found = by_feature(lines)
    assert found == {"4.2": {"tests/x.py::test_a[1 2]"}, "4.3": {"tests/x.py::test_a[1 2]"}}
    assert unknown_ids([HEALTH], found) == ["4.3"]


def test_a_run_renews_its_own_tests_only(tmp_path: Path) -> None:
    kept = tmp_path / "features.json"
    merge_results(kept, {"a": "passed", "b": "passed"})
    merge_results(kept, {"b": "failed"})
    assert json.loads(kept.read_text(encoding="utf-8")) == {"a": "passed", "b": "failed"}
