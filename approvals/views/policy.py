"""The policy in force, its versions, who would approve what, and what another one would have done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person
from approvals import services
from approvals.choices import OPEN_STATES, POLICY_CHANGE, Outcome
from approvals.forms import PeriodForm, SimulatorForm
from approvals.models import ChangeRequest, Decision, Policy
from approvals.rules.routing import Rule, thresholds
from approvals.selectors import (
    Answer,
    Replay,
    policy_in_force,
    replay,
    requests_between,
    requests_visible,
)
from approvals.views.policywords import (
    answer_steps,
    ask,
    replay_notes,
    replay_sentence,
    rerouted_rows,
    simulator,
)
from approvals.views.tables import ReroutedTable, RuleChangeTable, RuleTable, VersionTable
from core import clock, formats
from core.errors import AdroitError
from core.forms import refuse
from core.models import Organisation
from core.money import Money
from core.pages import invalid, page


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    user, newest = person(request), policy_in_force()
    form = simulator(user, request.GET or None)
    answer = _answer(newest.rules, form)
    context = {
        "title": "Who must approve what",
        "lead": thresholds_in_words(newest.rules),
        "policy": newest,
        "rules": rule_table(request, newest.rules),
        "versions": VersionTable(request, _versions(), export=False, prefixed=True),
        "form": form,
        "currency": Organisation.current().reporting_currency,
        "answer": answer,
        "steps": answer_steps(answer) if answer else [],
        "may_change": can(user, Act.CHANGE_POLICY),
        "waiting": waiting_changes(user),
        "crumbs": [("Approvals", reverse("approvals:inbox")), ("Policy", "")],
    }
    respond = invalid if form.is_bound and form.errors else page
    return respond(request, "approvals/policy.html", context)


def _answer(rules: Sequence[Rule], form: SimulatorForm) -> Answer | None:
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return ask(rules, form)
    except AdroitError as error:
        refuse(form, error)
        return None


def thresholds_in_words(rules: Sequence[Rule]) -> str:
    """ "Thresholds: €5,000 and €50,000."."""
    currency = Organisation.current().reporting_currency
    first, second = (formats.money_whole(Money(limit, currency)) for limit in thresholds(rules))
    return f"Thresholds: {first} and {second}."


def rule_table(request: HttpRequest, rules: Sequence[Rule]) -> RuleTable:
    """Rules in words, in the order in which they are tried."""
    words = services.rules_in_words(rules, services.policy_known())
    return RuleTable(request, words, export=False)


def waiting_changes(user: User) -> list[ChangeRequest]:
    """Policy changes in sight that wait for their second person."""
    rows = requests_visible(user).filter(kind=POLICY_CHANGE, state__in=OPEN_STATES)
    return list(rows.order_by("pk"))


def _versions() -> list[dict[str, Any]]:
    rows = list(Policy.objects.select_related("created_by"))
    confirmed = confirmers(row.request_id for row in rows if row.request_id)
    return [
        {
            "pk": row.version,
            "name": f"Version {row.version}",
            "url": reverse("approvals:policy-version", args=[row.version]),
            "since": row.created_at,
            "proposed": row.created_by.name if row.created_by else "Adroit",
            "confirmed": confirmed.get(row.request_id or 0, formats.NOTHING),
            "reason": row.reason,
        }
        for row in rows
    ]


def confirmers(request_ids: Any) -> dict[int, str]:
    """Who confirmed each policy request."""
    said = Decision.objects.filter(
        step__request__in=list(request_ids), outcome=Outcome.APPROVE, step__decides=True
    )
    found: dict[int, list[str]] = {}
    for request_id, name in said.values_list("step__request_id", "user__name"):
        found.setdefault(request_id, []).append(name)
    return {request_id: " and ".join(names) for request_id, names in found.items()}


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def policy_version(request: HttpRequest, version: int) -> HttpResponse:
    """One version, and rule by rule what it changed; ``?with=3`` compares with another."""
    user, shown = person(request), get_object_or_404(Policy, version=version)
    wanted = request.GET.get("with", "")
    other = Policy.objects.filter(
        version=int(wanted) if wanted.isdecimal() and len(wanted) < 9 else version - 1
    ).first()
    known = services.policy_known()
    changes = services.rule_changes(other.rules, shown.rules, known) if other else []
    confirmed = confirmers([shown.request_id] if shown.request_id else [])
    seen = requests_visible(user).filter(pk=shown.request_id).first() if shown.request_id else None
    context = {
        "title": f"Policy version {shown.version}",
        "policy": shown,
        "other": other,
        "others": Policy.objects.exclude(pk=shown.pk),
        "rules": rule_table(request, shown.rules),
        "changes": RuleChangeTable(request, changes, export=False, prefixed=True),
        "facts": _facts(shown, confirmed),
        "asked": seen,
        "may_try": can(user, Act.CHANGE_POLICY) or can(user, Act.EXPORT_AUDIT),
        "crumbs": [
            ("Approvals", reverse("approvals:inbox")),
            ("Policy", reverse("approvals:policy")),
            (f"Version {shown.version}", ""),
        ],
    }
    return page(request, "approvals/policy_version.html", context)


def _facts(shown: Policy, confirmed: dict[int, str]) -> list[tuple[str, str]]:
    return [
        ("In force since", formats.day(shown.created_at.date())),
        ("Proposed by", shown.created_by.name if shown.created_by else "Adroit, at the start"),
        ("Confirmed by", confirmed.get(shown.request_id or 0, "Nobody; it was there at the start")),
        ("Why", shown.reason),
    ]


@gate(Act.CHANGE_POLICY, Act.EXPORT_AUDIT)
@require_safe
def policy_effect(request: HttpRequest) -> HttpResponse:
    """Real requests of a period under other rules: between two versions, or a change that waits."""
    user, now = person(request), clock.now()
    before, after, title = _compared(request, user)
    start, end = last_quarter(now)
    form = PeriodForm(
        request.GET if "start" in request.GET else None, initial={"start": start, "end": end}
    )
    start, end = form.span((start, end))
    found = replay_between(before, after, start, end)
    context = {
        "title": replay_sentence(found),
        "kicker": title,
        "notes": replay_notes(found),
        "form": form,
        "kept": [
            (key, request.GET[key]) for key in ("from", "to", "request") if key in request.GET
        ],
        **effect_tables(request, user, found),
        "crumbs": [
            ("Approvals", reverse("approvals:inbox")),
            ("Policy", reverse("approvals:policy")),
            ("What it would have changed", ""),
        ],
    }
    answer = invalid if form.is_bound and form.errors else page
    return answer(request, "approvals/policy_effect.html", context)


def effect_tables(
    request: HttpRequest,
    user: User,
    found: Replay,
    *,
    table: type[ReroutedTable] = ReroutedTable,
) -> dict[str, Any]:
    """Requests whose route changes and those that nobody could decide, as far as the person sees them."""
    ids = {row.request.pk for row in (*found.moved, *found.stuck)}
    seen = set(requests_visible(user).filter(pk__in=ids).values_list("pk", flat=True))
    moved = [row for row in found.moved if row.request.pk in seen]
    stuck = [row for row in found.stuck if row.request.pk in seen]
    return {
        "moved": table(request, rerouted_rows(moved), export=table is ReroutedTable),
        "stuck": rerouted_rows(stuck),
        "unseen": len(ids) - len(ids & seen),
        "is_listed": bool(moved) or not found.moved,
        "stuck_count": len(found.stuck),
    }


def replay_between(before: Sequence[Rule], after: Sequence[Rule], start: date, end: date) -> Replay:
    """Requests sent on the days from ``start`` to ``end`` under two sets of rules."""
    zone = ZoneInfo(Organisation.current().time_zone)
    first = datetime(start.year, start.month, start.day, tzinfo=zone)
    until = datetime(end.year, end.month, end.day, tzinfo=zone) + timedelta(days=1)
    fixed = [kind for kind in services.kinds() if services.fixed_steps(kind)]
    return replay(before, after, requests_between(first, until, without=fixed))


def last_quarter(now: datetime) -> tuple[date, date]:
    """First and last day of the fiscal quarter before this one."""
    organisation = Organisation.current()
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    this = organisation.calendar.quarter_of(today)
    before = organisation.calendar.quarter_of(this.start - timedelta(days=1))
    return before.start, before.end


def _compared(request: HttpRequest, user: User) -> tuple[Sequence[Rule], Sequence[Rule], str]:
    """The two sets of rules that the address names, and their names."""
    newest = policy_in_force()
    if wanted := request.GET.get("request", ""):
        rows = requests_visible(user).filter(kind=POLICY_CHANGE)
        asked = get_object_or_404(rows, pk=_number(wanted))
        title = f"{asked.reference} against version {newest.version}"
        return newest.rules, asked.payload["rules"], title
    to = _number(request.GET.get("to", "")) or newest.version
    since = _number(request.GET.get("from", "")) or max(1, to - 1)
    before, after = _rules(since, newest), _rules(to, newest)
    return before, after, f"Version {to} against version {since}"


def _rules(version: int, newest: Policy) -> Sequence[Rule]:
    if version == newest.version:
        return newest.rules  # type: ignore[no-any-return]
    found = Policy.objects.filter(version=version).first()
    if found is None:
        raise Http404
    return found.rules  # type: ignore[no-any-return]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
