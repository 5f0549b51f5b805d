"""The plan of a year as a spreadsheet: its page, its rows, a look at what edits do, and saving them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person
from budgets.models import FiscalYear
from budgets.rules.cells import read_cells
from budgets.selectors.locks import lock_of, lock_sentence
from budgets.selectors.plan_rows import as_content, plan_rows
from budgets.selectors.sections import section_tabs
from budgets.services.bulk_edit import BulkEdited, bulk_title, plan_edit_many, preview_bulk
from core import clock, formats
from core.errors import AdroitError, Invalid
from core.models import Organisation
from core.pages import page
from core.parts import Tab


@gate(Act.VIEW_MONEY)
@require_safe
def grid_page(request: HttpRequest) -> HttpResponse:
    """The frame of the grid; a script fetches the rows."""
    user = person(request)
    years = list(FiscalYear.objects.all())
    year = _year(request, years)
    lock = lock_of(year) if year else None
    context = {
        "title": f"Plan of {year}, edited like a spreadsheet" if year else "No books are open yet",
        "year": year,
        "years": _year_tabs(years, year),
        "sections": section_tabs(user, "budgets:grid"),
        "lock": lock_sentence(lock) if lock else "",
        "may_edit": can(user, Act.DRAFT_REQUEST),
        "may_export": can(user, Act.EXPORT),
        "rail": "narrow",
        "crumbs": [("Budgets", reverse("budgets:centre")), ("Grid", "")],
    }
    return page(request, "budgets/grid.html", context)


def _year(request: HttpRequest, years: list[FiscalYear]) -> FiscalYear | None:
    """The year that the URL names, else the present one, else the newest."""
    calendar = Organisation.current().calendar
    asked = request.GET.get("year", "")
    number = int(asked) if asked.isdecimal() else calendar.year_of(clock.today())
    found = next((year for year in years if year.year == number), None)
    return found or next(iter(years), None)


def _year_tabs(years: list[FiscalYear], current: FiscalYear | None) -> list[Tab]:
    return [Tab(str(year), f"?year={year.year}", year == current) for year in reversed(years[:4])]


@gate(Act.VIEW_MONEY)
@require_safe
def grid_rows(request: HttpRequest) -> HttpResponse:
    """Every visible line of a year with its months, as content for the script."""
    asked = request.GET.get("year", "")
    year = FiscalYear.objects.filter(year=int(asked)).first() if asked.isdecimal() else None
    if year is None:
        raise Http404
    found = plan_rows(person(request), year, today=clock.today())
    return JsonResponse(as_content(found))


@gate(Act.DRAFT_REQUEST)
@require_POST
def grid_preview(request: HttpRequest) -> HttpResponse:
    """What saving would do; nothing is kept."""
    return _answer(request, _preview)


@gate(Act.DRAFT_REQUEST)
@require_POST
def grid_save(request: HttpRequest) -> HttpResponse:
    return _answer(request, _save)


def _answer(
    request: HttpRequest, act: Callable[[User, dict[str, Any]], dict[str, Any]]
) -> HttpResponse:
    """What an act says, or its refusal in the one error shape."""
    try:
        return JsonResponse(act(person(request), _body(request)))
    except AdroitError as error:
        return JsonResponse(error.as_dict(), status=error.status)


def _body(request: HttpRequest) -> dict[str, Any]:
    """The JSON that was sent; a form, whose fields were read already, is refused like other text."""
    try:
        body = json.loads(request.body)
    except (ValueError, RawPostDataException) as error:
        raise Invalid("The edits could not be read.", remedy="Reload the page.") from error
    return body if isinstance(body, dict) else {}


def _preview(user: User, body: dict[str, Any]) -> dict[str, Any]:
    found = preview_bulk(user, read_cells(body.get("cells")), at=clock.now())
    plan = found.plan
    return {
        "title": bulk_title(plan),
        "cells": plan.cells,
        "lines": len(plan.lines),
        "at_once": plan.given,
        "asked": formats.money_whole(found.amount) if found.amount else "",
        "deciders": found.deciders,
    }


def _save(user: User, body: dict[str, Any]) -> dict[str, Any]:
    done = plan_edit_many(
        user=user,
        cells=read_cells(body.get("cells")),
        reason=str(body.get("reason", "")),
        at=clock.now(),
    )
    asked = done.asked
    return {
        "at_once": done.plan.given,
        "request": asked.reference if asked else None,
        "url": asked.get_absolute_url() if asked else None,
        "text": saved_text(done),
    }


def saved_text(done: BulkEdited) -> str:
    """What happened, for the message."""
    texts = []
    if done.made:
        amounts = "1 amount was" if done.plan.given == 1 else f"{done.plan.given} amounts were"
        texts.append(f"Saved. {amounts} given out.")
    if done.asked:
        texts.append(f"{done.asked.reference} was sent. The plan changes when it is approved.")
    return " ".join(texts)
