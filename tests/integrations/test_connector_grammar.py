"""A mapping file that makes no sense says the file, the place in it, and why."""

import pytest

from integrations.rules.connector import MappingInvalid, connectors, read_connector
from integrations.rules.connector.loading import FOLDER
from tests.integrations.connector_rows import TINY, tiny

WRONG = {
    "unknown key": ('name = "Tiny Ads"', 'name = "Tiny Ads"\nnmae = ""', "unknown key nmae"),
    "unknown kind": ('kind = "delivery"', 'kind = "parcel"', "kind: must be delivery or crm"),
    "key without latest": ("missing = true", "mising = true", "tables.names: unknown key mising"),
    "latest without key": ('key = ["id"], latest', "latest", "tables.names: has `latest` but no"),
    "unknown table": ('from = "stats"', 'from = "stat"', "there is no table or view “stat”"),
    "unknown joined": ('table = "names"', 'table = "name"', "there is no table or view “name”"),
    "not joined": ("names.name", "accounts.name", "“accounts.name” is neither a column nor"),
    "unknown function": ("sum(clicks)", "sum(twice(clicks))", "there is no function “twice”"),
    "too many values": ("day(date)", "day(date, id)", "day takes 1 values"),
    "wrong kind": ("sum(clicks)", "sum(day(date))", "must be a number, not a day"),
    "text as a measure": ("sum(clicks)", "lower(id)", "columns.clicks: must be a number"),
    "row beside a sum": ("sum(clicks)", "sum(clicks) + number(id)", "id stands outside of the sum"),
    "sum in a sum": ("sum(clicks)", "sum(sum(clicks))", "sum stands inside of another sum"),
    "unknown column": ("campaign_id =", "campain_id =", "campain_id: is no column of a report"),
    "no level": ("[reports.campaign]", "[reports.campain]", "is no level"),
    "no day": ('date_day = "day(date)"', "", "neither date_day nor date_month"),
    "code": ("sum(clicks)", "sum(x for x in y)", "is not understood"),
    "attribute of a call": ("sum(clicks)", "day(date).year", "is no way to a value"),
    "broken": ("sum(clicks)", "sum(clicks", "cannot be read"),
    "no expression": ('"sum(clicks)"', "7", "7 is no expression; write it in quotes"),
    "unknown setting": ("sum(clicks)", "sum(settings.a.b)", "there is no setting “a”"),
    "broken file": ("[tables]", "[tables", "tiny.toml: "),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_with_its_place(case: str) -> None:
    old, new, said = WRONG[case]
    source = TINY
    if case == "no level":
        source = source.replace("reports.campaign.columns", "reports.campain.columns")
    assert old in source
    with pytest.raises(MappingInvalid) as wrong:
        read_connector(source.replace(old, new), "tiny.toml")
    assert said in str(wrong.value)
    assert str(wrong.value).startswith("tiny.toml")


def test_an_unknown_key_is_named_with_the_known_ones() -> None:
    with pytest.raises(MappingInvalid, match=r"tables\.stats: unknown key kee; known: key, latest"):
        tiny(instead={'stats = { key = ["id", "date"], latest = ["synced"],': "stats = { kee = 1,"})


def test_a_view_that_reads_from_itself_is_refused() -> None:
    views = """
[views.a]
from = "b"
[views.a.columns]
id = "id"
[views.b]
from = "a"
[views.b.columns]
id = "id"
"""
    with pytest.raises(MappingInvalid, match="reads from itself: a > b > a"):
        read_connector(TINY + views, "tiny.toml")


def test_options_of_a_setting_name_the_same_expressions() -> None:
    setting = """
[settings.cost]
what = "The currency of cost"
default = "usd"
[settings.cost.options.usd]
amount = "cost"
[settings.cost.options.local]
money = "cost"
"""
    with pytest.raises(MappingInvalid, match=r"settings\.cost\.options: must name the same"):
        read_connector(TINY + setting, "tiny.toml")


def test_every_mapping_file_of_the_product_is_read_and_named_after_its_key() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(connectors())
    assert len(connectors()) >= 12
