"""What ``where`` means: numbers or names to the numbers that the tables hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Scope, Team, User
from campaigns.choices import Objective
from campaigns.models import Campaign, CampaignLine, Channel, Creative
from core.errors import Invalid
from core.once import once
from metrics.models import Segment
from metrics.selectors.dimensions import dimension

Where = Mapping[str, Any]


def resolve(where: Where | None, scope: Scope) -> dict[str, list[Any]]:
    """Each filter as a list of what its column holds; raises ``Invalid`` for a name not in sight.

    Numbers out of sight are kept: they simply match nothing that the scope lets through.
    """
    found = {key: _values(value) for key, value in (where or {}).items()}
    return {key: _resolved(key, values, scope) for key, values in found.items()}


def _values(value: Any) -> list[Any]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return [value]
    return list(value)


def _resolved(key: str, values: list[Any], scope: Scope) -> list[Any]:
    wanted = dimension(key)
    if wanted.is_time:
        raise Invalid("Days are chosen by the period.", where=key, remedy="Use period.")
    if wanted.attribute or wanted.part or key == "platform":
        return ["" if value is None else str(value) for value in values]
    ids = [_id(value) for value in values]
    if key in _BY_NAME:
        ids = [
            pk for value, pk in zip(values, ids, strict=True) for pk in _ids(key, value, pk, scope)
        ]
    elif key == "objective":
        return [_choice(value) for value in values]
    elif key == "currency":
        return [str(value).upper() for value in values]
    if None in ids:
        raise Invalid(f"“{values[ids.index(None)]}” is not a {key}.", where=key)
    return _with_teams_below(ids) if key == "team" else ids


def _id(value: Any) -> int | None:
    """A number as given or written; the model instance's own for an instance; 0 for nothing."""
    value = 0 if value is None else getattr(value, "pk", value)
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() else None


def _ids(key: str, value: Any, pk: int | None, scope: Scope) -> Sequence[int | None]:
    """The number itself, or those of everything in sight that bears the name."""
    if pk is not None:
        return [pk]
    found = list(_BY_NAME[key](str(value), scope).values_list("pk", flat=True))
    return found or [None]


def _campaigns(name: str, scope: Scope) -> QuerySet[Any]:
    return Campaign.objects.filter(scope.where("team__path"), name__iexact=name)


def _lines(name: str, scope: Scope) -> QuerySet[Any]:
    return CampaignLine.objects.filter(scope.where("campaign__team__path"), name__iexact=name)


def _channels(name: str, _: Scope) -> QuerySet[Any]:
    return Channel.objects.filter(Q(key__iexact=name) | Q(name__iexact=name))


def _teams(name: str, scope: Scope) -> QuerySet[Any]:
    return Team.objects.filter(scope.where("path"), name__iexact=name)


def _owners(name: str, _: Scope) -> QuerySet[Any]:
    return User.objects.filter(Q(email__iexact=name) | Q(name__iexact=name))


def _creatives(name: str, scope: Scope) -> QuerySet[Any]:
    return Creative.objects.filter(scope.where("campaign__team__path"), name__iexact=name)


def _segments(name: str, _: Scope) -> QuerySet[Any]:
    return Segment.objects.filter(key=name)


_BY_NAME: Mapping[str, Callable[[str, Scope], QuerySet[Any]]] = {
    "campaign": _campaigns,
    "line": _lines,
    "channel": _channels,
    "team": _teams,
    "owner": _owners,
    "creative": _creatives,
    "segment": _segments,
}


def _choice(value: Any) -> str:
    wanted = str(value).lower()
    for objective in Objective:
        if wanted in (objective.value, objective.label.lower()):
            return objective.value
    raise Invalid(f"“{value}” is not an objective.", where="objective")


def _with_teams_below(ids: Sequence[int | None]) -> list[Any]:
    """A team stands for itself and everything below it."""
    return list(once(("teams_below", frozenset(ids)), lambda: _teams_below(ids)))


def _teams_below(ids: Sequence[int | None]) -> list[Any]:
    below = Q(pk__in=[])
    for path in Team.objects.filter(pk__in=ids).values_list("path", flat=True):
        below |= Q(path__startswith=path)
    return list(Team.objects.filter(below).values_list("pk", flat=True))
