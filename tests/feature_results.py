"""Keeps which features' tests passed, for `make features`.

Loaded by tests/conftest.py. Each run renews the tests it ran in `features.json` of
ADROIT_VAR and leaves the others as they were; a test that no longer exists is dropped
by `tools/features.py`, which knows what pytest collects today.
"""

import json
import os
from pathlib import Path

import pytest

from config.places import var_folder

KEY = "feature"


def results_file() -> Path:
    return var_folder(os.environ) / "features.json"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Put the ids of `@pytest.mark.feature("4.2", ...)` where reports carry them along."""
    ids = {feature for mark in item.iter_markers(KEY) for feature in mark.args}
    item.user_properties.extend((KEY, feature) for feature in sorted(ids))


class FeatureResults:
    """Collects outcomes in the process that sees every report."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not any(name == KEY for name, _ in report.user_properties):
            return
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[report.nodeid] = report.outcome

    def pytest_sessionfinish(self) -> None:
        if self.outcomes:
            merge_results(results_file(), self.outcomes)


def merge_results(path: Path, outcomes: dict[str, str]) -> None:
    """Renew `path` (test id -> passed, failed or skipped) with this run's outcomes."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(known | outcomes, indent=1, sort_keys=True), encoding="utf-8")
    fresh.replace(path)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(FeatureResults())
