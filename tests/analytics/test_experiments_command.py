"""`python -m analytics experiment` reads any test and says what is wrong with a bad one."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.__main__ import main
from analytics.commands.experiment import DOCUMENT, FIELDS
from analytics.commands.experiment_file import METRIC, TOP, TOTALS

pytestmark = pytest.mark.feature("7.2")


@pytest.fixture
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DOCUMENT)
    return found


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def asked(document: Any, *words: str) -> tuple[int, str, str]:
        path = tmp_path / "test.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        code = main(["experiment", str(path), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return asked


def answered(ask: Any, document: Any) -> dict[str, Any]:
    code, out, err = ask(document, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out, parse_constant=pytest.fail)
    return found


def test_the_example_is_a_whole_document(
    ask: Any, capsys: pytest.CaptureFixture[str], document: dict[str, Any]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["experiment", "--example"])
    assert ended.value.code == 0
    code, out, _ = ask(capsys.readouterr().out)
    assert code == 0
    assert out.startswith("Take green: order rate +14.8% (95% interval +4.9% to +24.7%)")
    answer = answered(ask, document)
    effect = answer["metrics"]["order rate"]["green"]
    assert effect["p"] == pytest.approx(3.45062884984169e-05)
    assert effect["always_valid"]["method"] == "until_end"
    assert effect["outlook"]["days_left"] == 4
    assert set(effect["corrected_p"]) == {
        "bonferroni", "holm", "fdr_bh", "fdr_by", "hommel", "sidak",
    }  # fmt: skip
    assert answer["split"]["p"] == pytest.approx(0.6446, abs=1e-4)


def test_the_help_lists_every_field() -> None:
    words = set(re.findall(r"\w+", FIELDS))
    assert {*TOP, *METRIC, *(name for names in TOTALS.values() for name in names)} <= words


def test_two_runs_give_the_same_bytes(ask: Any, document: dict[str, Any]) -> None:
    assert ask(document, "--json") == ask(document, "--json")


def test_totals_and_units_give_the_same_answer(ask: Any, tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    before = generator.gamma(2, 5, 600).round(2)
    after = (before + generator.gamma(2, 2, 600)).round(2)
    arm = np.where(np.arange(600) % 2, "b", "a")
    rows = [f"{i},{arm[i]},{before[i]},{after[i]}" for i in range(600)]
    (tmp_path / "units.csv").write_text("\n".join(["user,arm,before,after", *rows]))
    listed, summed = {}, {}
    for name in "ab":
        y, x = after[arm == name], before[arm == name]
        listed[name] = {"values": y.tolist(), "covariate": x.tolist()}
        summed[name] = {
            "n": len(y), "sum": y.sum(), "squares": (y**2).sum(), "second_sum": x.sum(),
            "second_squares": (x**2).sum(), "products": (x * y).sum(),
        }  # fmt: skip
    base = {"name": "t", "arms": ["a", "b"], "looks": 1}
    metric = {"name": "m", "kind": "mean", "role": "primary"}
    data = {"file": "units.csv", "arm": "arm", "unit": "user"}
    columns = {**metric, "column": "after", "covariate": "before"}
    ways = [
        {**base, "metrics": [{**metric, "arms": listed}]},
        {**base, "metrics": [{**metric, "arms": summed}]},
        {**base, "data": data, "metrics": [columns]},
    ]
    effects = [answered(ask, way)["metrics"]["m"]["b"] for way in ways]
    for effect in effects:
        assert effect["p"] == pytest.approx(effects[0]["p"], rel=1e-9)
        assert effect["adjustment"]["theta"] == pytest.approx(effects[0]["adjustment"]["theta"])
    ratio = {**metric, "kind": "ratio", "column": "after", "denominator": "before"}
    totals = {**metric, "kind": "ratio", "arms": summed}
    by_units = answered(ask, {**base, "data": data, "metrics": [ratio]})["metrics"]["m"]["b"]
    by_totals = answered(ask, {**base, "metrics": [totals]})["metrics"]["m"]["b"]
    assert by_units["interval"]["low"] == pytest.approx(by_totals["interval"]["low"])
    assert by_units["value"] == pytest.approx(after[arm == "b"].sum() / before[arm == "b"].sum())


def test_public_experiments_come_out_as_published(ask: Any, shared_data: Path) -> None:
    folder = shared_data / "analytics/abtest"
    golden = json.loads((folder / "golden_abtest.json").read_text())
    block = golden["cookie_cats.retention_7"]
    arms = ["gate_30", "gate_40"]
    seen = {
        arm: {"n": n, "events": x} for arm, n, x in zip(arms, block["n"], block["x"], strict=True)
    }
    week = {"name": "week", "kind": "proportion", "role": "primary", "arms": seen}
    cats = {"name": "gates", "arms": arms, "metrics": [week]}
    answer = answered(ask, cats)
    found = answer["metrics"]["week"]["gate_40"]
    assert found["p"] == pytest.approx(block["p_pooled"], rel=1e-8)
    assert list(found["interval"].values())[:2] == pytest.approx(block["ci95_wald"], rel=1e-8)
    sequence = block["sequential_gb_tuning5000"]
    always = found["always_valid"]
    assert always["relative_p"] == pytest.approx(sequence["p"], rel=1e-8)
    assert always["relative_interval"]["low"] == pytest.approx(sequence["ci"][0], rel=1e-8)
    assert answer["split"]["p"] == pytest.approx(golden["cookie_cats.srm_50_50"]["p"], rel=1e-8)
    assert answer["verdict"]["outcome"] == "invalid"
    mail = {
        "name": "mail",
        "arms": ["No E-Mail", "Mens E-Mail", "Womens E-Mail"],
        "looks": 1,
        "data": {"file": str(folder / "hillstrom.csv"), "arm": "segment"},
        "metrics": [
            {"name": name, "kind": kind, "role": role, "column": name}
            for name, kind, role in (
                ("visit", "proportion", "primary"),
                ("conversion", "proportion", "secondary"),
                ("spend", "mean", "secondary"),
            )
        ],
    }
    answer = answered(ask, mail)
    for method, values in golden["hillstrom.multiple"].items():
        for name, value in values.items():
            _, arm, metric = name.split(".")
            effect = answer["metrics"][metric][f"{arm.title()} E-Mail"]
            assert effect["corrected_p"][method] == pytest.approx(value, rel=1e-8)
    assert answer["metrics"]["visit"]["Mens E-Mail"]["log10_p"] == pytest.approx(-111.245, abs=0.01)
    assert answer["verdict"]["arm"] == "Mens E-Mail"


def test_notes_name_the_unit_that_carries_the_answer(ask: Any) -> None:
    generator = np.random.default_rng(8)
    control, treated = generator.normal(10, 1, (2, 200)).round(3).tolist()
    metric = {"name": "rounds", "kind": "mean", "role": "primary"}
    arms = {"a": {"values": [*control, 900]}, "b": {"values": treated}}
    code, out, _ = ask(
        {"name": "t", "arms": ["a", "b"], "looks": 1, "metrics": [{**metric, "arms": arms}]}
    )
    assert code == 0
    assert "one unit with 900 moves the difference from" in out


def test_what_not_every_test_asks(ask: Any, tmp_path: Path) -> None:
    generator = np.random.default_rng(4)
    place = generator.integers(0, 4, 8000)
    other = np.where(generator.random(8000) < 0.2, place % 2, generator.integers(0, 2, 8000))
    yes = generator.random(8000) < 0.1 + 0.03 * (place % 2)
    names = ["red-a", "red-b", "blue-a", "blue-b"]
    rows = [f"{names[place[i]]},{str(yes[i]).upper()},{other[i]}" for i in range(8000)]
    (tmp_path / "u.csv").write_text("\n".join(["arm,order,mail", *rows, "staff,,"]))
    test: dict[str, Any] = {
        "name": "grid",
        "arms": names,
        "looks": 1,
        "data": {"file": "u.csv", "arm": "arm", "ignore": ["staff"]},
        "also_in": ["mail"],
        "factors": {n: dict(zip(("colour", "text"), n.split("-"), strict=True)) for n in names},
        "holdout": {"spend": {"red-b": 500}},
        "metrics": [{"name": "order", "kind": "proportion", "role": "primary", "column": "order"}],
    }
    answer = answered(ask, test)
    effects = {effect["effect"]: effect for effect in answer["factors"]["order"]}
    assert set(effects) == {"colour blue", "text b", "colour blue x text b"}
    assert effects["text b"]["corrected_p"] < 0.01 < effects["colour blue x text b"]["corrected_p"]
    assert answer["overlaps"][0]["leans"]
    assert answer["added"]["red-b"]["added"] > 0
    assert "tests disturb each other" in ask(test)[1]
    kept = answered(ask, {**test, "registered": answer["fingerprint"]})
    assert kept["plan_kept"]
    assert not answered(ask, {**test, "alpha": 0.1, "registered": answer["fingerprint"]})[
        "plan_kept"
    ]
    shares = answered(ask, {**test, "bandit": {"floor": 0.1}})
    assert sum(shares["shares"].values()) == pytest.approx(1)
    assert min(shares["shares"].values()) >= 0.1
    assert shares["reason"] == "shares_followed"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"metric": []}, "metric: is not a field; known are name, hypothesis"),
        ({"arms": ["control"]}, 'arms: is ["control"]; a list [...] with at least 2'),
        ({"arms": ["a", "a"]}, "different names are needed"),
        ({"metrics": []}, "metrics: is []; a list"),
        ({"alpha": 5}, "alpha: is 5; a number from 1e-06 to below 0.5 is needed"),
        ({"alpha": True}, "alpha: is true; a number"),
        ({"power": "80%"}, 'power: is "80%"; a number from 1e-06 to below 1'),
        ({"looks": 20}, 'looks: is 20; 1, or {"reading"'),
        ({"looks": {"reading": "daily"}}, "one of once, any_time, until_end, planned is needed"),
        ({"looks": {"reading": "until_end"}}, "'end' is needed"),
        ({"looks": {"reading": "planned", "end": 9}}, "'planned' is needed"),
        ({"correction": "tukey"}, "one of bonferroni, holm"),
        ({"split": {"control": 1}}, "split: has no 'green'; add it"),
        ({"split": {"control": 0, "green": 1}}, "split.control: is 0; a number above zero"),
        ({"daily_units": -1}, "daily_units: is -1"),
        ({"also_in": ["mail"]}, "'data' with a file is needed"),
        ({"factors": {"control": {"x": "1"}, "green": {"y": "2"}}}, "factors.green: is"),
        ({"bandit": {"floor": 0.7}}, "bandit.floor: is 0.7; a share from 0 to 0.5"),
        ({"holdout": {"spend": {"green": 0}}}, "holdout.spend.green: is 0"),
        ({"data": {"file": "no.csv", "arm": "arm"}}, "no.csv: No such file"),
        ({"name": ""}, 'name: is ""; a text is needed'),
    ],
)
def test_a_bad_field_is_named_with_the_remedy(
    ask: Any, document: dict[str, Any], change: dict[str, Any], complaint: str
) -> None:
    code, out, err = ask({**document, **change})
    assert (code, out) == (2, "")
    assert complaint in err
    assert "test.json, " in err or "no.csv" in err


@pytest.mark.parametrize(
    ("kind", "totals", "complaint"),
    [
        ("proportion", {"n": 10, "events": 11}, "events: is 11; at most n, 10, is needed"),
        ("proportion", {"n": 10, "events": 1.5}, "a whole number from 0 to 1e+15 is needed"),
        ("proportion", {"n": 10}, "'events' is needed"),
        ("proportion", {"events": 1}, "'n', the number of units, or 'values' is needed"),
        ("proportion", {"n": 1e999, "events": 1}, "n: is Infinity"),
        ("proportion", {"n": 10, "mean": 0.1}, "mean: is not a field; known are n, events"),
        ("proportion", {"values": [0, 2]}, "a proportion needs 0 or 1"),
        ("count", {"values": [0, -2]}, "a number of at least 0 of every unit"),
        ("count", {"n": 10, "events": -1}, "a whole number from 0 to 1e+15 is needed"),
        ("mean", {"n": 1, "mean": 3, "variance": 1}, "a whole number from 2 to 1e+15 is needed"),
        ("mean", {"n": 9, "mean": 3}, "'variance' is needed"),
        ("mean", {"n": 9, "mean": 3, "variance": -1}, "variance: is -1; a number of at least 0"),
        ("mean", {"n": 10, "sum": 100, "squares": 5}, "at least 1000"),
        ("mean", {"values": [1]}, "at least two units"),
        (
            "mean",
            {"values": [1, 1e99]},
            "values[1]: is 1e+99; 0 or a size from 1e-50 to 1e+50 is needed",
        ),
        ("mean", {"values": [1, "x"]}, 'values[1]: is "x"; a number is needed'),
        ("mean", {"values": [1, 2], "covariate": [1]}, "as many second numbers as values, 2"),
        ("ratio", {"n": 9, "sum": 1, "squares": 1}, "'second_sum' is needed"),
        (
            "ratio",
            {
                "n": 9,
                "sum": 9,
                "squares": 12,
                "second_sum": 9,
                "second_squares": 11,
                "products": 99,
            },
            "products: is 99; the sum of the products",
        ),
        (
            "ratio",
            {"n": 9, "sum": 9, "squares": 12, "second_sum": 0, "second_squares": 0, "products": 0},
            "a denominator above zero",
        ),
    ],
)
def test_a_bad_total_is_named_with_the_remedy(
    ask: Any, kind: str, totals: dict[str, Any], complaint: str
) -> None:
    metric = {"name": "m", "kind": kind, "role": "primary", "arms": {"a": totals, "b": totals}}
    code, out, err = ask({"name": "t", "arms": ["a", "b"], "metrics": [metric]})
    assert (code, out) == (2, "")
    assert complaint in err
    assert "metrics[0].arms.a" in err


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"kind": "median"}, 'metrics[0].kind: is "median"; one of proportion, mean'),
        ({"role": "secondary"}, 'exactly one metric with "role": "primary" is needed'),
        ({"better": "on_target"}, "higher or lower is needed"),
        ({"minimum_effect": 0}, "minimum_effect: is 0; a number above zero"),
        ({"column": "x"}, "either 'arms' with totals or a 'column'"),
    ],
)
def test_a_bad_metric_is_named_with_the_remedy(
    ask: Any, document: dict[str, Any], change: dict[str, Any], complaint: str
) -> None:
    document["metrics"][0].update(change)
    code, _, err = ask(document)
    assert code == 2
    assert complaint in err


def test_two_metrics_of_one_name_are_refused(ask: Any, document: dict[str, Any]) -> None:
    document["metrics"][1]["name"] = "order rate"
    assert "there are two metrics 'order rate'" in ask(document)[2]


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("1,c,0\n", "line 2: arm is 'c'; one of the arms a, b is needed"),
        ("1,a,0\n2,b,0\n1,b,1\n", "line 4: user '1' is in line 2 already; one row per unit"),
        ("1,a,\n2,b,0\n", "line 2: order is empty; a number is needed, 0 where nothing happened"),
        ("1,a,x\n", "line 2: order is 'x'; a plain number"),
        ("1,a,0\n2,a,1\n", "no row has arm 'b'; check the name"),
        ("", "no row has arm 'a'"),
        ("1,a,0\n2,a,1\n3,b,2\n4,b,0\n", "a proportion needs 0 or 1"),
    ],
)
def test_a_bad_row_is_named_with_the_remedy(
    ask: Any, tmp_path: Path, rows: str, complaint: str
) -> None:
    (tmp_path / "u.csv").write_text(f"user,arm,order\n{rows}")
    code, out, err = ask(
        {
            "name": "t",
            "arms": ["a", "b"],
            "data": {"file": "u.csv", "arm": "arm", "unit": "user"},
            "metrics": [{"name": "m", "kind": "proportion", "role": "primary", "column": "order"}],
        }
    )
    assert (code, out) == (2, "")
    assert complaint in err


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "test.json, line 1, column 2: not JSON"),
        ("[]", "document: is []; an object {...} is needed"),
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_document_is_refused(ask: Any, text: str, complaint: str) -> None:
    code, _, err = ask(text)
    assert code == 2
    assert complaint in err


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Any:
    """The places of everything in a document."""
    if place:
        yield place
    inside = value.items() if isinstance(value, dict) else ()
    for key, item in enumerate(value) if isinstance(value, list) else inside:
        yield from leaves(item, (*place, key))


@pytest.mark.parametrize("wrong", [0, -1, 1e300, 1e-300, None, True, "x", [], {}, [1, "y"]])
def test_whatever_stands_in_a_field_is_answered_or_refused(
    ask: Any, document: dict[str, Any], wrong: Any
) -> None:
    for place in leaves(document):
        spoilt = json.loads(DOCUMENT)
        inner = spoilt
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = wrong
        code, out, err = ask(spoilt, "--json")
        assert (code, bool(out), bool(err)) in ((0, True, False), (2, False, True)), place
