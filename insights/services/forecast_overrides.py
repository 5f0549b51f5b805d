"""A person's own expectation beside a forecast: with a reason, never in its place, and taken back."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core import events
from core.errors import Conflict, Invalid
from insights.models import Forecast, ForecastOverride


def override_set(
    *, forecast: Forecast, user: User, days: int, value: float, reason: str, at: datetime
) -> ForecastOverride:
    """Set what a person expects of the first ``days`` together beside the forecast, which stays.

    One that stood before is taken back by the same act. Raises ``Invalid`` without a reason, and
    for a value that cannot be; ``NotAllowed`` for whose campaign it is not.
    """
    require_override(user, forecast)
    _check(forecast, days, value, reason)
    try:
        return _set(forecast, user, days, value, reason.strip(), at)
    except IntegrityError as error:
        raise Conflict(
            "Somebody set another value at the same moment.", code="overtaken"
        ) from error


def require_override(user: User, forecast: Forecast) -> None:
    """Raise ``NotAllowed`` unless the person may override this forecast."""
    owner = forecast.campaign.owner_id if forecast.campaign else None
    require(user, Act.OVERRIDE_FORECAST, team=forecast.team, owner_id=owner)


def _check(forecast: Forecast, days: int, value: float, reason: str) -> None:
    if not 1 <= days <= forecast.horizon:
        raise Invalid(f"A forecast speaks of 1 to {forecast.horizon} days.", where="days")
    if not reason.strip():
        raise Invalid("Say why you expect something else.", where="reason")
    if not 0 <= value < 1e15:
        raise Invalid("An expectation is zero or more.", where="value")


@transaction.atomic
def _set(
    forecast: Forecast, user: User, days: int, value: float, reason: str, at: datetime
) -> ForecastOverride:
    before = ForecastOverride.objects.select_for_update().filter(
        forecast=forecast, days=days, undone_at=None
    ).first()  # fmt: skip
    if before:
        before.undone_at, before.undone_by = at, user
        before.save(update_fields=["undone_at", "undone_by"])
    made = ForecastOverride.objects.create(
        forecast=forecast, days=days, value=value, reason=reason, created_at=at, created_by=user
    )
    events.record(
        actor=user.as_actor(),
        action="forecast.overridden",
        subject=made,
        at=at,
        reason=reason,
        before={"value": before.value if before else forecast.sum_yhat[days - 1]},
        after={"value": value, "days": days, "forecast": forecast.pk},
        team_path=forecast.team.path,
        live=[f"forecast:{forecast.pk}"],
    )
    return made


@transaction.atomic
def override_undo(*, override: ForecastOverride, user: User, at: datetime) -> ForecastOverride:
    """Take an expectation back; it stays readable. Raises ``Conflict`` when that was done already."""
    require_override(user, override.forecast)
    found = ForecastOverride.objects.select_for_update().get(pk=override.pk)
    if found.undone_at:
        raise Conflict("It was taken back already.", code="undone")
    found.undone_at, found.undone_by = at, user
    found.save(update_fields=["undone_at", "undone_by"])
    events.record(
        actor=user.as_actor(),
        action="forecast.override_undone",
        subject=found,
        at=at,
        before={"value": found.value},
        after={"value": None, "forecast": found.forecast_id},
        team_path=found.forecast.team.path,
        live=[f"forecast:{found.forecast_id}"],
    )
    return found
