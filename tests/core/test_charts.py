"""Charts: what is drawn, the table twin and the words come from the same values."""

from datetime import date
from decimal import Decimal
from typing import Any

from core.charts import Band, Chart, Marker, Series, Unit, WaterStep, Young
from core.money import Money

DAYS = [date(2026, 11, day) for day in (1, 2, 3)]


def eur(amount: str) -> Money:
    return Money.parse(amount, "EUR")


def line(**options: Any) -> Chart:
    values = [eur("10.5"), None, eur("30")]
    return Chart(
        kind="line",
        x=DAYS,
        unit=Unit.money("EUR"),
        series=[
            Series("Actual", values),
            Series("Target", [eur("20")] * 3, style="target"),
        ],
        today=date(2026, 11, 22),
        **options,
    )


def test_the_browser_gets_plain_numbers_and_gaps() -> None:
    sent = line().as_json()
    assert sent["series"][0]["values"] == [10.5, None, 30.0]
    assert sent["x"] == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert sent["labels"] == ["1 Nov", "2 Nov", "3 Nov"]
    assert sent["unit"] == {"kind": "money", "currency": "EUR", "digits": None}
    assert sent["time"]


def test_the_table_twin_is_exact_and_names_its_columns() -> None:
    chart = line(bands=[Band([eur("1")] * 3, [eur("2")] * 3, label="expected range")])
    assert chart.heads == ["Day", "Actual", "Target", "expected range from", "expected range to"]
    assert chart.rows[0] == ["1 Nov", "€10.50", "€20.00", "€1.00", "€2.00"]
    assert chart.rows[1][1] == "–"


def test_the_words_name_lowest_highest_last_and_changes() -> None:
    told = line(markers=[Marker(DAYS[1], 5, "Checkout release", tone="bad")]).told
    assert "Actual: lowest €10.50 (1 Nov), highest €30.00 (3 Nov), last €30.00 (3 Nov)." in told
    assert "Target: €20.00 throughout." in told
    assert "Changes: 5. Checkout release (2 Nov)." in told
    assert line(summary="It rose.").told == "It rose."


def test_empty_series_say_so() -> None:
    chart = Chart(kind="bar", x=["a"], series=[Series("Spend", [None])])
    assert chart.told == "Spend: no values."
    assert chart.rows == [["a", "–"]]


def test_a_bridge_lists_its_ends_around_its_steps() -> None:
    chart = Chart(
        kind="waterfall",
        unit=Unit.money("EUR"),
        start=("before", eur("26.8")),
        steps=[WaterStep("Mobile", eur("5"), tone="bad", note="68 %")],
        end=("after", eur("31.8")),
    )
    assert chart.rows == [["before", "€26.80"], ["Mobile", "+€5.00"], ["after", "€31.80"]]
    water = chart.as_json()["water"]
    assert [step["label"] for step in water] == ["before", "Mobile", "after"]
    assert water[0]["end"]
    assert "end" not in water[1]
    assert chart.told == "before €26.80; Mobile +€5.00; after €31.80."


def test_young_days_and_markers_travel_as_days() -> None:
    sent = line(young=Young(DAYS[1], DAYS[2]), markers=[Marker(DAYS[0], 1)]).as_json()
    assert sent["young"] == {"start": "2026-11-02", "end": "2026-11-03", "label": "maturing"}
    assert sent["markers"][0]["at"] == "2026-11-01"


def test_units_write_values() -> None:
    assert Unit.percent().write(Decimal("0.034")) == "3.4\u202f%"
    assert Unit.ratio().write(Decimal("4.257")) == "4.26×"
    assert Unit.number().write(18412) == "18,412"
    assert Unit.money("GBP").write(Decimal(9840000)) == "£9.84M"
    assert Unit.number().write(None) == "–"
