"""Shapes of delegations, absences, working hours, votes and times."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Team, User
from accounts.selectors import teams_for
from approvals.models import Absence, Delegation, Vote, WorkCalendar
from approvals.selectors import people_who_stand_in
from core.api import Seen


def _stand_in(user: User) -> QuerySet[User]:
    return people_who_stand_in(user)


class DelegationOut(serializers.ModelSerializer[Delegation]):
    """Who decides for whom, from when to when; ``cap_micros`` null is the delegator's own limit."""

    delegator_name = serializers.CharField(source="delegator.name", read_only=True)
    delegate_name = serializers.CharField(source="delegate.name", read_only=True)

    class Meta:
        model = Delegation
        fields = [
            "id", "delegator", "delegator_name", "delegate", "delegate_name", "starts_at", "ends_at",
            "cap_micros", "reason", "ended_at", "ended_because",
        ]  # fmt: skip


class DelegationIn(serializers.Serializer[Delegation]):
    """At most 14 days, from now on, to an executive or a marketing director."""

    delegate = Seen(User, _stand_in)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    cap_micros = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**62
    )
    reason = serializers.CharField(max_length=1_000)


class EndIn(serializers.Serializer[Any]):
    """Why it ends early."""

    reason = serializers.CharField(max_length=180, required=False, allow_blank=True, default="")


class AbsenceOut(serializers.ModelSerializer[Absence]):
    class Meta:
        model = Absence
        fields = ["id", "starts_at", "ends_at", "note", "delegation", "ended_at"]


class AbsenceIn(serializers.Serializer[Absence]):
    """Days away; ``delegate`` decides meanwhile, within the limits of a delegation."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    delegate = Seen(User, _stand_in, required=False, allow_null=True, default=None)


class SubstituteShape(serializers.Serializer[Any]):
    """The standing substitute, or null."""

    substitute = Seen(User, _stand_in, allow_null=True)


class DayOffShape(serializers.Serializer[Any]):
    day = serializers.DateField()
    name = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class CalendarOut(serializers.ModelSerializer[WorkCalendar]):
    """When a team works; team null is everybody without a calendar of their own."""

    days_off = DayOffShape(many=True, read_only=True)

    class Meta:
        model = WorkCalendar
        fields = ["team", "days", "opens", "closes", "time_zone", "country", "part", "days_off"]


class CalendarIn(serializers.Serializer[WorkCalendar]):
    """Working hours of a team; ``days`` of the week, Monday is 0."""

    team = Seen(Team, teams_for, allow_null=True)
    days = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6))
    opens = serializers.TimeField()
    closes = serializers.TimeField()
    time_zone = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    country = serializers.CharField(max_length=2, required=False, allow_blank=True, default="")
    part = serializers.CharField(max_length=10, required=False, allow_blank=True, default="")
    days_off = DayOffShape(many=True, required=False, default=list)


class VoteOut(serializers.ModelSerializer[Vote]):
    user_name = serializers.CharField(source="user.name", read_only=True)

    class Meta:
        model = Vote
        fields = ["user", "user_name", "option", "why", "at"]


class VoteIn(serializers.Serializer[Vote]):
    """The alternative one would choose."""

    option = serializers.IntegerField()
    why = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")


class PersonShape(serializers.Serializer[Any]):
    """Somebody who can be mentioned."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    title = serializers.CharField()


class MentionsIn(serializers.Serializer[Any]):
    q = serializers.CharField(required=False, allow_blank=True, default="", max_length=80)


class TimesIn(serializers.Serializer[Any]):
    """``days`` back from today; ``by`` groups what waits."""

    days = serializers.IntegerField(required=False, default=90, min_value=1, max_value=1_100)
    by = serializers.ChoiceField(choices=["role", "step", "person"], required=False, default="role")


class FiguresShape(serializers.Serializer[Any]):
    """Seconds; null below ten decisions. ``share`` of decisions within five minutes of opening."""

    n = serializers.IntegerField()
    waiting_p50 = serializers.IntegerField(allow_null=True)
    waiting_p90 = serializers.IntegerField(allow_null=True)
    reading_p50 = serializers.IntegerField(allow_null=True)
    reading_p90 = serializers.IntegerField(allow_null=True)
    share = serializers.DecimalField(6, 4, allow_null=True)
    low = serializers.DecimalField(6, 4, allow_null=True)
    high = serializers.DecimalField(6, 4, allow_null=True)


class GroupFiguresShape(FiguresShape):
    label = serializers.CharField()  # type: ignore[assignment]


class AgesShape(serializers.Serializer[Any]):
    """How many wait, by bucket of working days, youngest first."""

    label = serializers.CharField()  # type: ignore[assignment]
    counts = serializers.ListField(child=serializers.IntegerField())


class TimesOut(serializers.Serializer[Any]):
    """Backlog by age, and decision times: all, one's own, by team (for who leads), by month."""

    buckets = serializers.ListField(child=serializers.CharField())
    ageing = AgesShape(many=True)
    all = FiguresShape()
    own = FiguresShape()
    teams = GroupFiguresShape(many=True)
    months = GroupFiguresShape(many=True)
