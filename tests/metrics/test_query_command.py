"""``manage.py query``: JSON that loses nothing, CSV, and a table for people."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from tests.cast import Cast
from tests.world import load_days, make_campaign, make_line


def run(*args: str) -> str:
    out = StringIO()
    call_command("query", *args, stdout=out, stderr=StringIO())
    return out.getvalue()


def run_json(*args: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*args, "--json"))
    return found


@pytest.fixture
def facts(cast: Cast) -> None:
    for name, spend in (("camp 1", "17516.0036"), ("camp 2", "100")):
        line = make_line(cast, make_campaign(cast, name), currency="USD")
        load_days(line, {"2026-04-03": {"spend": spend, "revenue": "200", "conversions": "2.5"}})


@pytest.mark.usefixtures("facts")
def test_json_has_exact_amounts_with_their_currency() -> None:
    found = run_json(
        "--metrics", "spend,roas,conversions", "--by", "campaign,month",
        "--period", "2026-04..2026-06", "--order", "campaign",
    )  # fmt: skip
    assert [column["key"] for column in found["columns"]] == [
        "campaign", "month", "spend", "roas", "conversions",
    ]  # fmt: skip
    assert found["columns"][2] | {"formula": ""} == {
        "key": "spend",
        "label": "Spend",
        "unit": "money",
        "currency": "USD",
        "direction": "none",
        "formula": "",
    }
    row = found["rows"][0]
    assert (row["campaign"], row["month"]) == ("camp 1", "2026-04")
    assert (row["spend"], row["roas"], row["conversions"]) == ("17516.0036", "0.0114181296", "2.5")
    assert found["rows"][1]["spend"] == "100.00"
    assert found["totals"] == {"spend": "17616.0036", "roas": "0.0227066257", "conversions": "5"}
    assert found["as_of"] == found["known_at"] == "2026-11-20T06:00:00+00:00"
    assert [batch["label"] for batch in found["batches"]] == ["test.csv", "test.csv"]
    assert found["currency"] == "USD"


@pytest.mark.usefixtures("facts")
def test_filters_as_of_and_comparison() -> None:
    where = ["--metrics", "spend", "--period", "2026-04"]
    assert run_json(*where, "--where", "campaign=camp 2")["totals"]["spend"] == "100.00"
    both = run_json(*where, "--where", "campaign=camp 1", "--where", "campaign=camp 2")
    assert both["totals"]["spend"] == "17616.0036"
    assert run_json(*where, "--as-of", "2026-11-19")["totals"]["spend"] is None
    assert run_json(*where, "--as-of", "2026-11-20T06:00Z")["totals"]["spend"] == "17616.0036"
    compared = run_json("--metrics", "spend", "--period", "2026-05", "--compare", "previous")
    assert compared["totals"] == {
        "spend": None,
        "spend_before": "17616.0036",
        "spend_change": None,
    }


@pytest.mark.usefixtures("facts")
def test_csv_and_the_table_for_people() -> None:
    asked = ["--metrics", "spend,roas", "--by", "campaign", "--period", "2026-04"]
    assert run(*asked, "--csv").splitlines() == [
        "Campaign,Spend (USD),ROAS",
        "camp 1,17516.0036,0.0114181296",
        "camp 2,100.00,2",
        "Total,17616.0036,0.0227066257",
    ]
    table = run(*asked).splitlines()
    assert table[1] == "camp 1     17516.0036  0.0114181296"
    assert table[-1] == "As of 2026-11-20 06:00 UTC"


def test_csv_holds_no_formula_and_keeps_negative_numbers(cast: Cast) -> None:
    line = make_line(cast, make_campaign(cast, "=1+1"), currency="USD")
    load_days(line, {"2026-04-03": {"spend": "-3.5"}})
    told = run("--metrics", "spend", "--by", "campaign", "--period", "2026-04", "--csv")
    assert told.splitlines()[1] == "'=1+1,-3.50"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--metrics", "roi", "--period", "2026-04"], "no metric “roi”"),
        (["--metrics", "spend", "--period", "spring"], "“spring” is not a period"),
        (["--metrics", "spend", "--period", "2026-04", "--where", "x"], "“x” is not a filter"),
        (["--metrics", "spend", "--period", "2026-04", "--as-of", "soon"], "“soon” is not a day"),
        (["--metrics", "spend", "--period", "2026-04", "--viewer", "x@y.z"], "Nobody here"),
    ],
)
def test_a_wrong_question_ends_with_an_error_and_says_why(
    db: None, wrong: list[str], said: str
) -> None:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("query", *wrong, "--json", stdout=out, stderr=StringIO())
    assert ended.value.code == 1
    assert said in json.loads(out.getvalue())["error"]["message"]


@pytest.mark.usefixtures("facts")
def test_it_answers_as_a_person_may_see_it() -> None:
    asked = ["--metrics", "spend", "--period", "2026-04", "--viewer"]
    assert run_json(*asked, "jonas@tarnfell.test")["totals"]["spend"] == "17616.0036"
    assert run_json(*asked, "rosa@tarnfell.test")["totals"]["spend"] is None
