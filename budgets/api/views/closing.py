"""Month-end over the API: the worklist, closing and opening, signing, and variances."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import person
from approvals.models import ChangeRequest
from budgets.api.serializers import closing as shapes
from budgets.api.serializers.rates import RatesAsked
from budgets.rules.closing import Treatment
from budgets.selectors.closing import FiscalMonth, fiscal_month, month_items
from budgets.selectors.closing_work import month_states, month_work
from budgets.selectors.signoffs import subjects
from budgets.selectors.variance import variances
from budgets.services import closing as services
from budgets.services.signoffs import REMINDS, owners_remind, signoffs_sign
from budgets.services.variance import variance_note
from core import clock
from core.api import read
from core.errors import Invalid


def _month(key: str) -> FiscalMonth:
    try:
        return fiscal_month(key)
    except Invalid as error:
        raise Http404 from error


class Month(APIView):
    """A month of the books with its worklist; close it (finance)."""

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.CLOSE_PERIOD}

    @extend_schema(responses=shapes.MonthCloseOut)
    def get(self, request: Request, month: str) -> Response:
        shown = _shown(person(request), _month(month))
        return Response(shapes.MonthCloseOut(shown).data)

    @extend_schema(request=shapes.CloseIn, responses=shapes.CloseOut)
    def post(self, request: Request, month: str) -> Response:
        """Closed at once where no money moves; else the batch becomes one request."""
        found, data = _month(month), read(shapes.CloseIn, request)
        made = services.close_or_ask(
            user=person(request),
            month=found.key,
            lines={c["line"]: Treatment(c["treatment"]) for c in data.get("lines", [])},
            orders={c["order_line"]: Treatment(c["treatment"]) for c in data.get("orders", [])},
            reason=data["reason"],
            at=clock.now(),
        )
        asked = made.pk if isinstance(made, ChangeRequest) else None
        return Response(shapes.CloseOut({"done": asked is None, "request": asked}).data)


def _shown(user: User, month: FiscalMonth) -> dict[str, Any]:
    today = clock.today()
    items = month_items(month, user=user)
    state = next(s for s in month_states(month, today) if s.key == month.key)
    asked = services.close_request(month)
    return {
        "month": month.key,
        "state": state.state,
        "closed_by": state.close.closed_by_name if state.close else "",
        "closed_at": state.close.closed_at if state.close else None,
        "request": asked.pk if asked else None,
        "against": [] if state.close else services.standing_against(month, today),
        "checks": month_work(month, user, today, items).checks,
        "lines": [item for item in items.lines if item.planned or item.actual is not None],
        "orders": items.orders,
    }


class MonthReopen(APIView):
    """Ask for a closed month to be opened again; a second person decides."""

    acts = {"POST": Act.REOPEN_PERIOD}

    @extend_schema(request=shapes.ReopenIn, responses={201: RatesAsked})
    def post(self, request: Request, month: str) -> Response:
        found, data = _month(month), read(shapes.ReopenIn, request)
        made = services.reopen_ask(
            user=person(request), month=found.key, reason=data["reason"], at=clock.now()
        )
        return Response(RatesAsked(made).data, status=201)


class SignOffs(APIView):
    """What owners stand for in a month; sign what is yours."""

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.VIEW_MONEY}

    @extend_schema(responses=shapes.SubjectOut(many=True))
    def get(self, request: Request, month: str) -> Response:
        rows = subjects(_month(month), person(request))
        return Response(shapes.SubjectOut(rows, many=True).data)

    @extend_schema(request=shapes.SignIn, responses=shapes.SignedOut)
    def post(self, request: Request, month: str) -> Response:
        found, data = _month(month), read(shapes.SignIn, request)
        done = signoffs_sign(
            user=person(request),
            month=found.key,
            keys=[(row["kind"], row["id"]) for row in data["subjects"]],
            comment=data["comment"],
            at=clock.now(),
        )
        return Response(shapes.SignedOut({"signed": len(done)}).data)


class Reminders(APIView):
    """Remind owners who have still to sign a month."""

    acts = {"POST": REMINDS}

    @extend_schema(request=shapes.RemindIn, responses=shapes.RemindedOut)
    def post(self, request: Request, month: str) -> Response:
        found, data = _month(month), read(shapes.RemindIn, request)
        owners = [owner.pk for owner in data.get("owners", [])]
        told = owners_remind(user=person(request), month=found.key, owners=owners, at=clock.now())
        return Response(shapes.RemindedOut({"reminded": [user.name for user in told]}).data)


class Variances(APIView):
    """Planned against actual of a month by line; say why a line came out so."""

    acts = {"GET": Act.VIEW_MONEY, "POST": (Act.DRAFT_REQUEST, Act.CLOSE_PERIOD)}

    @extend_schema(responses=shapes.VarianceOut(many=True))
    def get(self, request: Request, month: str) -> Response:
        rows = variances(_month(month), person(request))
        return Response(shapes.VarianceOut(rows, many=True).data)

    @extend_schema(request=shapes.NoteIn, responses={201: shapes.VarianceOut})
    def post(self, request: Request, month: str) -> Response:
        found, data = _month(month), read(shapes.NoteIn, request)
        user = person(request)
        variance_note(
            user=user, line=data["line"], month=found.key, text=data["text"], at=clock.now()
        )
        row = next(r for r in variances(found, user) if r.line.pk == data["line"].pk)
        return Response(shapes.VarianceOut(row).data, status=201)
