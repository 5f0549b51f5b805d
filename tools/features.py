"""Which features have tests that pass: `python -m tools.features` (`make features`).

A test names the features it proves, `@pytest.mark.feature("4.2")`; docs/features.csv
lists them all. What passed is remembered from the last runs (tests/feature_results.py).
A feature is proved when all its tests passed and at least one was not skipped.
"""

import argparse
import csv
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.places import PROJECT_ROOT
from tests.feature_results import results_file
from tools.feature_listing import PREFIX

LIST = PROJECT_ROOT / "docs" / "features.csv"


@dataclass(frozen=True)
class Feature:
    id: str
    area: str
    text: str


@dataclass(frozen=True)
class Standing:
    """A feature and what its tests last said: test id -> outcome ("not run" if never)."""

    feature: Feature
    outcomes: Mapping[str, str]

    @property
    def word(self) -> str:
        said = set(self.outcomes.values())
        if not said:
            return "no test"
        if "failed" in said:
            return "FAILS"
        if said <= {"passed", "skipped"} and "passed" in said:
            return "passes"
        return "not run"


def read_features(path: Path = LIST) -> list[Feature]:
    with path.open(encoding="utf-8", newline="") as file:
        return [Feature(*row) for row in list(csv.reader(file))[1:]]


def collect() -> dict[str, set[str]]:
    """Feature id -> the ids of its tests, as pytest collects them today."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-p",
        "tools.feature_listing",
    ]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"pytest cannot collect the tests:\n{(done.stdout + done.stderr)[-3000:]}")
    return by_feature(done.stdout.splitlines())


def by_feature(lines: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        if line.startswith(PREFIX):
            feature, test = line.removeprefix(PREFIX).split(" ", 1)
            found[feature].add(test)
    return found


def standings(
    features: Iterable[Feature], tests: Mapping[str, set[str]], results: Mapping[str, str]
) -> list[Standing]:
    return [
        Standing(
            one, {test: results.get(test, "not run") for test in sorted(tests.get(one.id, ()))}
        )
        for one in features
    ]


def unknown_ids(features: Iterable[Feature], tests: Mapping[str, set[str]]) -> list[str]:
    """Ids that tests name and the list does not have."""
    return sorted(set(tests) - {one.id for one in features})


def last_results() -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(results_file().read_text(encoding="utf-8"))
    except OSError:
        return {}
    return kept


def show(all_standings: list[Standing]) -> None:
    area = ""
    for one in all_standings:
        if one.feature.area != area:
            area = one.feature.area
            print(f"\n{area}")
        count = f"{len(one.outcomes)} tests" if one.outcomes else ""
        print(f"  {one.feature.id:>6}  {one.word:<8} {count:>9}  {one.feature.text}")
    words = [one.word for one in all_standings]
    counts = ", ".join(f"{words.count(word)} {word}" for word in sorted(set(words)))
    print(f"\n{len(words)} features: {counts}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Which features have tests that pass.")
    parser.add_argument("--json", action="store_true", help="one object per feature")
    as_json = parser.parse_args().json
    features, tests = read_features(), collect()
    all_standings = standings(features, tests, last_results())
    if as_json:
        rows = [
            {"id": one.feature.id, "state": one.word, "tests": dict(one.outcomes)}
            for one in all_standings
        ]
        print(json.dumps(rows, indent=1))
    else:
        show(all_standings)
    strange = unknown_ids(features, tests)
    if strange:
        print(f"Tests name features that docs/features.csv lacks: {', '.join(strange)}")
    return 1 if strange or any(one.word == "FAILS" for one in all_standings) else 0


if __name__ == "__main__":
    sys.exit(main())
