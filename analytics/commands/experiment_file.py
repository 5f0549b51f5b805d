"""A test from a JSON document, with its totals or with a CSV of units."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from analytics.arrays import FloatArray
from analytics.commands.document import LARGEST, Field
from analytics.commands.experiment_units import Units, read_units
from analytics.experiments import (
    Correction,
    Kind,
    Looks,
    Metric,
    PairMoments,
    Reading,
    Role,
    Sample,
    Spending,
    Test,
    pair_moments,
    value_moments,
)
from analytics.experiments.checks import SRM_THRESHOLD
from analytics.experiments.sequential import TUNING
from analytics.results import Better

LEAST_SHARE = 1e-6
TOP = [
    "name",
    "hypothesis",
    "arms",
    "split",
    "units",
    "metrics",
    "data",
    "looks",
    "alpha",
    "power",
    "correction",
    "srm_threshold",
    "daily_units",
    "also_in",
    "factors",
    "holdout",
    "bandit",
    "registered",
]
METRIC = [
    "name",
    "kind",
    "role",
    "better",
    "minimum_effect",
    "arms",
    "column",
    "covariate",
    "denominator",
]
LOOKS = ["reading", "end", "planned", "spending", "tuning"]
SECOND = ("second_sum", "second_squares", "products")
TOTALS = {
    Kind.PROPORTION: ("n", "events", "values"),
    Kind.COUNT: ("n", "events", "values"),
    Kind.MEAN: ("n", "mean", "variance", "sum", "squares", *SECOND, "values", "covariate"),
    Kind.RATIO: ("n", "sum", "squares", *SECOND, "values", "denominator"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A test as it was written down; `fields` are those of the whole document."""

    test: Test
    fields: dict[str, Field]
    units: Units | None


def read_test(document: Field) -> Document:
    """Return the test of a document, or raise BadTable with place, reason and remedy."""
    fields = document.fields(TOP, needed=("name", "arms", "metrics"))
    arms = _arms(fields["arms"])
    units = _units(fields, arms)
    test = Test(
        name=fields["name"].text(),
        arms=arms,
        metrics=_metrics(fields["metrics"], arms, units),
        split=_by_arm(fields["split"], arms) if "split" in fields else (1.0,) * len(arms),
        hypothesis=fields["hypothesis"].text() if "hypothesis" in fields else "",
        looks=_looks(fields["looks"]) if "looks" in fields else Looks(),
        alpha=_share(fields, "alpha", 0.05, most=0.5),
        power=_share(fields, "power", 0.8, most=1.0),
        correction=fields["correction"].choice(Correction)
        if "correction" in fields
        else Correction.HOLM,
        srm_threshold=_share(fields, "srm_threshold", SRM_THRESHOLD, most=0.5),
        units=_by_arm(fields["units"], arms) if "units" in fields else None,
        daily_units=_above_zero(fields["daily_units"]) if "daily_units" in fields else None,
    )
    return Document(test, fields, units)


def _arms(field: Field) -> tuple[str, ...]:
    names = tuple(entry.text() for entry in field.items(fewest=2))
    if len(set(names)) < len(names):
        raise field.wrong("different names are needed, control first")
    return names


def _units(fields: dict[str, Field], arms: tuple[str, ...]) -> Units | None:
    if "data" not in fields:
        if "also_in" in fields:
            raise fields["also_in"].wrong("it names columns, so 'data' with a file is needed")
        return None
    columns = [
        found[name].text()
        for metric in fields["metrics"].items()
        for found in [metric.named()]
        for name in ("column", "covariate", "denominator")
        if name in found
    ]
    others = [entry.text() for entry in fields["also_in"].items()] if "also_in" in fields else []
    return read_units(fields["data"], arms, numbers=columns, others=others)


def _metrics(field: Field, arms: tuple[str, ...], units: Units | None) -> tuple[Metric, ...]:
    entries = field.items()
    metrics = [_metric(entry, arms, units) for entry in entries]
    names = [metric.name for metric in metrics]
    for entry, name in zip(entries, names, strict=True):
        if names.count(name) > 1:
            raise entry.wrong(f"there are two metrics {name!r}; give each its own name")
    if sum(metric.role is Role.PRIMARY for metric in metrics) != 1:
        raise field.wrong('exactly one metric with "role": "primary" is needed')
    return tuple(metrics)


def _metric(entry: Field, arms: tuple[str, ...], units: Units | None) -> Metric:
    fields = entry.fields(METRIC, needed=("name", "kind", "role"))
    kind = fields["kind"].choice(Kind)
    if ("arms" in fields) == ("column" in fields):
        raise entry.wrong("either 'arms' with totals or a 'column' of the data is needed")
    samples = (
        _from_columns(entry, fields, kind, units)
        if "column" in fields
        else _from_totals(fields["arms"], kind, arms)
    )
    has_covariate = kind is not Kind.RATIO and all(
        sample.pair is not None and sample.pair.other_variance > 0 for sample in samples
    )
    return Metric(
        name=fields["name"].text(),
        kind=kind,
        samples=samples,
        role=fields["role"].choice(Role),
        better=_better(fields),
        minimum_effect=_above_zero(fields["minimum_effect"])
        if "minimum_effect" in fields
        else None,
        has_covariate=has_covariate,
    )


def _better(fields: dict[str, Field]) -> Better:
    if "better" not in fields:
        return Better.HIGHER
    better = fields["better"].choice(Better)
    if better is Better.ON_TARGET:
        raise fields["better"].wrong("higher or lower is needed")
    return better


def _from_columns(
    entry: Field, fields: dict[str, Field], kind: Kind, units: Units | None
) -> tuple[Sample, ...]:
    if units is None:
        raise fields["column"].wrong("it names a column, so 'data' with a file is needed")
    second = fields.get("denominator" if kind is Kind.RATIO else "covariate")
    if kind is Kind.RATIO and second is None:
        raise entry.wrong("a ratio needs a 'denominator' column")
    if kind is not Kind.RATIO and "denominator" in fields:
        raise fields["denominator"].wrong("only a ratio has one; remove it")
    return tuple(
        sample_of_values(
            fields["column"],
            kind,
            units.of(place, fields["column"].text()),
            None if second is None else units.of(place, second.text()),
        )
        for place in range(units.arms)
    )


def _from_totals(field: Field, kind: Kind, arms: tuple[str, ...]) -> tuple[Sample, ...]:
    found = field.fields(arms, needed=arms)
    return tuple(_sample(found[arm], kind) for arm in arms)


def _sample(field: Field, kind: Kind) -> Sample:
    fields = field.fields(TOTALS[kind])
    if "values" in fields:
        second = fields.get("denominator" if kind is Kind.RATIO else "covariate")
        return sample_of_values(
            field, kind, _list(fields["values"]), None if second is None else _list(second)
        )
    if "n" not in fields:
        raise field.wrong("'n', the number of units, or 'values' is needed")
    n = float(fields["n"].whole(1 if kind in (Kind.PROPORTION, Kind.COUNT) else 2))
    if kind in (Kind.PROPORTION, Kind.COUNT):
        return Sample(n, events=_events(field, fields, kind, n))
    if "mean" in fields and kind is Kind.MEAN:
        needed = ("mean", "variance")
        mean, variance = (_total(field, fields, name) for name in needed)
        return Sample(n, pair=PairMoments(n, mean, variance))
    return Sample(n, pair=_pair(field, fields, kind, n))


def _events(field: Field, fields: dict[str, Field], kind: Kind, n: float) -> float:
    if "events" not in fields:
        raise field.wrong("'events' is needed: how many units said yes, or how many events")
    events = float(fields["events"].whole(0))
    if kind is Kind.PROPORTION and events > n:
        raise fields["events"].wrong(f"at most n, {n:.0f}, is needed")
    return events


def _pair(field: Field, fields: dict[str, Field], kind: Kind, n: float) -> PairMoments:
    total, squares = (_total(field, fields, name) for name in ("sum", "squares"))
    mean, variance = total / n, _variance(fields["squares"], n, total, squares)
    if kind is Kind.MEAN and not any(name in fields for name in SECOND):
        return PairMoments(n, mean, variance)
    second, second_squares, products = (_total(field, fields, name) for name in SECOND)
    if kind is Kind.RATIO and second <= 0:
        raise fields["second_sum"].wrong("a denominator above zero is needed")
    second_variance = _variance(fields["second_squares"], n, second, second_squares)
    covariance = (products - total * second / n) / (n - 1)
    if abs(covariance) > sqrt(variance * second_variance) * (1 + 1e-9):
        raise fields["products"].wrong("the sum of the products of both numbers is needed")
    return PairMoments(n, mean, variance, second / n, second_variance, covariance)


def _variance(field: Field, n: float, total: float, squares: float) -> float:
    least = total * total / n
    if squares < least * (1 - 1e-12):
        raise field.wrong(f"the sum of squared values is needed, at least {least:.6g}")
    return max(squares - least, 0.0) / (n - 1)


def _total(field: Field, fields: dict[str, Field], name: str) -> float:
    if name not in fields:
        raise field.wrong(f"{name!r} is needed")
    if name in ("variance", "squares", "second_squares"):
        return fields[name].number("a number of at least 0", lambda number: number >= 0)
    return fields[name].number("a number")


def sample_of_values(
    field: Field, kind: Kind, values: FloatArray, second: FloatArray | None
) -> Sample:
    """A sample from one value per unit, with a covariate or denominator per unit."""
    if len(values) < 2:
        raise field.wrong("at least two units in every arm are needed")
    if any(np.abs(each).max() > LARGEST for each in (values, second) if each is not None):
        raise field.wrong(f"values of a size up to {LARGEST:.0e} are needed")
    if kind is Kind.PROPORTION and not np.isin(values, (0.0, 1.0)).all():
        raise field.wrong("a proportion needs 0 or 1, true or false, of every unit")
    if kind is Kind.COUNT and (values < 0).any():
        raise field.wrong("a count needs a number of at least 0 of every unit")
    n = float(len(values))
    if second is None:
        if kind is Kind.PROPORTION:
            return Sample(n, events=float(values.sum()))
        moments = value_moments(values)
        pair = PairMoments(n, float(moments.mean), float(moments.variance))
        return Sample(n, pair=pair, values=values)
    if len(second) != len(values):
        raise field.wrong(f"as many second numbers as values, {len(values)}, are needed")
    if kind is Kind.RATIO and second.sum() <= 0:
        raise field.wrong("a ratio needs a denominator above zero")
    is_plain = kind is not Kind.RATIO
    return Sample(n, pair=pair_moments(values, second), values=values if is_plain else None)


def _list(field: Field) -> FloatArray:
    return np.array([entry.number("a number") for entry in field.items()])


def _looks(field: Field) -> Looks:
    if field.value == 1 and not isinstance(field.value, bool):
        return Looks(Reading.ONCE)
    if not isinstance(field.value, dict):
        raise field.wrong('1, or {"reading": "until_end", "end": UNITS} is needed')
    fields = field.fields(LOOKS, needed=("reading",))
    reading = fields["reading"].choice(Reading)
    if reading in (Reading.UNTIL_END, Reading.PLANNED) and "end" not in fields:
        raise field.wrong("'end' is needed: units of all arms together at which the test ends")
    if reading is Reading.PLANNED and "planned" not in fields:
        raise field.wrong("'planned' is needed: how many looks there will be")
    return Looks(
        reading,
        _above_zero(fields["end"]) if "end" in fields else None,
        fields["planned"].whole(1) if "planned" in fields else None,
        fields["spending"].choice(Spending) if "spending" in fields else Spending.OBRIEN_FLEMING,
        _above_zero(fields["tuning"]) if "tuning" in fields else TUNING,
    )


def _by_arm(field: Field, arms: tuple[str, ...]) -> tuple[float, ...]:
    found = field.fields(arms, needed=arms)
    return tuple(_above_zero(found[arm]) for arm in arms)


def _above_zero(field: Field) -> float:
    return field.number("a number above zero", lambda number: number > 0)


def _share(fields: dict[str, Field], name: str, usual: float, *, most: float) -> float:
    if name not in fields:
        return usual
    return fields[name].number(
        f"a number from {LEAST_SHARE:g} to below {most:g}", lambda n: LEAST_SHARE <= n < most
    )
