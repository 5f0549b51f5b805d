"""Invented charts for the gallery: one of each kind, with everything a chart can carry."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from core import formats
from core.charts import Band, Chart, Marker, Series, Unit, WaterStep, Young
from core.gallery_samples import TODAY, eur
from core.money import Money

ACTUAL = (150, 171, 168, 152, 149, 155, 179, 166, 157, 154, 160, 181, 170, 158, 156, 159, 183, 178, 164, 161, 168, 172, 167, 181, 196, 189, 178, 180, 185, 179, 205, 199, 190, 186, 192, 201, 195, 198, 206, 221, 209, 204, 211, 238, 245, 229, 221, 216, 218, 236, 242, 190)  # fmt: skip


def trend() -> Chart:
    start = date(2026, 10, 1)
    days = [start + timedelta(days=i) for i in range(len(ACTUAL))]
    target = [
        eur(150_000 + i * 900 + (22_000 if i % 7 in {1, 2} else 0)) for i in range(len(ACTUAL))
    ]
    return Chart(
        kind="line",
        id="trend",
        title="Revenue runs 3.4 % above target since the middle of October",
        sub="Influenced revenue per day, € · 1 Oct – 21 Nov · attributed by last touch",
        x=days,
        unit=Unit.money("EUR"),
        series=[
            Series("Target", target, style="target"),
            Series("Actual", [eur(v * 1000) for v in ACTUAL], end="€9.84M to date"),
        ],
        young=Young(date(2026, 11, 18), date(2026, 11, 21), "still maturing"),
        height=280,
        zero=True,
        how="#how",
        today=TODAY,
    )


CPA = ("29.5", "30.2", "29.1", "28.7", "29.3", "28.2", "27.5", "28.1", "28.0", "27.2", "26.4", "27.0", "26.2", "26.7", "27.3", "28.1", "31.9", "33.5", "35.0", "34.6")  # fmt: skip


def cpa() -> Chart:
    days = [date(2026, 11, 2) + timedelta(days=i) for i in range(len(CPA))]
    low = [eur(str(Decimal(27) - Decimal(i) / 10)) for i in range(len(CPA))]
    return Chart(
        kind="line",
        id="cpa",
        title="CPA left its expected band the day after the mobile checkout release",
        sub="€ per order and day · band is the 90 % expected range for the season · numbers are changes made",
        x=days,
        unit=Unit.money("EUR"),
        bands=[Band(low, [v + eur("4.2") for v in low], label="expected range")],
        series=[
            Series("Limit", [eur("28.20")] * len(CPA), style="limit", end="limit\n€28.20"),
            Series("CPA", [eur(v) for v in CPA], end="€34.60"),
        ],
        markers=[
            Marker(date(2026, 11, 8), 1, "Ridge video replaces Summit static in DE"),
            Marker(date(2026, 11, 10), 2, "Exclude 38 search terms"),
            Marker(date(2026, 11, 12), 3, "New titles for 214 jackets"),
            Marker(date(2026, 11, 15), 4, "Social daily budget +15 %"),
            Marker(date(2026, 11, 17), 5, "Mobile checkout release", tone="bad"),
            Marker(date(2026, 11, 20), 6, "Target CPA to €28.00"),
        ],
        young=Young(date(2026, 11, 18), date(2026, 11, 21)),
        height=260,
        today=TODAY,
    )


def gap() -> Chart:
    days = [date(2026, 10, 1) + timedelta(days=i) for i in range(31)]
    values = [
        34 + (i % 5) * Decimal("0.4") + (Decimal(i - 12) * Decimal("0.7") if i > 12 else 0)
        for i in range(31)
    ]
    return Chart(
        kind="line",
        id="gap",
        title="Paid social broke its CPA target after 12 October",
        sub="CPA, € per order and day, 3-day mean · shaded where it differs from target",
        x=days,
        unit=Unit.money("EUR"),
        series=[
            Series("Target", [eur("35.50")] * 31, style="target", end="Target\n€35.50"),
            Series(
                "Paid social",
                [eur(str(v)) for v in values],
                color="social",
                shade="up_is_bad",
                end=formats.money(eur(str(values[-1]))),
            ),
        ],
        height=220,
        today=TODAY,
    )


def bridge() -> Chart:
    steps = [("Click price", "0.70", "bad", ""), ("Mix", "0.60", "bad", ""), ("Desktop", "0.50", "bad", ""), ("Mobile", "5.00", "bad", "68 %"), ("Tracking", "0.50", "bad", "")]  # fmt: skip
    return Chart(
        kind="waterfall",
        id="bridge",
        title="Mobile conversion explains 68 % of the rise",
        sub="€ per order · conversion by device · broken axis",
        unit=Unit.money("EUR"),
        start=("11–17 Nov", eur("26.80")),
        steps=[WaterStep(label, eur(value), tone, note) for label, value, tone, note in steps],
        end=("18–21 Nov", eur("34.10")),
        height=200,
        today=TODAY,
    )


def restated() -> Chart:
    values = [4, 6, 4, 6, 9, 10, 12, 18, 24]
    return Chart(
        kind="bar",
        id="restated",
        title="41 facts already stored will change, spend +0.3 %",
        sub="Spend added by day, £ · the platform restated 12–20 Nov",
        x=[date(2026, 11, 12) + timedelta(days=i) for i in range(9)],
        unit=Unit.money("GBP", 0),
        series=[Series("Spend added", [Money.parse(v, "GBP") for v in values])],
        height=200,
        today=TODAY,
    )


def contribution() -> Chart:
    names = [
        "Shopping",
        "Paid search",
        "Email & CRM",
        "Affiliates",
        "Paid social",
        "Display & video",
    ]
    return Chart(
        kind="bars_h",
        id="contribution",
        title="Email and Shopping earn the surplus; Display has not paid back its cost",
        sub="Contribution after ads, quarter to date, € · the tick is the plan",
        x=names,
        x_label="Channel",
        unit=Unit.money("EUR"),
        series=[
            Series("Contribution", [eur(v) for v in (642_000, 551_000, 490_000, 243_000, 221_000, -12_000)], tones=["", "", "", "", "", "bad"]),
            Series("Plan", [eur(v) for v in (518_000, 513_000, 349_000, 221_000, 267_000, 59_000)], style="target"),
        ],
        today=TODAY,
    )  # fmt: skip


def forecast() -> Chart:
    days = [date(2026, 11, 1) + timedelta(days=i) for i in range(40)]
    known = [eur(180_000 + (i % 7) * 6_000 + i * 900) for i in range(21)]
    middle = (
        [None] * 20 + [known[-1]] + [eur(210_000 + (i % 6) * 9_000 + i * 2_000) for i in range(19)]
    )
    low = [
        None if v is None else Money(v.micros * (100 - max(0, i - 20)) // 100, "EUR")
        for i, v in enumerate(middle)
    ]
    high = [
        None if v is None else Money(v.micros * (100 + max(0, i - 20)) // 100, "EUR")
        for i, v in enumerate(middle)
    ]
    return Chart(
        kind="line",
        id="forecast",
        title="December opens between €0.20M and €0.29M a day",
        sub="Revenue per day, € · solid = actual, dashed = expected, band = 80 % interval",
        x=days,
        unit=Unit.money("EUR"),
        bands=[Band(low, high, label="80 % interval", style="p80")],
        series=[Series("Actual", [*known, *([None] * 19)]), Series("Expected", middle, style="forecast", end="P50")],
        height=220,
        zero=True,
        today=TODAY,
    )  # fmt: skip
