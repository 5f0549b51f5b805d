"""A book to collect figures in while a report is composed: each is entered once and quoted by reference."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from core.money import MICROS
from reporting.rules.pack import numerals
from reporting.rules.pack.errors import UndefinedFigure
from reporting.rules.pack.figures import Figure, Provenance, Ref


class FigureBook:
    """Figures and provenance of one report in one reporting currency, known as of one moment."""

    def __init__(self, *, currency: str, as_of: datetime) -> None:
        self.currency = currency
        self.as_of = as_of
        self._figures: dict[str, Figure] = {}
        self._provenance: dict[str, Provenance] = {}

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure entered, in order."""
        return tuple(self._figures.values())

    @property
    def provenance(self) -> tuple[Provenance, ...]:
        """Every footnote entered, in order."""
        return tuple(self._provenance.values())

    def source(
        self, key: str, name: str, *, formula: str, filters: str, batches: tuple[str, ...], query: str,
        as_of: datetime | None = None,
    ) -> str:  # fmt: skip
        """Enter a footnote; returns its id. Raises ``UndefinedFigure`` when the id means something else."""
        row = Provenance(key, name, formula, filters, as_of or self.as_of, batches, query)
        if self._provenance.setdefault(key, row) != row:
            raise UndefinedFigure(
                f"The footnote {key} already means “{self._provenance[key].name}”."
            )
        return key

    def figure(
        self, key: str, text: str, *, label: str, footnote: str, value: Decimal | None = None, unit: str = "",
        estimated: bool = False,
    ) -> Ref:  # fmt: skip
        """Enter a figure as it is printed. Entering the same one again is fine, another under its id is not."""
        figure = Figure(key, text, label, footnote, value, unit, estimated)
        if self._figures.setdefault(key, figure) != figure:
            raise UndefinedFigure(
                f"The figure {key} already reads {self._figures[key].text}, not {text}."
            )
        return Ref(key)

    def money(
        self, key: str, micros: int, *, label: str, footnote: str, estimated: bool = False
    ) -> Ref:
        """An amount of the reporting currency: £5.71m."""
        text = numerals.money_text(micros, self.currency)
        value = Decimal(micros) / MICROS
        return self.figure(
            key,
            text,
            label=label,
            footnote=footnote,
            value=value,
            unit=self.currency,
            estimated=estimated,
        )

    def thousands(
        self, key: str, micros: int, *, label: str, footnote: str, printed: int | None = None
    ) -> Ref:
        """An amount in thousands without a unit, for a column whose head names it: 1,412.

        ``printed`` is the whole number of thousands to show when it was chosen by ``parts_that_add_up``.
        """
        text = numerals.thousands_text(micros) if printed is None else numerals.count_text(printed)
        return self.figure(
            key,
            text,
            label=label,
            footnote=footnote,
            value=Decimal(micros) / MICROS,
            unit=self.currency,
        )

    def money_change(self, key: str, micros: int, *, label: str, footnote: str) -> Ref:
        """A difference of amounts with its sign: −£38k."""
        text = numerals.money_change_text(micros, self.currency)
        return self.figure(
            key,
            text,
            label=label,
            footnote=footnote,
            value=Decimal(micros) / MICROS,
            unit=self.currency,
        )

    def count(self, key: str, count: int, *, label: str, footnote: str, unit: str = "") -> Ref:
        """A whole number: 18,420."""
        text = numerals.count_text(count)
        return self.figure(
            key, text, label=label, footnote=footnote, value=Decimal(count), unit=unit
        )

    def ratio(
        self, key: str, value: Fraction, *, label: str, footnote: str, digits: int = 2
    ) -> Ref:
        """A ratio: 4.92."""
        text = numerals.ratio_text(value, digits)
        return self.figure(
            key, text, label=label, footnote=footnote, value=_decimal(value), unit="ratio"
        )

    def percent(
        self, key: str, share: Fraction, *, label: str, footnote: str, digits: int = 1
    ) -> Ref:
        """A share of one: 21.4%. The exact value kept is the share."""
        text = numerals.percent_text(share, digits)
        return self.figure(
            key, text, label=label, footnote=footnote, value=_decimal(share), unit="share"
        )

    def change(
        self, key: str, share: Fraction, *, label: str, footnote: str, digits: int = 1
    ) -> Ref:
        """A relative change: +5.7%. The exact value kept is the share."""
        text = numerals.change_text(share, digits)
        return self.figure(
            key, text, label=label, footnote=footnote, value=_decimal(share), unit="relative change"
        )

    def points(
        self, key: str, share: Fraction, *, label: str, footnote: str, digits: int = 1
    ) -> Ref:
        """A difference of shares: −0.6 pt."""
        text = numerals.points_text(share, digits)
        return self.figure(
            key,
            text,
            label=label,
            footnote=footnote,
            value=_decimal(share),
            unit="difference of shares",
        )


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
