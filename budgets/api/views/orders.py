"""Orders over the API: placed, changed, sent, ended, changed in bulk, and their files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import person
from budgets.api.serializers import orders as shapes
from budgets.choices import OrderKind
from budgets.forms.orders import OrderApiFilter
from budgets.models import Attachment, Order, OrderLine
from budgets.rules.splits import Way, split_amount
from budgets.selectors.attachments import attachments_for
from budgets.selectors.orders import line_figures, order_figures, orders_for
from budgets.services import orders as services
from budgets.services.attachments import attachment_add, attachment_delete
from budgets.services.orders import BulkChange, LineContent, OrderContent
from core import clock
from core.api import AnyFormat, read
from core.errors import Invalid
from core.money import Money

KEEPS_FILES = (Act.DRAFT_REQUEST, Act.CLOSE_PERIOD)


def _order(request: Request, pk: int) -> Order:
    rows = orders_for(person(request)).select_related("blanket", "replaces")
    return get_object_or_404(rows, pk=pk)


def _shown(order: Order, warnings: Iterable[str] = ()) -> dict[str, Any]:
    lines = list(order.lines.select_related("budget_line", "order"))
    context = {
        "orders": order_figures([order]), "lines": line_figures(lines), "line_rows": lines,
        "warnings": list(warnings),
    }  # fmt: skip
    return dict(shapes.OrderDetailOut(order, context=context).data)


def _content(fields: dict[str, Any], order: Order | None = None) -> OrderContent:
    """What the body says; kind, blanket and placeholder of an order are its own."""
    blanket = order.blanket if order else fields["blanket"]
    return OrderContent(
        kind=OrderKind(order.kind if order else fields["kind"]),
        blanket=blanket,
        replaces=order.replaces if order else fields["replaces"],
        lines=[_line(row, fields["currency"], blanket) for row in fields["lines"]],
        **{
            name: fields[name]
            for name in (
                "title", "vendor", "team", "owner", "currency", "ordered_on", "expected_on", "reason",
            )
        },
    )  # fmt: skip


def _line(row: dict[str, Any], currency: str, blanket: Order | None) -> LineContent:
    source = None
    if row["blanket_line"] is not None:
        lines = OrderLine.objects.select_related("order", "budget_line")
        source = lines.filter(pk=row["blanket_line"], order=blanket).first()
        if source is None:
            raise Invalid("There is no such line in the blanket order.", where="blanket_line")
    return LineContent(
        description=row["description"],
        budget_line=row["budget_line"],
        campaign_line=row["campaign_line"],
        month=row["month"],
        amount_micros=Money.parse(row["amount"], currency).micros,
        gl_code=row["gl_code"],
        cost_centre=row["cost_centre"],
        line=row["line"],
        blanket_line=source,
    )


class Orders(generics.ListAPIView[Order]):
    """Orders in sight; place one, as a draft or sent at once.

    A placeholder reserves its money at once, a release opens within its blanket.
    """

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.DRAFT_REQUEST}
    serializer_class = shapes.OrderOut
    filterset_class = OrderApiFilter
    queryset = Order.objects.none()

    def get_queryset(self) -> QuerySet[Order]:
        return orders_for(person(self.request)).order_by("-number")

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """With the sums of all orders of the page, read at once."""
        context = {**self.get_serializer_context(), **kwargs.pop("context", {})}
        if args and isinstance(args[0], list):
            context["orders"] = order_figures(args[0])
        return self.serializer_class(*args, context=context, **kwargs)

    @extend_schema(
        request=shapes.OrderNew,
        responses={201: shapes.OrderDetailOut},
        examples=[
            OpenApiExample(
                "Order films and send it for approval",
                value={
                    "kind": "order", "title": "Winter films", "vendor": 1, "team": 4, "owner": 5,
                    "currency": "EUR", "ordered_on": "2026-11-20", "expected_on": "2026-12-31",
                    "reason": "Films for the season.", "send": True,
                    "lines": [{"description": "Films", "budget_line": 2, "month": "2026-12",
                               "amount": "4000.00"}],
                },
                request_only=True,
            )
        ],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        fields, user, now = read(shapes.OrderNew, request), person(request), clock.now()
        content = _content(fields)
        warnings = [one.text for one in services.foreseen(None, content)]
        make = services.order_place if fields["send"] else services.order_create
        made = make(user=user, content=content, at=now)
        return Response(_shown(made, warnings), status=201)


class OrderDetail(APIView):
    """One order with its lines; PUT changes it, at once or by a request as its state asks."""

    acts = {"GET": Act.VIEW_MONEY, "PUT": Act.DRAFT_REQUEST}

    @extend_schema(responses=shapes.OrderDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_shown(_order(request, pk)))

    @extend_schema(request=shapes.OrderIn, responses=shapes.OrderDetailOut)
    def put(self, request: Request, pk: int) -> Response:
        order = _order(request, pk)
        fields = read(shapes.OrderIn, request)
        content = _content(fields, order)
        services.order_edit(
            order=order, user=person(request), content=content, at=clock.now(),
            version=fields["version"],
        )  # fmt: skip
        return Response(_shown(_order(request, pk)))


class OrderAction(APIView):
    """Send a draft for approval, or close, cancel or open an order again."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.OrderActionIn, responses=shapes.OrderDetailOut)
    def post(self, request: Request, pk: int) -> Response:
        order, user = _order(request, pk), person(request)
        fields = read(shapes.OrderActionIn, request)
        _act(order, user, fields["action"], fields["reason"])
        return Response(_shown(_order(request, pk)))


def _act(order: Order, user: User, action: str, reason: str) -> None:
    now = clock.now()
    if action == "submit":
        services.order_submit(order=order, user=user, at=now)
        return
    verbs = {
        "close": services.order_close,
        "cancel": services.order_cancel,
        "reopen": services.order_reopen,
    }
    verbs[action](order=order, user=user, reason=reason, at=now)


class OrdersChange(APIView):
    """Change many orders: all of them, or none with the reason of each that refuses."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.OrdersChangeIn, responses=shapes.OrdersChangeOut)
    def post(self, request: Request) -> Response:
        fields = read(shapes.OrdersChangeIn, request)
        orders, reason = fields.pop("orders"), fields.pop("reason")
        changed = services.orders_change(
            user=person(request), orders=orders, change=BulkChange(**fields), reason=reason,
            at=clock.now(),
        )  # fmt: skip
        return Response({"changed": changed})


class Splits(APIView):
    """Split an amount equally, by percent or by amount; the parts always sum to it."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.SplitIn, responses=shapes.SplitOut)
    def post(self, request: Request) -> Response:
        data = read(shapes.SplitIn, request)
        total = Money.parse(data["total"], data["currency"])
        parts = split_amount(total, data["count"], Way(data["way"]), data["shares"])
        return Response(shapes.SplitOut({"parts": parts}).data)


class OrderFiles(APIView):
    """Files kept with an order; keep another."""

    acts = {"GET": Act.VIEW_MONEY, "POST": KEEPS_FILES}
    parser_classes = (MultiPartParser,)

    @extend_schema(responses=shapes.AttachmentOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        rows = _order(request, pk).attachments.select_related("added_by")
        return Response(shapes.AttachmentOut(rows, many=True).data)

    @extend_schema(
        request={"multipart/form-data": shapes.AttachmentIn}, responses={201: shapes.AttachmentOut}
    )
    def post(self, request: Request, pk: int) -> Response:
        order = _order(request, pk)
        upload = read(shapes.AttachmentIn, request)["file"]
        kept = attachment_add(target=order, user=person(request), upload=upload, at=clock.now())
        return Response(shapes.AttachmentOut(kept).data, status=201)


class File(APIView):
    """A kept file as a download; DELETE takes it away while what it belongs to is a draft."""

    acts = {"GET": Act.VIEW_MONEY, "DELETE": KEEPS_FILES}
    content_negotiation_class = AnyFormat

    def _found(self, request: Request, pk: int) -> Attachment:
        return get_object_or_404(attachments_for(person(request)), pk=pk)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> FileResponse:
        found = self._found(request, pk)
        answer = FileResponse(
            found.file.open("rb"), as_attachment=True, filename=found.name,
            content_type="application/octet-stream",
        )  # fmt: skip
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        found = self._found(request, pk)
        attachment_delete(attachment=found, user=person(request), at=clock.now())
        return Response(status=204)
