"""Delegations, absences, working hours, votes, mentions and times over the API."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import SIGNED_IN, Act
from accounts.permissions import person
from approvals import services
from approvals.api import people_serializers as shapes
from approvals.models import ChangeRequest
from approvals.permissions import ASKING
from approvals.rules.times import LABELS, Times
from approvals.selectors import (
    absences_of,
    delegations_of,
    delegations_to,
    requests_visible,
    rights_on,
    substitute_of,
)
from approvals.selectors.calendars import calendars
from approvals.selectors.discussion import may_read_votes, mentionable, votes_of
from approvals.selectors.times import (
    ageing,
    decision_figures,
    decisions_between,
    sees_team_times,
)
from core import clock
from core.api import read

SEES = (Act.VIEW_MONEY, *ASKING)
SETTING = (Act.INVITE_USER, Act.DELEGATE)


def _asked(request: Request, pk: int) -> ChangeRequest:
    return get_object_or_404(requests_visible(person(request), at=clock.now()), pk=pk)


class Delegations(APIView):
    """The caller's delegations, given and held; delegate the right to decide."""

    acts = {"GET": SIGNED_IN, "POST": Act.DELEGATE}

    @extend_schema(responses=shapes.DelegationOut(many=True))
    def get(self, request: Request) -> Response:
        rows = delegations_of(person(request))[:200]
        return Response(shapes.DelegationOut(rows, many=True).data)

    @extend_schema(request=shapes.DelegationIn, responses={201: shapes.DelegationOut})
    def post(self, request: Request) -> Response:
        fields = read(shapes.DelegationIn, request)
        made = services.delegation_create(user=person(request), at=clock.now(), **fields)
        return Response(shapes.DelegationOut(made).data, status=201)


class DelegationEnd(APIView):
    """End a delegation that the caller gave or holds."""

    acts = {"POST": Act.DELEGATE}

    @extend_schema(request=shapes.EndIn, responses=shapes.DelegationOut)
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        found = get_object_or_404(delegations_of(user), pk=pk)
        fields = read(shapes.EndIn, request)
        ended = services.delegation_end(delegation=found, user=user, at=clock.now(), **fields)
        return Response(shapes.DelegationOut(ended).data)


class Absences(APIView):
    """The caller's absences; say that one is away."""

    acts = {"GET": SIGNED_IN, "POST": SIGNED_IN}

    @extend_schema(responses=shapes.AbsenceOut(many=True))
    def get(self, request: Request) -> Response:
        rows = absences_of(person(request))[:200]
        return Response(shapes.AbsenceOut(rows, many=True).data)

    @extend_schema(request=shapes.AbsenceIn, responses={201: shapes.AbsenceOut})
    def post(self, request: Request) -> Response:
        fields = read(shapes.AbsenceIn, request)
        made = services.absence_create(user=person(request), at=clock.now(), **fields)
        return Response(shapes.AbsenceOut(made).data, status=201)


class AbsenceEnd(APIView):
    """Be back early."""

    acts = {"POST": SIGNED_IN}

    @extend_schema(request=None, responses=shapes.AbsenceOut)
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        found = get_object_or_404(absences_of(user), pk=pk)
        ended = services.absence_end(absence=found, user=user, at=clock.now())
        return Response(shapes.AbsenceOut(ended).data)


class OwnSubstitute(APIView):
    """The caller's standing substitute."""

    acts = {"GET": Act.DELEGATE, "PUT": Act.DELEGATE}

    @extend_schema(responses=shapes.SubstituteShape)
    def get(self, request: Request) -> Response:
        found = substitute_of(person(request))
        return Response({"substitute": found.pk if found else None})

    @extend_schema(request=shapes.SubstituteShape, responses=shapes.SubstituteShape)
    def put(self, request: Request) -> Response:
        chosen = read(shapes.SubstituteShape, request)["substitute"]
        services.substitute_set(user=person(request), substitute=chosen, at=clock.now())
        return Response({"substitute": chosen.pk if chosen else None})


class WorkCalendars(APIView):
    """Working hours, in which the clocks of decisions run; set those of a team."""

    acts = {"GET": SETTING, "PUT": SETTING}

    @extend_schema(responses=shapes.CalendarOut(many=True))
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response(shapes.CalendarOut(calendars(), many=True).data)

    @extend_schema(request=shapes.CalendarIn, responses=shapes.CalendarOut)
    def put(self, request: Request) -> Response:
        fields = read(shapes.CalendarIn, request)
        fields["days_off"] = {row["day"]: row["name"] or "Day off" for row in fields["days_off"]}
        kept = services.calendar_set(user=person(request), at=clock.now(), **fields)
        return Response(shapes.CalendarOut(kept).data)


class RequestVotes(APIView):
    """Votes for the alternatives of a decision: read once one has voted, decides, or it is decided."""

    acts = {"GET": SEES, "POST": SEES}

    @extend_schema(responses=shapes.VoteOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        user, asked = person(request), _asked(request, pk)
        decides = bool(rights_on(user, asked, delegations_to(user, clock.now())))
        rows = votes_of(asked)
        if not may_read_votes(user, asked, decides=decides):
            rows = rows.filter(user=user)
        return Response(shapes.VoteOut(rows, many=True).data)

    @extend_schema(request=shapes.VoteIn, responses={201: shapes.VoteOut})
    def post(self, request: Request, pk: int) -> Response:
        asked, fields = _asked(request, pk), read(shapes.VoteIn, request)
        option = get_object_or_404(asked.options, pk=fields["option"])
        vote = services.vote_cast(
            request=asked, user=person(request), option=option, why=fields["why"], at=clock.now()
        )
        return Response(shapes.VoteOut(vote).data, status=201)


class RequestMentions(APIView):
    """People who can be mentioned on a request, by the beginning of their name."""

    acts = {"GET": SEES}

    @extend_schema(parameters=[shapes.MentionsIn], responses=shapes.PersonShape(many=True))
    def get(self, request: Request, pk: int) -> Response:
        data = shapes.MentionsIn(data=request.query_params)
        data.is_valid(raise_exception=True)
        people = mentionable(
            _asked(request, pk), data.validated_data["q"], by=person(request), at=clock.now()
        )
        return Response(shapes.PersonShape(people, many=True).data)


class ApprovalTimes(APIView):
    """How old what waits is, and how long decisions took."""

    acts = {"GET": SEES}

    @extend_schema(parameters=[shapes.TimesIn], responses=shapes.TimesOut)
    def get(self, request: Request) -> Response:
        data = shapes.TimesIn(data=request.query_params)
        data.is_valid(raise_exception=True)
        user, now = person(request), clock.now()
        today, asked = timezone.localtime(now).date(), data.validated_data
        rows = decisions_between(user, today - timedelta(days=asked["days"] - 1), today)
        total, own, teams, months = decision_figures(rows, user=user)
        content = {
            "buckets": LABELS,
            "ageing": [
                {"label": row.label, "counts": row.counts}
                for row in ageing(user, by=asked["by"], now=now)
            ],
            "all": _figures(total),
            "own": _figures(own),
            "teams": [{"label": row.label, **_figures(row.times)} for row in teams]
            if sees_team_times(user)
            else [],
            "months": [{"label": row.label, **_figures(row.times)} for row in months],
        }
        return Response(shapes.TimesOut(content).data)


def _figures(found: Times) -> dict[str, Any]:
    return {
        key: int(value.total_seconds()) if isinstance(value, timedelta) else value
        for key, value in asdict(found).items()
    }
