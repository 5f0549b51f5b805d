"""What experiments say over the API, and the message for each unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from math import isfinite
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person, sees_money
from analytics.experiments.results import ArmEffect, Lift, Outcome
from analytics.experiments.verdict import deciding_interval
from campaigns.choices import ExperimentKind, ExperimentState
from campaigns.models import Experiment, ServedChoice
from campaigns.selectors import conflicts_among, experiments_for, learnings_for
from core import clock, known
from core.api import AS_OF, read
from core.known import answer_as_known
from insights.api import experiment_shapes as shapes
from insights.selectors.experiment_policy import PolicyReport, policy_report
from insights.selectors.experiments import ExperimentResult, result_of, results_of
from insights.services import deciding
from insights.services.experiments import experiment_propose, experiment_settle

PLANNED = (ExperimentState.DRAFT, ExperimentState.SEALED, ExperimentState.RUNNING)


def _experiment(request: Request, pk: int) -> Experiment:
    return get_object_or_404(experiments_for(person(request)), pk=pk)


class ExperimentResultView(APIView):
    """What an experiment says: the sentence, every number beneath, every look."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(parameters=[AS_OF], responses=shapes.ExperimentResultOut)
    @answer_as_known
    def get(self, request: Request, pk: int) -> Response:
        found = _experiment(request, pk)
        result = result_of(found, known.known_at() or clock.now())
        return Response(_result(result, with_money=sees_money(person(request))))


def _result(result: ExperimentResult, *, with_money: bool) -> dict[str, Any]:
    report = result.report
    return dict(
        shapes.ExperimentResultOut(
            {
                "experiment": result.experiment.pk,
                "sentence": result.sentence,
                "outcome": result.outcome,
                "units": result.units,
                "last_day": result.last_day,
                "plan_sha256": result.experiment.plan_sha256,
                "deviations": result.deviations,
                "split": report.split if report else None,
                "effects": [_effect(one) for one in report.effects] if report else [],
                "looks": result.looks,
                "factors": [_factor(one) for one in result.factors],
                "lifts": _lifts(result.lifts, with_money=with_money),
                "shares": result.shares,
                "chance_best": report.chance_best if report else None,
            }
        ).data
    )


def _effect(one: ArmEffect) -> dict[str, Any]:
    change = one.adjustment
    plain = {field.name: getattr(one, field.name) for field in fields(one)}
    return plain | {
        "range": deciding_interval(one),
        "range_once": one.relative_interval,
        "power_now": one.outlook.power_now,
        "units_left": one.outlook.units_left,
        "days_left": one.outlook.days_left,
        "variance_reduction": change.variance_reduction if change else None,
        "corrected_p": {name: p for name, p in one.corrected_p.items() if isfinite(p)},
        "reason": str(one.reason) if one.reason else None,
    }


def _factor(one: Any) -> dict[str, Any]:
    return {
        "effect": " x ".join(f"{factor} {level}" for factor, level in one.levels),
        "estimate": float(one.difference.estimate),
        "low": float(one.difference.low),
        "high": float(one.difference.high),
        "p": one.p,
    }


def _lifts(lifts: Mapping[str, Lift] | None, *, with_money: bool) -> list[dict[str, Any]]:
    return [
        {
            "arm": arm,
            "added": lift.added,
            "added_range": lift.added_interval,
            "relative": lift.relative,
            "cost_per_added": lift.cost_per_added if with_money else None,
            "cost_range": lift.cost_interval if with_money else None,
            "n_held_out": lift.n_held_out,
            "n_treated": lift.n_treated,
        }
        for arm, lift in (lifts or {}).items()
    ]


class ExperimentConclude(APIView):
    """Keep the verdict as it stands now, with what follows and what was learnt."""

    acts = {"POST": Act.RUN_EXPERIMENT}

    @extend_schema(request=shapes.ExperimentConcludeIn, responses=shapes.ExperimentResultOut)
    def post(self, request: Request, pk: int) -> Response:
        said, found = read(shapes.ExperimentConcludeIn, request), _experiment(request, pk)
        user, at = person(request), clock.now()
        experiment_settle(experiment=found, user=user, at=at, **said)
        result = result_of(_experiment(request, pk), at)
        return Response(_result(result, with_money=sees_money(user)))


class ExperimentAsk(APIView):
    """Send what follows from a test for approval: the winner in use, or the next shares."""

    acts = {"POST": Act.RUN_EXPERIMENT}

    @extend_schema(request=shapes.ExperimentAskIn, responses={201: shapes.ExperimentAskedOut})
    def post(self, request: Request, pk: int) -> Response:
        said, found = read(shapes.ExperimentAskIn, request), _experiment(request, pk)
        asked = experiment_propose(experiment=found, user=person(request), at=clock.now(), **said)
        return Response(shapes.ExperimentAskedOut(asked).data, status=201)


class ExperimentCalendar(APIView):
    """Pairs of planned or running tests that can disturb each other."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=shapes.ExperimentConflictOut(many=True))
    def get(self, request: Request) -> Response:
        rows = list(experiments_for(person(request)).filter(state__in=PLANNED))
        found = [
            {
                "first": one.first.pk, "second": one.second.pk, "shares": one.shares,
                "from_day": one.from_day, "to_day": one.to_day,
            }
            for one in conflicts_among(rows)
        ]  # fmt: skip
        return Response(shapes.ExperimentConflictOut(found, many=True).data)


class ExperimentLearnings(APIView):
    """What concluded tests left behind, the newest first."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(
        parameters=[
            OpenApiParameter("text", str),
            OpenApiParameter("tag", str),
            OpenApiParameter("outcome", enum=[str(one) for one in Outcome]),
            AS_OF,
        ],
        responses=shapes.LearningOut(many=True),
    )
    @answer_as_known
    def get(self, request: Request) -> Response:
        asked = shapes.LearningQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        found = learnings_for(person(request), as_of=known.known_at(), **asked.validated_data)
        return Response(shapes.LearningOut(found, many=True).data)


class ExperimentHoldouts(APIView):
    """What campaigns added against groups that were held out."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(parameters=[AS_OF], responses=shapes.HoldoutOut(many=True))
    @answer_as_known
    def get(self, request: Request) -> Response:
        user, at = person(request), known.known_at() or clock.now()
        rows = list(experiments_for(user).filter(kind=ExperimentKind.HOLDOUT, created_at__lte=at))
        found = [
            {
                "id": one.experiment.pk, "name": one.experiment.name, "sentence": one.sentence,
                "lifts": _lifts(one.lifts, with_money=sees_money(user)),
            }
            for one in results_of(rows, at).values()
        ]  # fmt: skip
        return Response(shapes.HoldoutOut(found, many=True).data)


class ExperimentDecide(APIView):
    """The arm for a unit in its context. The same unit is answered with the same arm."""

    acts = {"POST": Act.RUN_EXPERIMENT}

    @extend_schema(request=shapes.ChoiceIn, responses=shapes.ChoiceOut)
    def post(self, request: Request, pk: int) -> Response:
        said, found = read(shapes.ChoiceIn, request), _experiment(request, pk)
        choice = deciding.decide(experiment=found, user=person(request), at=clock.now(), **said)
        return Response(shapes.ChoiceOut(choice).data)


class ExperimentRewards(APIView):
    """Say what came of a choice; the first answer counts."""

    acts = {"POST": Act.RUN_EXPERIMENT}

    @extend_schema(request=shapes.ChoiceRewardIn, responses=shapes.ChoiceOut)
    def post(self, request: Request, pk: int) -> Response:
        said, found = read(shapes.ChoiceRewardIn, request), _experiment(request, pk)
        rows = ServedChoice.objects.select_related("arm", "experiment__team")
        choice = get_object_or_404(rows, experiment=found, pk=said["choice"])
        done = deciding.reward(
            choice=choice, user=person(request), value=said["reward"], at=clock.now()
        )
        return Response(shapes.ChoiceOut(done).data)


class ExperimentPolicy(APIView):
    """Chances by context, and what other rules would have brought, from the logged choices."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(parameters=[AS_OF], responses=shapes.ChoicePolicyOut)
    @answer_as_known
    def get(self, request: Request, pk: int) -> Response:
        found = _experiment(request, pk)
        report = policy_report(found, at=known.known_at() or clock.now())
        return Response(shapes.ChoicePolicyOut(_policy(report)).data)


def _policy(report: PolicyReport) -> dict[str, Any]:
    return {
        "arms": report.arms,
        "choices": report.choices,
        "rewarded": report.rewarded,
        "contexts": report.contexts,
        "rules": [
            {
                "name": one.name,
                "in_force": one.is_ours,
                "inverse_propensity": one.value.inverse_propensity,
                "self_normalised": one.value.self_normalised,
                "doubly_robust": one.value.doubly_robust,
            }
            for one in report.checks
        ],
    }
