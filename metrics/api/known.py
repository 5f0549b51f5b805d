"""Facts as they were known: restatements, closed months and lineage over the API."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from core import clock, known
from core.api import AS_OF, read
from core.errors import Invalid
from core.known import answer_as_known, read_moment
from core.models import Organisation
from core.money import Money
from metrics import services
from metrics.choices import MEASURES
from metrics.models import Batch, ClosedMonth
from metrics.selectors import amount_text, as_plain, decimal_text, restatable
from metrics.selectors.asking import timeless
from metrics.selectors.lineage import FactBehind, lineage
from metrics.selectors.months import KeptFigure, kept_figures, late_batches
from metrics.selectors.origins import FileRows, file_rows, place_in_sight
from metrics.selectors.restatements import SPLITS, Restated, restatements


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return amount_text(value) if isinstance(value, Money) else decimal_text(Decimal(value))


def _batch(batch: Batch) -> dict[str, Any]:
    return {"id": batch.pk, "label": batch.label, "known_at": batch.known_at.isoformat()}


class BatchOut(serializers.Serializer[Batch]):
    """A set of facts that arrived together."""

    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    known_at = serializers.DateTimeField()


class RestatementOut(serializers.Serializer[Restated]):
    """A day that changed; names stand under the splits that were asked for."""

    measure = serializers.CharField()
    source_name = serializers.CharField(required=False)
    channel_name = serializers.CharField(required=False)
    team_name = serializers.CharField(required=False)
    campaign_name = serializers.CharField(required=False)
    line_name = serializers.CharField(required=False)
    day = serializers.DateField(required=False)
    whole_days = serializers.IntegerField()
    currency = serializers.CharField()
    first_known = serializers.CharField(allow_null=True)
    now = serializers.CharField()
    change = serializers.CharField()
    changed_at = serializers.DateTimeField()
    batches = BatchOut(many=True)


def _restated(one: Restated) -> dict[str, Any]:
    found: dict[str, Any] = {f"{key}_name": name for key, name in one.names.items()}
    if "day" in one.keys:
        found["day"] = one.day.isoformat()
    return found | {
        "measure": one.measure,
        "whole_days": one.whole_days,
        "currency": one.currency,
        "first_known": _text(one.first),
        "now": _text(one.now),
        "change": _text(one.change),
        "changed_at": one.changed_at.isoformat(),
        "batches": [_batch(batch) for batch in one.batches],
    }


class Restatements(APIView):
    """What changed after the fact: first known, now, change, when and by which batches."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(
        parameters=[
            OpenApiParameter("period", str, required=True, description="2026-10, last-28d"),
            OpenApiParameter("measure", enum=list(MEASURES), required=True),
            OpenApiParameter("by", str, description="With commas; source,day without it"),
            OpenApiParameter("since", str, description="Against what was known at this moment"),
            AS_OF,
            *(
                OpenApiParameter(key, str, many=True, description="Only these: number or name")
                for key in SPLITS[:-1]
            ),
        ],
        responses=RestatementOut(many=True),
    )
    @answer_as_known
    def get(self, request: Request) -> Response:
        given = request.query_params
        period = given.get("period", "")
        if not period:
            raise Invalid("Say which period.", where="period", remedy="For example period=2026-10.")
        found = restatements(
            viewer=person(request),
            measure=given.get("measure", ""),
            period=Organisation.current().calendar.parse(period, today=known.today()),
            by=[key for key in given.get("by", "source,day").split(",") if key],
            where={key: given.getlist(key) for key in SPLITS[:-1] if key in given},
            since=_since(given.get("since", "")),
        )
        return Response([_restated(one) for one in found])


def _since(text: str) -> datetime | None:
    return read_moment(text) if text else None


class ClosedMonthOut(serializers.Serializer[Any]):
    """A closed month."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    closed_at = serializers.DateTimeField()
    closed_by_name = serializers.CharField()
    reason = serializers.CharField()


class KeptOut(serializers.Serializer[KeptFigure]):
    """A figure as it was closed, and as it is now."""

    measure = serializers.CharField()
    team = serializers.CharField()
    channel = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    currency = serializers.CharField()
    kept = serializers.CharField(allow_null=True)
    now = serializers.CharField(allow_null=True)
    change = serializers.CharField(allow_null=True)


class LateOut(serializers.Serializer[Any]):
    """What one batch changed after the close."""

    batch = BatchOut()
    currency = serializers.CharField()
    changes = serializers.DictField(child=serializers.CharField())


class ClosedMonthDetailOut(ClosedMonthOut):
    """The same with its figures and every batch that changed it since."""

    figures = KeptOut(many=True)
    changed_by = LateOut(many=True)


class MonthCloseIn(serializers.Serializer[ClosedMonth]):
    """Which month to close, and why now."""

    month = serializers.CharField(max_length=7)
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class ClosedMonths(APIView):
    """Months whose performance is closed; close one that is over."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.CLOSE_PERIOD}

    @extend_schema(responses=ClosedMonthOut(many=True))
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response(ClosedMonthOut(list(ClosedMonth.objects.all()), many=True).data)

    @extend_schema(request=MonthCloseIn, responses={201: ClosedMonthOut})
    def post(self, request: Request) -> Response:
        user, data = person(request), read(MonthCloseIn, request)
        calendar = Organisation.current().calendar
        asked = calendar.parse(data["month"], today=clock.today())
        made = services.month_close(
            month=calendar.month_of(asked.start),
            at=clock.now(),
            user=user,
            actor=user.as_actor(),
            reason=data["reason"],
        )
        return Response(ClosedMonthOut(made).data, status=201)


class ClosedMonthDetail(APIView):
    """One closed month: kept figures, present figures, and what changed in between."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=ClosedMonthDetailOut)
    def get(self, request: Request, key: str) -> Response:
        user, month = person(request), get_object_or_404(ClosedMonth, key=key)
        figures = [
            _kept(measure, figure)
            for measure, _ in restatable(user)
            for figure in kept_figures(user, month, measure)
        ]
        late = [
            {
                "batch": _batch(one.batch),
                "currency": one.currency,
                "changes": {measure: _text(amount) for measure, amount in one.changes},
            }
            for one in late_batches(user, month)
        ]
        return Response(ClosedMonthOut(month).data | {"figures": figures, "changed_by": late})


def _kept(measure: str, one: KeptFigure) -> dict[str, Any]:
    return {
        "measure": measure,
        "team": one.team,
        "channel": one.channel,
        "source": one.source,
        "currency": one.currency,
        "kept": _text(one.kept),
        "now": _text(one.now),
        "change": _text(one.change),
    }


class LineageView(APIView):
    """Where a number comes from: the answer, the table that was read, every fact and its batch."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(
        parameters=[
            OpenApiParameter("metrics", str, required=True, description="spend,roas"),
            OpenApiParameter("period", str, required=True, description="2026-10, last-28d"),
            OpenApiParameter("currency", str),
            AS_OF,
        ],
        responses=OpenApiTypes.OBJECT,
    )
    @answer_as_known
    def get(self, request: Request) -> Response:
        asked = timeless(request.query_params, today=known.today())
        found = lineage(
            viewer=person(request),
            metrics=asked["metrics"],
            period=asked["period"],
            where=asked["where"],
            currency=asked["currency"],
        )
        return Response(
            {
                "answer": as_plain(found.answer),
                "table": found.answer.table.value,
                "table_words": found.table_words,
                "adds_up": found.adds_up,
                "listed_day": found.listed_day and found.listed_day.isoformat(),
                "facts": [_fact(fact) for fact in found.facts],
                "imports": {str(pk): one.words for pk, one in found.origins.items()},
            }
        )


class RowsOut(serializers.Serializer[FileRows]):
    """Rows of a stored file; ``reason`` stands where they cannot be shown."""

    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    heads = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.DictField())
    reason = serializers.CharField()


class LineageRows(APIView):
    """The rows of the stored file that a line's day was added up from, read again."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(
        operation_id="lineage_rows_retrieve",
        parameters=[OpenApiParameter("days", int, description="Of a row that states a period")],
        responses=RowsOut,
    )
    def get(self, request: Request, batch: int, line: int, day: str) -> Response:
        user, days = person(request), request.query_params.get("days", "1")
        found = file_rows(user, place_in_sight(user, batch, line, day, days))
        rows = [{"row": row.number, "cells": list(row.cells)} for row in found.rows]
        return Response(
            {
                "file_name": found.file_name,
                "sha256": found.sha256,
                "heads": list(found.heads),
                "rows": rows,
                "reason": found.reason,
            }
        )


def _fact(fact: FactBehind) -> dict[str, Any]:
    return {
        "line": fact.line.name,
        "line_id": fact.line.pk,
        "day": fact.day.isoformat(),
        "period_days": fact.period_days,
        "source": fact.source,
        "creative": fact.creative,
        "segment": fact.segment,
        "currency": fact.line.currency,
        "batch": _batch(fact.batch),
        **{measure: _text(fact.amount(measure)) for measure in fact.sums},
    }
