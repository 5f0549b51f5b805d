"""The frozen model: plain numbers that score a row without the library that fitted them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import exp
from typing import Any

import numpy as np

from analytics.arrays import FloatArray
from analytics.scores.encoding import Columns, Encoding, Numeric, Textual, is_text

LOGISTIC, TREES = "logistic", "trees"


@dataclass(frozen=True, slots=True)
class Effect:
    """What one column of one row adds to its log-odds, and the value it has there."""

    name: str
    value: str
    effect: float


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance of one row (0 to 1), and its reasons, the strongest first.

    The log-odds of the chance are `base` plus all effects.
    """

    chance: float
    base: float
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A decision tree; places are nodes, the root first.

    A row goes `left` where its rank in column `feature` is at most `threshold`, else `right`; a
    `feature` below zero is a leaf. `value` is the mean log-odds there, of inner nodes too.
    """

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]

    def add_effects(self, ranks: FloatArray, effects: FloatArray) -> None:
        """Add to `effects` (N, K) what each column's questions changed on the way to the leaf."""
        feature, threshold, value = map(np.array, (self.feature, self.threshold, self.value))
        children = np.array([self.left, self.right])
        rows = np.arange(len(ranks))
        node = np.zeros(len(ranks), dtype=np.int64)
        while len(rows := rows[feature[node[rows]] >= 0]):
            at = node[rows]
            asked = feature[at]
            below = children[(ranks[rows, asked] > threshold[at]).astype(np.int64), at]
            effects[rows, asked] += value[below] - value[at]
            node[rows] = below


@dataclass(frozen=True, slots=True)
class Record:
    """A fitted model of the chance of `target`; the log-odds of a row are `base` plus effects.

    `coefficients` (one for each place of the design) or `trees` hold it, as `kind` says;
    `centre` are the means of the design, from which effects are counted. `rows` and `positives`
    are what it was fitted on.
    """

    target: str
    kind: str
    encoding: Encoding
    base: float
    coefficients: tuple[float, ...]
    centre: tuple[float, ...]
    trees: tuple[Tree, ...]
    rows: int
    positives: int

    def effects(self, table: Columns) -> FloatArray:
        """What each column adds to each row's log-odds, (N, K).

        For trees, each question on the way to a leaf credits its column with the change of the
        mean it brings (Saabas 2014, "Interpreting random forests"); for the linear model, the
        coefficient times the distance to the mean. Both add up exactly.
        """
        columns = len(self.encoding.columns)
        if self.kind == LOGISTIC:
            parts = (self.encoding.design(table) - self.centre) * self.coefficients
            owner = self.encoding.owners[:, None] == np.arange(columns)
            return np.asarray(parts @ owner, dtype=np.float64)
        ranks = self.encoding.ranks(table)
        effects = np.zeros((len(ranks), columns))
        for tree in self.trees:
            tree.add_effects(ranks, effects)
        return effects

    def chances(self, table: Columns) -> FloatArray:
        """The chance of each row, (N,)."""
        chances: FloatArray = 1 / (1 + np.exp(-(self.base + self.effects(table).sum(axis=1))))
        return chances

    def chance(self, row: Mapping[str, str | float | None]) -> Chance:
        """The chance of one row with its reasons; a value that is missing or None is a gap.

        Raises ValueError for text where the model knows numbers.
        """
        table = {one.name: _cell(one, row.get(one.name)) for one in self.encoding.columns}
        effects = self.effects(table)[0]
        order = np.argsort(-np.abs(effects), kind="stable")
        named = [
            Effect(name, _said(table[name][0]), float(effects[place]))
            for place in order
            for name in (self.encoding.columns[place].name,)
        ]
        return Chance(1 / (1 + exp(-(self.base + float(effects.sum())))), self.base, tuple(named))

    def plain(self) -> dict[str, Any]:
        """The record as dictionaries, lists, text and numbers, ready for JSON."""
        return asdict(self)


def record_from_plain(plain: Mapping[str, Any]) -> Record:
    """The record that `Record.plain` wrote, also after a way through JSON."""
    columns = tuple(
        Textual(one["name"], tuple(one["levels"]), one["unknown"])
        if "levels" in one
        else Numeric(**one)
        for one in plain["encoding"]["columns"]
    )
    trees = tuple(Tree(**{key: tuple(v) for key, v in one.items()}) for one in plain["trees"])
    return Record(
        target=plain["target"],
        kind=plain["kind"],
        encoding=Encoding(columns),
        base=plain["base"],
        coefficients=tuple(plain["coefficients"]),
        centre=tuple(plain["centre"]),
        trees=trees,
        rows=plain["rows"],
        positives=plain["positives"],
    )


def _cell(column: Numeric | Textual, value: str | float | None) -> Any:
    if isinstance(column, Textual):
        return np.array(["" if value is None else str(value)])
    try:
        return np.array([np.nan if value in (None, "") else float(value)])  # type: ignore[arg-type]
    except ValueError:
        raise ValueError(f"{column.name} is {value!r}; the model knows numbers there") from None


def _said(value: Any) -> str:
    text = str(value) if is_text(np.asarray(value)) else f"{value:g}"
    return "" if text == "nan" else text
