"""Keeping a turned forecast: its budget becomes a scenario of the plan, which is not the plan."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import may
from budgets.models import FiscalYear, Scenario
from budgets.services.scenarios import growth_apply, scenario_create
from core import formats
from core.errors import Invalid
from core.models import Organisation
from insights.models import Forecast
from insights.rules.what_if import Turned
from insights.selectors.forecasts import Quoted

DAY = timedelta(days=1)
LEVELS = (Forecast.Level.COMPANY, Forecast.Level.TEAM, Forecast.Level.CHANNEL)


def scenario_offered(user: User, forecast: Forecast) -> bool:
    """Whether a scenario can be made of it: plans are of teams and channels, not of campaigns."""
    return (
        forecast.level in LEVELS
        and may(user, Act.DRAFT_REQUEST, team=forecast.team, owner_id=user.pk)
        and _year(forecast) is not None
    )


def _year(forecast: Forecast) -> FiscalYear | None:
    day = forecast.cutoff + DAY
    return FiscalYear.objects.filter(starts_on__lte=day, ends_on__gte=day).first()


@transaction.atomic
def scenario_from(
    *, forecast: Forecast, user: User, turned: Turned, name: str, at: datetime
) -> Scenario:
    """A scenario of the plan with the budget of the months ahead turned; its note quotes the forecast.

    Raises ``Invalid`` when the budget was not turned, or plans do not go down to the subject.
    """
    year = _year(forecast)
    if year is None or not scenario_offered(user, forecast):
        raise Invalid(
            "A scenario is made of a team’s or channel’s forecast, in a year that has a plan.",
            remedy="Open the forecast of the team or of one of its channels.",
        )
    if not turned.budget:
        raise Invalid("The budget is as planned.", where="budget", remedy="Turn it first.")
    made = scenario_create(
        user=user, fiscal_year=year, team=forecast.team, name=name, note=_note(forecast, turned), at=at
    )  # fmt: skip
    growth_apply(
        scenario=made,
        user=user,
        percent=Decimal(round(turned.budget * 100)),
        channel=forecast.channel.key if forecast.channel else "",
        months=_months(forecast, year),
        at=at,
    )
    return made


def _months(forecast: Forecast, year: FiscalYear) -> list[str]:
    first = forecast.cutoff + DAY
    last = forecast.cutoff + forecast.horizon * DAY
    months = Organisation.current().calendar.months_between(first, last)
    return [month.key for month in months if month.start <= year.ends_on]


def _note(forecast: Forecast, turned: Turned) -> str:
    turns = ", ".join(
        f"{label} {formats.percent_signed(value, 0)}"
        for label, value in (
            ("budget", turned.budget),
            ("cost per click", turned.cpc),
            ("conversion rate", turned.cvr),
        )
        if value
    )
    return f"From forecast {forecast.pk}. {Quoted(forecast).sentence(forecast.horizon)} Turned: {turns}."
