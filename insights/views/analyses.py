"""What the pages of attribution, journeys and lifetime value share: tabs, picks, asking for a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import can, gate, person, teams_with
from core import clock, outbox
from core.forms import AmountField, offer
from core.models import OutboxItem
from core.money import MICROS
from core.pages import form_page, page, redirect_to
from core.parts import Tab
from core.tables import Table
from insights.models import AttributionRun, Conversion
from insights.rules.attribution import COSTS, LEVELS, MODELS, POSITIONS, Asked
from insights.selectors.analyses import analyses_ordered
from insights.selectors.attribution import newest_run
from insights.services.journeys import LIFETIME, OPEN, analysis_order, plan_for, plan_set

PAGES = (
    ("Attribution", "insights:attribution", Act.VIEW_MONEY),
    ("Journeys", "insights:journeys", Act.VIEW_CAMPAIGNS),
    ("Lifetime value", "insights:lifetime", Act.VIEW_MONEY),
    ("Impact", "insights:impact", Act.VIEW_MONEY),
)
KINDS = [*Conversion.choices, (LIFETIME, "Lifetime value")]
REFUSED = {
    OutboxItem.State.STOPPED.value: "Stopped before anything was kept.",
    OutboxItem.State.NEEDS_PERSON.value: "It failed, and an administrator sees why.",
}


def analysis_tabs(user: User, current: str) -> list[Tab]:
    """The pages a person may open, the open one marked."""
    return [
        Tab(label, reverse(name), name == current) for label, name, act in PAGES if can(user, act)
    ]


class NamedTable(Table):
    """One of several tables of a page: its addresses say which one is meant."""

    def __init__(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        super().__init__(request, rows, prefixed=True)

    def export_url(self, fmt: str) -> str:
        return f"{super().export_url(fmt)}&table={self.key}"


class Picked(forms.Form):
    """Which run is shown: of a team, a kind of conversion and by a model."""

    team = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(required=False, label="Conversion")
    model = forms.ChoiceField(required=False, label="Credit by")
    run = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any], teams: Sequence[Team], kinds: Sequence[str] = (),
        models: Sequence[str] = (),
    ) -> None:  # fmt: skip
        super().__init__(data)
        offer(self, "team", [(team.pk, team.name) for team in teams])
        self._keep("kind", [(one, Conversion(one).label) for one in kinds])
        self._keep("model", [(one, MODELS[one]) for one in models])

    def _keep(self, name: str, choices: list[tuple[Any, str]]) -> None:
        if choices:
            offer(self, name, choices)
        else:
            del self.fields[name]


def number_in(request: HttpRequest, name: str) -> int | None:
    """A whole number of the address; None for anything else."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def team_asked(request: HttpRequest, teams: Sequence[Team]) -> Team | None:
    """The team of the address, if it is one of these."""
    return next((one for one in teams if one.pk == number_in(request, "team")), None)


def run_asked(
    request: HttpRequest, runs: QuerySet[AttributionRun], teams: Sequence[Team]
) -> AttributionRun | None:
    """The run that the address names; else the newest of its team and kind of conversion."""
    return newest_run(
        runs,
        number=number_in(request, "run"),
        team=team_asked(request, teams),
        kind=request.GET.get("kind", ""),
    )


class AskedForm(forms.Form):
    """The settings of a run."""

    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None)
    kind = forms.ChoiceField(
        choices=KINDS,
        label="What to compute",
        help_text="Credit for which conversions, or lifetime value",
    )
    days = forms.IntegerField(
        min_value=7,
        max_value=1_460,
        label="Days",
        help_text="Conversions of so many days up to yesterday",
    )
    click = forms.FloatField(min_value=0.1, max_value=365, label="Lookback of clicks, days")
    view = forms.FloatField(min_value=0.1, max_value=365, label="Lookback of views, days")
    offline = forms.FloatField(
        min_value=0.1, max_value=730, label="Lookback of offline touches, days"
    )
    half_life = forms.FloatField(
        min_value=0.1, max_value=365, label="Half-life of time decay, days"
    )
    position = forms.ChoiceField(
        choices=[(str(key), label) for key, label in POSITIONS.items()], label="Position model"
    )
    level = forms.ChoiceField(
        choices=[(str(key), label) for key, label in LEVELS.items()], label="Whose journeys"
    )
    direct = forms.CharField(max_length=60, label="Name of direct visits")
    left_out = forms.CharField(
        required=False,
        label="Channels to leave out",
        help_text="Names with commas between, such as internal links",
    )
    brand = forms.CharField(
        required=False,
        label="Words of own-brand campaigns",
        help_text="Touches of campaigns with such a word in the name do not count",
    )
    staff = forms.CharField(
        required=False,
        label="Own people",
        help_text="Life-cycle stages or account names that are your own",
    )
    groups = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Channel groups of your own",
        help_text="One a line: Newsletter = Email",
    )
    model = forms.ChoiceField(
        choices=list(MODELS.items()), label="Credit by", help_text="The model that money is told by"
    )
    cost = forms.ChoiceField(
        choices=[(str(key), label) for key, label in COSTS.items()], label="Spend that counts"
    )
    margin = forms.IntegerField(
        min_value=1,
        max_value=100,
        label="Margin, %",
        help_text="What of the revenue is left to pay for marketing",
    )
    total = AmountField(
        required=False,
        label="Revenue by finance",
        help_text="For the same days; the page then says the difference",
    )
    standard = forms.BooleanField(required=False, label="Use these settings every night")  # fmt: skip

    def __init__(self, user: User, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        mine = [team.pk for team in teams_with(user, Act.RUN_MODELS)]
        offer(self, "team", Team.objects.filter(pk__in=mine).order_by("path"))

    def clean_groups(self) -> tuple[tuple[str, str], ...]:
        lines = [line for line in self.cleaned_data["groups"].splitlines() if line.strip()]
        pairs = [tuple(part.strip() for part in line.split("=")) for line in lines]
        for line, pair in zip(lines, pairs, strict=True):
            if len(pair) != 2 or not all(pair):
                raise forms.ValidationError(f"“{line.strip()}” needs the form Newsletter = Email.")
        return tuple((pair[0], pair[1]) for pair in pairs)

    @property
    def asked(self) -> Asked:
        """The settings, once the form is valid."""
        said = dict(self.cleaned_data)
        total = said.pop("total")
        chosen = {name: said[name] for name in said if name not in {"team", "kind", "standard"}}
        lists = {name: _words(chosen[name]) for name in ("left_out", "brand", "staff")}
        found = replace(Asked(), **chosen | lists)
        return replace(found, total_micros=None if total is None else int(total * MICROS))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _as_typed(team: Team, kind: str) -> dict[str, Any]:
    """The settings in use, as the form holds them."""
    asked = plan_for(team, kind)
    plain = asked.plain()
    lists = {name: ", ".join(plain[name]) for name in ("left_out", "brand", "staff")}
    groups = "\n".join(f"{one} = {name}" for one, name in asked.groups)
    total = None if asked.total_micros is None else Decimal(asked.total_micros) / MICROS
    return plain | lists | {"groups": groups, "total": total, "team": team.pk, "kind": kind}


@gate(Act.RUN_MODELS)
@require_http_methods(["GET", "HEAD", "POST"])
def analysis_new(request: HttpRequest) -> HttpResponse:
    """The settings form; sent, the run is ordered and its progress follows."""
    user = person(request)
    teams = list(teams_with(user, Act.RUN_MODELS))
    kind = request.GET.get("kind", "")
    kind = kind if kind in dict(KINDS) else Conversion.CUSTOMER
    team = next((one for one in teams if one.pk == number_in(request, "team")), teams[0])
    form = AskedForm(user, request.POST or None, initial=_as_typed(team, kind))
    if form.is_valid():
        return _ordered(request, user, form)
    back = reverse("insights:lifetime" if kind == LIFETIME else "insights:attribution")
    return form_page(
        request, form, title="Run with settings of your own", save="Run",
        back=f"{back}?{urlencode({'team': team.pk})}",
        crumbs=[("Attribution", reverse("insights:attribution")), ("Run", "")],
        lead="The run is made by the worker and kept with its settings; you may leave the page.",
    )  # fmt: skip


def _ordered(request: HttpRequest, user: User, form: AskedForm) -> HttpResponse:
    team, kind, now = form.cleaned_data["team"], form.cleaned_data["kind"], clock.now()
    if form.cleaned_data["standard"]:
        plan_set(team=team, kind=kind, asked=form.asked, user=user, at=now)
        messages.success(request, "These settings are used every night from now on.")
    item = analysis_order(user=user, team=team, kind=kind, asked=form.asked, at=now)
    return redirect_to(request, reverse("insights:analysis", args=[item.pk]))


def being_made(user: User) -> QuerySet[OutboxItem]:
    """Runs that were ordered for teams in sight."""
    return analyses_ordered(user)


@gate(Act.RUN_MODELS)
@require_safe
def analysis(request: HttpRequest, pk: int) -> HttpResponse:
    """A run on its way: how far it is, the run when it is there, or why there is none."""
    item = get_object_or_404(being_made(person(request)), pk=pk)
    result = item.result or {}
    if made := result.get("run"):
        name = "insights:lifetime" if result["kind"] == LIFETIME else "insights:attribution"
        return redirect_to(request, f"{reverse(name)}?run={made}")
    label = dict(KINDS)[item.payload["kind"]]
    context = {
        "item": item,
        "title": f"{label} are being computed" if item.state in OPEN else f"{label}: no run",
        "share": item.progress_done / item.progress_total if item.progress_total else None,
        "is_open": item.state in OPEN,
        "refused": result.get("refused") or REFUSED.get(item.state, "Nothing has changed since the last run."),
        "remedy": result.get("remedy", ""),
        "crumbs": [("Attribution", reverse("insights:attribution")), (label, "")],
    }  # fmt: skip
    return page(request, "insights/analysis.html", context, fragment="work")


@gate(Act.RUN_MODELS)
@require_POST
def analysis_stop(request: HttpRequest, pk: int) -> HttpResponse:
    item = get_object_or_404(being_made(person(request)), pk=pk)
    outbox.stop(item.pk, now=clock.now())
    return redirect_to(request, reverse("insights:analysis", args=[pk]))
