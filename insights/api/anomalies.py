"""Anomalies, why metrics changed, risks, benchmarks and leads over the API."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import person, sees_money
from accounts.selectors import teams_for
from core import clock, known
from core.api import AS_OF, read
from core.errors import Invalid
from core.known import answer_as_known
from core.models import Organisation
from core.money import Money
from insights.api import anomaly_shapes as shapes
from insights.models import Finding, RiskEntry
from insights.rules.anomalies import WATCHED
from insights.selectors.asked import change_asked, one_of
from insights.selectors.driver_words import told
from insights.selectors.drivers import Why, why_changed
from insights.selectors.explanations import explanation_of, why_kept
from insights.selectors.incidents import (
    STATES,
    Judgement,
    anomalies_visible,
    incidents_of,
    state_of,
)
from insights.selectors.risks import ListedRisk, risks_kept, risks_of
from insights.services.dismissals import anomaly_dismiss, anomaly_raise, dismissal_undo
from insights.services.explaining import incident_why

METRIC_KEYS = [one.metric for one in WATCHED]


def _team(request: Request) -> Any:
    number = request.query_params.get("team", "")
    if not number:
        return ""
    found = (
        teams_for(person(request))
        .filter(pk=int(number) if number.isdecimal() and len(number) < 18 else 0)
        .first()
    )
    if found is None:
        raise Invalid("There is no such team in your sight.", where="team")
    return found


TEAM = OpenApiParameter("team", int, description="With everything below it")


class Anomalies(APIView):
    """What is out of the ordinary: each incident of each team in sight, most at stake first."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(
        parameters=[
            AS_OF,
            TEAM,
            OpenApiParameter("state", enum=list(STATES)),
            OpenApiParameter("way", enum=["bad", "good"]),
            OpenApiParameter("metric", enum=METRIC_KEYS),
        ],
        responses=shapes.AnomalyOut(many=True),
    )
    @answer_as_known
    def get(self, request: Request) -> Response:
        user = person(request)
        found = incidents_of(
            user,
            at=known.now(),
            state=one_of(request.query_params, "state", STATES),
            way=one_of(request.query_params, "way", ("bad", "good")),
            metric=one_of(request.query_params, "metric", METRIC_KEYS),
            team=_team(request),
        )
        rows = [_anomaly(finding, user) for one in found for finding in one.findings]
        return Response(shapes.AnomalyOut(rows, many=True).data)


class AnomalyDetail(APIView):
    """One incident with the driver tree that was kept when it was found."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(parameters=[AS_OF], responses=shapes.AnomalyDetailOut)
    @answer_as_known
    def get(self, request: Request, pk: int) -> Response:
        return Response(_detail(_found(request, pk), person(request)))


class AnomalyDismiss(APIView):
    """Say that an incident is no anomaly: its alert closes and it is not found again."""

    acts = {"POST": Act.RUN_MODELS}

    @extend_schema(request=shapes.DismissAnomalyIn, responses=shapes.AnomalyDetailOut)
    def post(self, request: Request, pk: int) -> Response:
        said = read(shapes.DismissAnomalyIn, request)
        user = person(request)
        anomaly_dismiss(
            finding=_found(request, pk), user=user, reason=said["reason"], at=clock.now()
        )
        return Response(_detail(_found(request, pk), user))


class AnomalyRestore(APIView):
    """Take that back: the incident is open again."""

    acts = {"POST": Act.RUN_MODELS}

    @extend_schema(request=None, responses=shapes.AnomalyDetailOut)
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        dismissal_undo(finding=_found(request, pk), user=user, at=clock.now())
        return Response(_detail(_found(request, pk), user))


class AnomalyRaise(APIView):
    """Open an alert for an incident that was kept quiet or is over."""

    acts = {"POST": Act.RUN_MODELS}

    @extend_schema(request=None, responses=shapes.AnomalyDetailOut)
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        anomaly_raise(finding=_found(request, pk), user=user, at=clock.now())
        return Response(_detail(_found(request, pk), user))


class DriversView(APIView):
    """Why a metric changed between two periods, in parts that add up to the last digit."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(
        parameters=[
            AS_OF,
            OpenApiParameter("metric", description="Revenue without it, else conversions"),
            OpenApiParameter(
                "period", description="As /query/ takes it; the last 28 days without it"
            ),
            OpenApiParameter("before", description="week, month, year before, or a period"),
            OpenApiParameter(
                "by", description="The first split, such as channel or segment:device"
            ),
            OpenApiParameter("team", int),
            OpenApiParameter("channel", int),
            OpenApiParameter("campaign", int),
            OpenApiParameter("line", int),
        ],
        responses=shapes.WhyOut,
    )
    @answer_as_known
    def get(self, request: Request) -> Response:
        user = person(request)
        asked = change_asked(request.query_params, user, today=known.today())
        found = why_changed(viewer=user, **asked)
        return Response(shapes.WhyOut(_why(found, None)).data)


class RisksView(APIView):
    """The newest risk list: chance times money, the greatest first, and the total week by week."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(
        parameters=[AS_OF, TEAM, OpenApiParameter("kind", enum=RiskEntry.Kind.values)],
        responses=shapes.RisksOut,
    )
    @answer_as_known
    def get(self, request: Request) -> Response:
        found = risks_of(
            person(request), today=known.today(), currency=Organisation.current().reporting_currency
        )
        kind = one_of(request.query_params, "kind", RiskEntry.Kind.values)
        answer = {
            "day": found.day,
            "total": found.total,
            "trend": [{"day": day, "total": total} for day, total in found.trend],
            "rows": [_risk(one) for one in risks_kept(found, kind=kind, team=_team(request))],
        }
        return Response(shapes.RisksOut(answer).data)


def _found(request: Request, pk: int) -> Finding:
    visible = anomalies_visible(person(request), known.now())
    found = next((one for one in visible if one.pk == pk), None)
    if found is None:
        raise Http404
    return found


def _anomaly(finding: Finding, user: User) -> dict[str, Any]:
    said, judged = finding.evidence, Judgement.of(finding)
    has_stake = finding.stake_micros is not None and sees_money(user)
    return {
        "id": finding.pk,
        "title": finding.title,
        "reason": finding.reason,
        "state": state_of(finding, known.now()),
        "team": finding.team_id,
        "campaign": finding.campaign_id,
        "metric": finding.metric,
        "is_good": said["good"],
        "first_day": finding.window_start,
        "last_day": finding.window_end,
        "observed": judged.observed,
        "expected": judged.expected,
        "usual_low": judged.low,
        "usual_high": judged.high,
        "score": judged.score,
        "threshold": judged.threshold,
        "days_judged": judged.n,
        "series": {
            "first": judged.first,
            "values": judged.values,
            "low": judged.lows,
            "high": judged.highs,
        },
        "stake": Money(finding.stake_micros or 0, finding.currency) if has_stake else None,
        "explanation": said.get("explanation"),
        "found_at": finding.found_at,
        "ended_at": finding.ended_at,
        "storm": said["storm"],
        "lines": said["lines"],
        "way": said["way"],
    }


def _detail(finding: Finding, user: User) -> Any:
    kept = explanation_of(finding)
    if kept and sees_money(user) and known.known_at() is None:
        why = _why(why_kept(kept), kept.pk)
    else:
        why = _why(incident_why(finding, "week", user), None)
    return shapes.AnomalyDetailOut({**_anomaly(finding, user), "why": why}).data


def _why(found: Why, number: int | None) -> dict[str, Any]:
    return {
        "sentence": told(found),
        "metric": found.metric.key,
        "before": found.before,
        "after": found.after,
        "currency": found.currency,
        "step": found.step,
        "tree": found.tree,
        "chain": found.chain,
        "reason": found.reason,
        "known_at": found.known_at,
        "explanation": number,
    }


def _risk(one: ListedRisk) -> dict[str, Any]:
    entry = one.entry
    return {
        "id": entry.pk,
        "kind": entry.kind,
        "title": entry.title,
        "team": entry.team_id,
        "campaign": entry.campaign_id,
        "finding": entry.finding_id,
        "subject": entry.subject,
        "subject_id": entry.subject_id,
        "chance": entry.chance,
        "loss": Money(entry.loss_micros, entry.currency),
        "expected": one.expected,
        "change": one.change,
        "severity": one.ranked.severity.value,
        "is_counted": one.is_counted,
        "due_on": entry.due_on,
        "how": entry.evidence.get("how", ""),
    }
