"""How days grow, over the API: the curves of the maturity page."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from core.known import answer_as_known, known_at
from insights.api import serializers as shapes
from insights.selectors import PlatformGrowth, growth_known


class MaturityView(APIView):
    """The share of its final results that a day has at each age, by platform and measure.

    ``GET /query/?mature=true`` answers with young days as they are expected to be when final.
    """

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=shapes.MaturityOut(many=True))
    @answer_as_known
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response([shapes.MaturityOut(_out(one)).data for one in growth_known(known_at())])


def _out(one: PlatformGrowth) -> dict[str, Any]:
    ages = range(one.curve.first, one.curve.settled + 1) if not one.reason else ()
    return {
        "platform": one.platform,
        "name": one.name,
        "measure": one.measure,
        "known_at": one.known_at,
        "final_after_days": None if one.reason else one.curve.settled,
        "still_open": one.curve.is_open,
        "days": one.days,
        "reason": one.reason,
        "shares": [share for age in ages if (share := one.share_at(age))],
    }
