"""The plan of the fiscal year by team or line: planned, spent to date, what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from accounts.models import Team
from budgets.models import FiscalYear
from budgets.selectors import LineMonths, MonthTable, line_month_table
from core.money import convert
from core.periods import Period
from metrics.models import Batch
from metrics.selectors import METRICS
from reporting.rules.pack.content import BudgetPage, BudgetRow, Change, Headline, Note
from reporting.rules.pack.figures import Name, Sentence, When, say
from reporting.rules.pack.judgement import Judgement
from reporting.selectors.pack.brief import Brief, Column, batch_runs, day_text, relative
from reporting.selectors.pack.goals import rate_to_report

MOST_ROWS = 16
TOLERANCE = Fraction(5, 100)
_SPEND = METRICS["spend"]


@dataclass(frozen=True, slots=True)
class _Sums:
    """Micros of the report's currency: the year's plan, its part up to the period's end, spent until then."""

    planned: int
    due: int
    actual: int

    def __add__(self, other: _Sums) -> _Sums:
        return _Sums(self.planned + other.planned, self.due + other.due, self.actual + other.actual)


NOTHING = _Sums(0, 0, 0)


def budget_page(brief: Brief) -> BudgetPage | None:
    """Planned, actual and available to the end of the period.

    None without a plan, and for a report as of an earlier moment: the ledger is read as it
    stands now. Lines whose currency has no budget rate are left out and named.
    """
    year = _year(brief)
    if year is None or Batch.objects.filter(known_at__gt=brief.as_of).exists():
        return None
    table = line_month_table(None, year)
    sums, missing = _by_group(brief, table)
    if not any(found.planned for found in sums.values()):
        return None
    rows = sorted(sums.items(), key=lambda item: (-item[1].planned, item[0]))
    return _page(brief, year, rows, missing)


def _year(brief: Brief) -> FiscalYear | None:
    number = brief.organisation.calendar.year_of(brief.period.end)
    return FiscalYear.objects.filter(year=number).first()


def _by_group(brief: Brief, table: MonthTable) -> tuple[dict[str, _Sums], list[str]]:
    """Sums by the teams right below the report's team, or by budget line where there is no such team."""
    months = list(table.months)
    past = [month for month in months if month.end <= brief.period.end]
    sums: dict[str, _Sums] = {}
    missing = []
    lines = [found for found in table.lines if found.line.team.path.startswith(brief.team.path)]
    by_team = any(found.line.team.path != brief.team.path for found in lines)
    names = _team_names(brief)
    for found in lines:
        part = _converted(brief, found, months, past)
        if part is None:
            missing.append(found.line.name)
            continue
        group = _group(brief, found.line.team, names) if by_team else found.line.name
        sums[group] = sums.get(group, NOTHING) + part
    return sums, missing


def _team_names(brief: Brief) -> dict[str, str]:
    return dict(Team.objects.filter(parent=brief.team).values_list("path", "name"))


def _group(brief: Brief, team: Team, names: dict[str, str]) -> str:
    for path, name in names.items():
        if team.path.startswith(path):
            return name
    return brief.team.name


def _converted(
    brief: Brief, found: LineMonths, months: Sequence[Period], past: Sequence[Period]
) -> _Sums | None:
    """A budget line in the report's currency; None without a rate."""
    rate = rate_to_report(brief, found.line.currency, brief.period.end)
    if rate is None:
        return None
    whole, so_far = found.total(months), found.total(past)
    amounts = (whole.planned, so_far.planned, so_far.actual)
    return _Sums(*(convert(m, rate, brief.currency).micros if m else 0 for m in amounts))


def _page(
    brief: Brief, year: FiscalYear, rows: Sequence[tuple[str, _Sums]], missing: Sequence[str]
) -> BudgetPage:
    total = sum((found for _, found in rows), NOTHING)
    shown = list(rows[:MOST_ROWS])
    if rest := rows[MOST_ROWS:]:
        shown.append(("Others", sum((found for _, found in rest), NOTHING)))
    column = brief.column(_SPEND, [total.planned])
    planned = column.printed([found.planned for _, found in shown])
    actual = column.printed([found.actual for _, found in shown])
    lines = tuple(
        _row(brief, column, name, found, (plan, spent))
        for (name, found), plan, spent in zip(shown, planned, actual, strict=True)
    )
    every = _row(brief, column, "All budgets", total, (sum(planned), sum(actual)))
    notes = (Note("Not in this table", say("No budget rate for {names}.", names=Name(", ".join(missing), 160))),)  # fmt: skip
    return BudgetPage(
        Headline("Budget", _title(every, total), _standfirst(brief, year, column)),
        "Budget", every, lines,
        float(Fraction(total.due, total.planned)) if total.planned else None, "planned to date",
        notes=notes if missing else (),
    )  # fmt: skip


def _row(
    brief: Brief, column: Column, name: str, found: _Sums, printed: tuple[int, int]
) -> BudgetRow:
    key = f"budget.{name}"
    plan, spent = printed
    share = relative(Fraction(found.actual), Fraction(found.planned))
    return BudgetRow(
        Name(name),
        brief.cell(column, f"{key}.planned", found.planned, plan, label=f"Planned, {name}", note=_note(brief, "b1")),
        brief.cell(column, f"{key}.actual", found.actual, spent, label=f"Actual, {name}", note=_note(brief, "b2")),
        # Printed, a row must add up as well: what is left follows from what is printed beside it.
        brief.cell(column, f"{key}.left", found.planned - found.actual, plan - spent, label=f"Available, {name}", note=_note(brief, "b3")),
        spent_share=None if share is None else brief.book.percent(
            f"{key}.share", share + 1, label=f"Share spent, {name}", footnote=_note(brief, "b4"), digits=0
        ),
        pace=_pace(brief, key, name, found),
    )  # fmt: skip


def _pace(brief: Brief, key: str, name: str, found: _Sums) -> Change | None:
    share = relative(Fraction(found.actual), Fraction(found.due))
    if share is None:
        return None
    ref = brief.book.change(
        f"{key}.pace", share, label=f"Against the plan to date, {name}",
        footnote=_note(brief, "b5"), digits=0,
    )  # fmt: skip
    if abs(share) <= TOLERANCE:
        return Change(ref, Judgement.AHEAD, "on plan")
    return Change(
        ref, *((Judgement.BEHIND, "over plan") if share > 0 else (Judgement.NEUTRAL, "under plan"))
    )


_FORMULAS = {
    "b1": ("Planned", "approved plan of the fiscal year with every move since, at budget rates"),
    "b2": ("Actual", "spend of the lines that the budget pays for, to the period’s end, at budget rates"),
    "b3": ("Available", "planned − actual; negative means overspent"),
    "b4": ("Share spent", "actual ÷ planned"),
    "b5": ("Against the plan to date", "actual ÷ plan of the months so far − 1"),
}  # fmt: skip


def _note(brief: Brief, key: str) -> str:
    name, formula = _FORMULAS[key]
    batches = () if key == "b1" else batch_runs(brief.ask(["spend"]).batches)
    return brief.book.source(
        key, name, formula=formula, filters=f"{brief.team.name} and below; fiscal year to date",
        batches=batches, query="budgets by month",
    )  # fmt: skip


def _title(every: BudgetRow, total: _Sums) -> Sentence:
    if total.actual > total.planned:
        return say("The year’s plan is overspent: {left} is left", left=every.available)
    word = every.pace.word if every.pace else "not due yet"
    if every.spent_share is None:
        return ("Spend against the plan of the year",)
    return say(f"{{share}} of the year’s plan is spent, {word}", share=every.spent_share)


def _standfirst(brief: Brief, year: FiscalYear, column: Column) -> Sentence:
    return say(
        f"{{year}} budget, {column.unit}, spent up to {{day}}. The tick is the part of the plan due by then.",
        year=When(str(year)), day=When(day_text(brief.period.end)),
    )  # fmt: skip
