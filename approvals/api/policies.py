"""The policy over the API: rules, versions, checks, and what other rules would have done; many decisions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from approvals import services
from approvals.api import policy_shapes as shapes
from approvals.api.again import require_fresh
from approvals.api.serializers import RequestDetailOut, WithdrawIn
from approvals.api.views import find_request, request_answer
from approvals.models import Policy
from approvals.permissions import ASKING, DECIDING
from approvals.rules.checking import check_rules
from approvals.rules.routing import Traits, thresholds
from approvals.selectors import (
    Question,
    policy_in_force,
    replay,
    requests_between,
    requests_visible,
    route_in_words,
    who_would_approve,
)
from core import clock
from core.api import read
from core.models import Organisation
from core.money import Money

TRIES = (Act.CHANGE_POLICY, Act.EXPORT_AUDIT)


class RequestRecall(APIView):
    """Pull one's own request back to a draft to change it; approvals given so far are void."""

    acts = {"POST": (Act.EDIT_SUBMITTED, *ASKING)}

    @extend_schema(request=WithdrawIn, responses=RequestDetailOut)
    def post(self, request: Request, pk: int) -> Response:
        data = read(WithdrawIn, request)
        asked = services.request_recall(
            request=find_request(request, pk), user=person(request), at=clock.now(), **data
        )
        return request_answer(asked)


class RequestAskAgain(APIView):
    """A new draft with the content of a request that ended, and evidence of today."""

    acts = {"POST": ASKING}

    @extend_schema(request=None, responses={201: RequestDetailOut})
    def post(self, request: Request, pk: int) -> Response:
        made = services.request_ask_again(
            request=find_request(request, pk), user=person(request), at=clock.now()
        )
        return request_answer(made, 201)


class RequestClone(APIView):
    """A new draft with the same content, to be changed."""

    acts = {"POST": ASKING}

    @extend_schema(request=None, responses={201: RequestDetailOut})
    def post(self, request: Request, pk: int) -> Response:
        made = services.request_clone(
            request=find_request(request, pk), user=person(request), at=clock.now()
        )
        return request_answer(made, 201)


class ManyDecide(APIView):
    """Approve or reject many with one reason; each by itself, and the answer says what became of each.

    A token is refused when one of them is above the first threshold.
    """

    acts = {"POST": DECIDING}

    @extend_schema(
        operation_id="requests_decide_many",
        request=shapes.ManyIn,
        responses=shapes.AnsweredOut(many=True),
    )
    def post(self, request: Request) -> Response:
        data, user = read(shapes.ManyIn, request), person(request)
        chosen = [services.Chosen(one["id"], one["content_hash"]) for one in data.pop("requests")]
        found = requests_visible(user, at=clock.now()).filter(pk__in=[one.pk for one in chosen])
        require_fresh(request, list(found), data["outcome"])
        answers = services.requests_decide(
            user=user, chosen=chosen, at=clock.now(), channel="api", **data
        )
        return Response(shapes.AnsweredOut([_answered(a) for a in answers], many=True).data)


def _answered(answer: services.Answered) -> dict[str, Any]:
    return {
        "id": answer.pk,
        "reference": answer.request.reference if answer.request else "",
        "is_decided": answer.is_decided,
        "state": answer.request.state if answer.request else "",
        "code": answer.code,
        "message": answer.problem,
    }


class PolicyInForce(APIView):
    """Who must approve what, now. It is changed by a request of the kind ``approvals.policy``."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=shapes.PolicyOut)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response(shapes.PolicyOut(_policy(policy_in_force())).data)


def _policy(policy: Policy) -> dict[str, Any]:
    first, second = thresholds(policy.rules)
    return {
        "version": policy.version,
        "rules": policy.rules,
        "kinds": services.kinds(),
        "threshold_1_micros": first,
        "threshold_2_micros": second,
        "reason": policy.reason,
        "created_at": policy.created_at,
        "created_by": policy.created_by_id,
        "request": policy.request_id,
    }


class PolicyVersions(APIView):
    """Every version of the policy, the newest first."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=shapes.PolicyOut(many=True))
    def get(self, request: Request) -> Response:  # noqa: ARG002
        rows = [_policy(policy) for policy in Policy.objects.all()]
        return Response(shapes.PolicyOut(rows, many=True).data)


class PolicyVersion(APIView):
    """One version, and rule by rule how it differs from the one before it."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=shapes.PolicyVersionOut)
    def get(self, request: Request, version: int) -> Response:  # noqa: ARG002
        policy = get_object_or_404(Policy, version=version)
        before = Policy.objects.filter(version=version - 1).first()
        changes = (
            services.rule_changes(before.rules, policy.rules, services.policy_known())
            if before
            else []
        )
        content = {**_policy(policy), "changes": [_change(change) for change in changes]}
        return Response(shapes.PolicyVersionOut(content).data)


def _change(change: services.RuleChange) -> dict[str, str]:
    return {"rule": change.label, "before": change.before, "after": change.after}


RULES = OpenApiExample(
    "A director decides up to 10,000",
    value={
        "rules": [
            {
                "kinds": ["*"], "max_micros": 10_000_000_000,
                "steps": [{"roles": ["director", "executive"], "act": "decide_small"}],
            },
            {
                "kinds": ["*"], "above_micros": 10_000_000_000,
                "steps": [{"roles": ["executive"], "act": "decide_large", "needed": 2}],
            },
        ]
    },
    request_only=True,
)  # fmt: skip


class PolicyCheck(APIView):
    """What is wrong with rules before they are asked for, and how they differ from those in force."""

    acts = {"POST": Act.CHANGE_POLICY}

    @extend_schema(request=shapes.RulesIn, responses=shapes.PolicyCheckOut, examples=[RULES])
    def post(self, request: Request) -> Response:
        rules, known = read(shapes.RulesIn, request)["rules"], services.policy_known()
        problems = check_rules(rules, known)
        newest = policy_in_force()
        changes = [] if problems else services.rule_changes(newest.rules, rules, known)
        content = {
            "based_on": newest.version,
            "problems": [{"where": one.where, "message": one.message} for one in problems],
            "changes": [_change(change) for change in changes],
        }
        return Response(shapes.PolicyCheckOut(content).data)


class PolicyEffect(APIView):
    """Real requests sent on the days ``start`` to ``end`` under other rules than those in force.

    Give ``rules``, or a ``version``. Requests out of sight are counted and not listed.
    """

    acts = {"POST": TRIES}

    @extend_schema(request=shapes.PolicyEffectIn, responses=shapes.PolicyEffectOut)
    def post(self, request: Request) -> Response:
        data, user = read(shapes.PolicyEffectIn, request), person(request)
        rules = self._rules(data)
        zone = ZoneInfo(Organisation.current().time_zone)
        start = datetime.combine(data["start"], datetime.min.time(), zone)
        end = datetime.combine(data["end"], datetime.min.time(), zone) + timedelta(days=1)
        fixed = [kind for kind in services.kinds() if services.fixed_steps(kind)]
        found = replay(policy_in_force().rules, rules, requests_between(start, end, without=fixed))
        ids = [row.request.pk for row in found.moved]
        seen = set(requests_visible(user).filter(pk__in=ids).values_list("pk", flat=True))
        content = {
            "total": found.total,
            "moved": len(found.moved),
            "stuck": len(found.stuck),
            "extra_steps": found.extra_steps,
            "roles": [
                {"role": row.role.value, "before": row.before, "after": row.after}
                for row in found.roles
            ],
            "requests": [
                {
                    "id": row.request.pk,
                    "reference": row.reference,
                    "before": route_in_words(row.before),
                    "after": route_in_words(row.after),
                    "is_possible": row.is_possible,
                }
                for row in found.moved
                if row.request.pk in seen
            ],
        }
        return Response(shapes.PolicyEffectOut(content).data)

    def _rules(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        if data.get("rules") is not None:
            return services.rules_read(data["rules"])
        found: list[dict[str, Any]] = get_object_or_404(Policy, version=data["version"]).rules
        return found


class WhoApproves(APIView):
    """Who would approve a change of this kind, amount and team; a step without people has nobody."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(parameters=[shapes.WhoIn], responses=shapes.WhoOut(many=True))
    def get(self, request: Request) -> Response:
        data = shapes.WhoIn(data=request.query_params, context={"request": request})
        data.is_valid(raise_exception=True)
        fields, now = data.validated_data, clock.now()
        reporting = Organisation.current().reporting_currency
        amount = Money.parse(fields["amount"], fields.get("currency") or reporting)
        question = Question(
            kind=fields["kind"],
            micros=services.in_reporting_currency(amount, now).micros,
            currency=reporting,
            team=fields["team"],
            traits=Traits(fields.get("percent"), tuple(fields["channels"]), fields["risk"]),
            requester=fields.get("requester"),
        )
        answer = who_would_approve(
            policy_in_force().rules, question, at=now, fixed=services.fixed_steps(fields["kind"])
        )
        rows = [
            {
                "order": step.order,
                "roles": step.rule.roles,
                "needed": step.rule.needed,
                "decides": step.rule.decides,
                "people": [one.name for one in step.people],
                "stand_ins": [held.delegate.name for held in step.stand_ins],
                "limited": [one.name for one, _ in step.limited],
            }
            for step in answer.steps
        ]
        return Response(shapes.WhoOut(rows, many=True).data)
