"""What pages about one fiscal year share: which year, its tabs, and a page while no books are open."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import may, person, teams_with
from budgets.models import FiscalYear
from budgets.selectors.sections import section_label, section_tabs
from core import clock
from core.models import Organisation
from core.pages import page
from core.parts import Tab


def asked_year(request: HttpRequest) -> FiscalYear | None:
    """The year that the request names, else the present one, else the newest; None without books."""
    text = request.POST.get("year") or request.GET.get("year", "")
    if text:
        found = FiscalYear.objects.filter(year=int(text)).first() if _is_year(text) else None
        if found is None:
            raise Http404
        return found
    present = Organisation.current().calendar.year_of(clock.today())
    return FiscalYear.objects.filter(year=present).first() or FiscalYear.objects.first()


def _is_year(text: str) -> bool:
    return text.isdecimal() and len(text) == 4


def year_tabs(year: FiscalYear) -> list[Tab]:
    """Every year with open books, the oldest first."""
    years = FiscalYear.objects.order_by("year")
    return [Tab(str(one), f"?year={one.year}", one == year) for one in years]


def frame(request: HttpRequest, section: str, year: FiscalYear, *crumbs: str) -> dict[str, Any]:
    """Tabs and crumbs of a page below a section."""
    label = section_label(section)
    home = f"{reverse(section)}?year={year.year}"
    return {
        "year": year,
        "sections": section_tabs(person(request), section),
        "years": year_tabs(year),
        "crumbs": [
            ("Budgets", reverse("budgets:centre")),
            (label, home if crumbs else ""),
            *((crumb, "") for crumb in crumbs),
        ],
    }


def counted(count: int, noun: str) -> str:
    """ "1 amount changed.", "12 amounts changed.", "Nothing had changed."."""
    if not count:
        return "Nothing had changed."
    return f"{count:,} {noun}{'' if count == 1 else 's'} changed."


def no_books(request: HttpRequest) -> HttpResponse:
    """The page while no fiscal year is open."""
    year = Organisation.current().calendar.year_of(clock.today())
    context = {"title": f"The books of FY{year} are not open", "year": year, "tabs": []}
    return page(request, "budgets/empty.html", {**context, "crumbs": [("Budgets", "")]})


def led_teams(user: User) -> list[Team]:
    """The teams for which a person plans as a whole: without being an owner of anything."""
    teams = teams_with(user, Act.DRAFT_REQUEST)
    return [team for team in teams if may(user, Act.DRAFT_REQUEST, team=team)]
