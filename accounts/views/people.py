"""People: who is here, what they may do, and how they come and go."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services
from accounts.choices import TWO_PERSON_ROLES, Act, Role
from accounts.forms import InviteForm, LimitForm, PersonFilter, PersonForm, RoleForm
from accounts.models import Membership, Proposal, User
from accounts.permissions import can, gate, may, person, require
from accounts.selectors import (
    admins_missing,
    people_for,
    presence_of,
    proposals_for,
    role_words,
    second_factors,
    sign_ins,
)
from accounts.services.invitations import mail_folder
from accounts.views.common import settings_tabs
from core import clock, formats
from core.errors import AdroitError
from core.exports import export_response
from core.forms import refuse
from core.models import Event, Organisation
from core.money import Money
from core.pages import form_page, invalid, page, redirect_to
from core.parts import Entry, Fact
from core.tables import Column, Table

STATES = {"active": ("Active", "good"), "invited": ("Invited", "warn"), "out": ("Deactivated", "")}


def state_of(user: User) -> tuple[str, str]:
    """A person's state in a word, with its judgement."""
    if not user.is_active:
        return STATES["out"]
    return STATES["active" if user.has_usable_password() else "invited"]


class PeopleTable(Table):
    """Everybody, with roles and last sign-in."""

    key = "people"
    columns = (
        Column("name", "Name", kind="link", url="url", sub="title", priority=1),
        Column("roles", "Roles", kind="custom", sortable=False),
        Column("email", "E-mail address", priority=3),
        Column("last_login", "Last sign-in", kind="datetime", priority=3),
        Column("state", "State", kind="badge", tone="tone", sortable=False, priority=1),
    )
    default_sort = "name"
    noun = "people"
    empty_title = "Nobody matches"
    empty_text = "Take a filter away."

    @cached_property
    def away(self) -> dict[int, str]:
        """Who of them is out of office."""
        return presence_of(User.objects.values_list("pk", flat=True), clock.now())

    def cell_roles(self, row: User) -> str:
        held = [f"{m.get_role_display()}, {m.team}" for m in row.memberships.all()]
        return " · ".join(held) or "No role yet"

    def cell(self, record: User, column: Column) -> Any:
        cell = super().cell(record, column)
        if column.key == "name":
            cell.url = reverse("accounts:person", args=[record.pk])
            cell.sub = " · ".join(filter(None, (record.title, self.away.get(record.pk, ""))))
        elif column.key == "state":
            cell.value, cell.tone = state_of(record)
        return cell


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The list of people with filters and export."""
    user = person(request)
    filtered = PersonFilter(request.GET, people_for(user), user=user)
    rows = filtered.qs.prefetch_related("memberships__team")
    table = PeopleTable(request, rows, export=can(user, Act.EXPORT))
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="People", filters=[], as_of=clock.now())
    context = {
        "title": "Who works here and what they may do",
        "tabs": settings_tabs(request, "people"),
        "table": table,
        "filters": filtered.form,
        "may_invite": can(user, Act.INVITE_USER),
        "admin_missing": can(user, Act.GIVE_HIGH_ROLE) and admins_missing(),
        "crumbs": [("Settings", reverse("accounts:settings")), ("People", "")],
    }
    return page(request, "accounts/people.html", context, fragment="people")


def _person(request: HttpRequest, pk: int) -> User:
    return get_object_or_404(people_for(person(request)), pk=pk)


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One person."""
    return _show(request, _person(request, pk))


def _show(request: HttpRequest, someone: User, form: RoleForm | None = None) -> HttpResponse:
    user = person(request)
    context = _context(user, someone) | {
        "role_form": form or RoleForm(user),
        "tabs": settings_tabs(request, "people"),
    }
    answer = invalid if form else page
    return answer(request, "accounts/person.html", context)


def _context(user: User, someone: User) -> dict[str, Any]:
    is_admin, is_self = can(user, Act.INVITE_USER), user.pk == someone.pk
    gives = can(user, Act.GIVE_ROLE) or can(user, Act.GIVE_HIGH_ROLE)
    return {
        "someone": someone,
        "state": state_of(someone),
        "facts": facts_about(someone),
        "roles": role_rows(user, someone),
        "waiting": proposals_for(user).filter(user=someone, state=Proposal.State.OPEN),
        "may_admin": is_admin and not is_self,
        "holds": is_admin and bool(services.held_by(someone)),
        "may_edit": is_admin or is_self,
        "may_give": gives and not is_self and someone.is_active,
        "may_end_sessions": can(user, Act.END_SESSIONS) and not is_self,
        "sign_ins": sign_ins(someone) if can(user, Act.END_SESSIONS) else [],
        "history": history_of(someone) if may(user, Act.VIEW_AUDIT, owner_id=None) else [],
        "is_invited": someone.is_active and not someone.has_usable_password(),
        "crumbs": [("People", reverse("accounts:people")), (someone.name, "")],
    }


def facts_about(someone: User) -> list[Fact]:
    """The strip above a person's page."""
    last = formats.moment(someone.last_login) if someone.last_login else "Never"
    factors = ", ".join(second_factors(someone)).replace("totp", "authenticator app")
    away = presence_of([someone.pk], clock.now()).get(someone.pk, "")
    return [
        *([Fact("Out of office", away.capitalize(), tone="warn")] if away else []),
        Fact("Title", someone.title or "–"),
        Fact("E-mail address", someone.email),
        Fact("Roles", role_words(someone)),
        Fact("Last sign-in", last),
        Fact("Second factor", factors.replace("webauthn", "security key") or "None"),
    ]


def role_rows(user: User, someone: User) -> list[dict[str, Any]]:
    """A person's roles, each with what the asker may do about it."""
    currency = Organisation.current().reporting_currency
    rows = []
    for held in someone.memberships.select_related("team"):
        two = held.role in TWO_PERSON_ROLES
        direct = may(user, Act.GIVE_ROLE, owner_id=someone.pk) and not two
        proposes = two and (can(user, Act.GIVE_ROLE) or can(user, Act.GIVE_HIGH_ROLE))
        limit = None if held.limit_micros is None else Money(held.limit_micros, currency)
        rows.append(
            {
                "held": held,
                "limit": formats.money_exact(limit) if limit is not None else "",
                "may_take": direct and user.pk != someone.pk,
                "may_propose": proposes and user.pk != someone.pk,
            }
        )
    return rows


def history_of(someone: User) -> list[Entry]:
    """What was changed about a person, the newest first."""
    found = Event.objects.filter(subject_type="accounts.user", subject_id=str(someone.pk))[:12]
    return [
        Entry(
            title=one.action.replace("person.", "")
            .replace(".", " ")
            .replace("_", " ")
            .capitalize(),
            when=formats.moment(one.at),
            who=one.actor_name,
            text=" · ".join(filter(None, (_role_text(one.after or one.before), one.reason))),
        )
        for one in found
    ]


def _role_text(content: Any) -> str:
    if not isinstance(content, dict) or content.get("role") not in Role.values:
        return ""
    return f"{Role(content['role']).label}, {content.get('team', '')}"


@gate(Act.INVITE_USER)
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Let somebody in by e-mail."""
    form = InviteForm(request.POST or None)
    if form.is_valid():
        try:
            someone = services.person_invite(
                by=person(request), at=clock.now(), **form.cleaned_data
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{someone.name} gets an e-mail with a link.{_unsent()}")
            return redirect_to(request, reverse("accounts:person", args=[someone.pk]))
    return form_page(
        request,
        form,
        title="Invite somebody",
        lead="They get an e-mail with a link to choose a password. The link works for three days.",
        save="Send the invitation",
        back=reverse("accounts:people"),
        crumbs=[("People", reverse("accounts:people")), ("Invite", "")],
    )


@gate(Act.VIEW_CAMPAIGNS)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's name and title."""
    user, someone = person(request), _person(request, pk)
    if user.pk != someone.pk:
        require(user, Act.INVITE_USER)
    form = PersonForm(request.POST or None, initial={"name": someone.name, "title": someone.title})
    back = reverse("accounts:person", args=[pk])
    if form.is_valid():
        services.person_edit(user=someone, by=user, at=clock.now(), **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect_to(request, back)
    crumbs = [("People", reverse("accounts:people")), (someone.name, back), ("Edit", "")]
    return form_page(request, form, title=someone.name, save="Save", back=back, crumbs=crumbs)


def _unsent() -> str:
    """Where to look for the mail on a copy that sends none."""
    folder = mail_folder()
    return f" This copy sends no mail: it lies in {folder}." if folder else ""


def _back(request: HttpRequest, someone: User, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect_to(request, reverse("accounts:person", args=[someone.pk]))


@gate(Act.INVITE_USER)
@require_POST
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    someone = _person(request, pk)
    services.person_invite_again(user=someone, by=person(request), at=clock.now())
    return _back(request, someone, f"{someone.name} gets another link.{_unsent()}")


@gate(Act.INVITE_USER)
@require_POST
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    someone = _person(request, pk)
    services.person_deactivate(
        user=someone, by=person(request), at=clock.now(), reason=request.POST.get("reason", "")
    )
    return _back(request, someone, f"{someone.name} can no longer sign in; tokens are revoked.")


@gate(Act.INVITE_USER)
@require_POST
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    someone = _person(request, pk)
    services.person_reactivate(user=someone, by=person(request), at=clock.now())
    return _back(request, someone, f"{someone.name} can sign in again.")


@gate(Act.END_SESSIONS)
@require_POST
def end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    someone = _person(request, pk)
    count = services.sessions_end(user=someone, by=person(request), at=clock.now())
    return _back(request, someone, f"{count} sign-ins of {someone.name} were ended.")


@gate(Act.GIVE_ROLE, Act.GIVE_HIGH_ROLE)
@require_POST
def give_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role, or propose it where a second person has to confirm."""
    user, someone = person(request), _person(request, pk)
    form = RoleForm(user, request.POST)
    if not form.is_valid():
        return _show(request, someone, form)
    try:
        text = _give(someone, user, form.cleaned_data)
    except AdroitError as error:
        refuse(form, error)
        return _show(request, someone, form)
    return _back(request, someone, text)


def _give(someone: User, user: User, data: dict[str, Any]) -> str:
    role, at = data["role"], clock.now()
    chosen = {"user": someone, "team": data["team"], "role": role, "limit_micros": data["limit"]}
    if role in TWO_PERSON_ROLES:
        services.role_propose(by=user, at=at, reason=data["reason"], **chosen)
        return "Proposed. An executive or another administrator confirms it."
    services.membership_give(by=user, at=at, **chosen)
    return f"{someone.name} is {Role(role).label.lower()} of {data['team']}."


def _held(request: HttpRequest, pk: int) -> Membership:
    seen = Membership.objects.filter(user__in=people_for(person(request)))
    return get_object_or_404(seen.select_related("user", "team"), pk=pk)


@gate(Act.GIVE_ROLE, Act.GIVE_HIGH_ROLE)
@require_POST
def take_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a role away, or propose that where a second person has to confirm."""
    user, held, at = person(request), _held(request, pk), clock.now()
    reason = request.POST.get("reason", "")
    if held.role in TWO_PERSON_ROLES:
        services.role_propose(
            user=held.user, team=held.team, role=held.role, by=user, at=at, reason=reason, take=True
        )
        return _back(
            request, held.user, "Proposed. An executive or another administrator confirms it."
        )
    services.membership_take(membership=held, by=user, at=at, reason=reason)
    return _back(request, held.user, "The role is taken away; it is gone at the next click.")


@gate(Act.GIVE_ROLE)
@require_http_methods(["GET", "POST"])
def limit_role(request: HttpRequest, pk: int) -> HttpResponse:
    """What somebody may decide at most by a role."""
    held = _held(request, pk)
    form = LimitForm(request.POST or None, initial={"limit": _plain_limit(held)})
    if form.is_valid():
        try:
            services.membership_limit(
                membership=held, by=person(request), at=clock.now(),
                limit_micros=form.cleaned_data["limit"], reason=form.cleaned_data["reason"],
            )  # fmt: skip
        except AdroitError as error:
            refuse(form, error)
        else:
            return _back(request, held.user, "The limit holds from now on.")
    back = reverse("accounts:person", args=[held.user_id])
    return form_page(
        request,
        form,
        title=f"What {held.user.name} may decide",
        lead=f"{held.get_role_display()} of {held.team}, in {Organisation.current().reporting_currency}.",
        save="Set the limit",
        back=back,
        crumbs=[("People", reverse("accounts:people")), (held.user.name, back), ("Limit", "")],
    )


def _plain_limit(held: Membership) -> str:
    return "" if held.limit_micros is None else format(Money(held.limit_micros, "").amount, "f")
