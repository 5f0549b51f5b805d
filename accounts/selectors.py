"""What is known about people, teams, roles, tokens and sign-ins, each as far as the asker may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from django.urls import reverse

from accounts.choices import Act, Role
from accounts.models import (
    ApiToken,
    DefaultView,
    Membership,
    Proposal,
    SavedView,
    Scope,
    Team,
    User,
)
from accounts.permissions import can, may_confirm, person, scope_for
from core.needs import Waiting
from core.parts import Need
from core.search import Hit


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody of the demo company whom a visitor may sign in as."""

    name: str
    title: str
    role: str
    email: str
    password: str


# Somebody who has not chosen a password yet.
INVITED = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)

_personas: list[Callable[[], Iterable[Persona]]] = []


def register_personas(who: Callable[[], Iterable[Persona]]) -> None:
    """Say who can be tried out; the demo company does so from its ``AppConfig.ready()``."""
    _personas[:] = [who]


def personas() -> list[Persona]:
    """The sign-ins of the demo company, one per role; empty where there is none."""
    return [persona for who in _personas for persona in who()]


# provider(numbers of people, at) says of those who are away until when: "away until 3 Dec".
Presence = Callable[[Iterable[int], datetime], dict[int, str]]
_presences: list[Presence] = []


def register_presence(provider: Presence) -> None:
    """Add who knows that people are away."""
    if provider not in _presences:
        _presences.append(provider)


def presence_of(people: Iterable[int], at: datetime) -> dict[int, str]:
    """In words, for each of these people who is away."""
    known = list(people)
    return {pk: words for provider in _presences for pk, words in provider(known, at).items()}


def people_for(user: User) -> QuerySet[User]:
    """The people a person may see.

    Everybody for those who see all teams; else oneself, who works in one's teams, and
    who has a role above them.
    """
    people = User.objects.all()
    scope = scope_for(user, Act.VIEW_CAMPAIGNS)
    if scope.everything:
        return people
    near = Membership.objects.filter(user=OuterRef("pk")).filter(_inside_or_above(scope))
    return people.filter(Q(pk=user.pk) | (Q(is_active=True) & Exists(near)))


def _inside_or_above(scope: Scope) -> Q:
    above = {
        path[: end + 1] for path in scope.paths for end, sign in enumerate(path) if sign == "/"
    }
    return scope.where("team__path") | Q(team__path__in=above)


def search_people(user: User, text: str, limit: int) -> list[Hit]:
    """People whom a person may see, by name, title or address, for the global search."""
    words = Q(name__icontains=text) | Q(email__icontains=text) | Q(title__icontains=text)
    found = people_for(user).filter(words, is_active=True)[:limit]
    return [
        Hit("People", one.name, one.title, reverse("accounts:person", args=[one.pk]), "user")
        for one in found
    ]


def role_words(user: User) -> str:
    """A person's roles in words, or that there is none."""
    return ", ".join(Role(role).label for role in sorted(user.roles)) or "No role yet"


def teams_for(user: User) -> QuerySet[Team]:
    """The teams a person may see, archived ones too."""
    return Team.objects.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("path"))


def open_teams_for(user: User) -> QuerySet[Team]:
    """The same without the archived ones: what something new may belong to."""
    return teams_for(user).filter(is_archived=False)


def active_people_for(user: User) -> QuerySet[User]:
    """The people a person may see who are not gone: who something may be handed to."""
    return people_for(user).filter(is_active=True)


def teams_in_sight(request: HttpRequest) -> QuerySet[Team]:
    """The teams a filter offers."""
    return open_teams_for(person(request))


def people_in_sight(request: HttpRequest) -> QuerySet[User]:
    """The people a filter offers."""
    return active_people_for(person(request))


def saved_views_for(user: User) -> QuerySet[SavedView]:
    """One's own views, and those shared with a team in which (or below or above which) one works."""
    near = Q(pk__in=[])
    for held in user.current_memberships():
        parts = held.team.path.strip("/").split("/")
        above = ["/".join(parts[: count + 1]) + "/" for count in range(len(parts))]
        near |= Q(team__path__in=above) | Q(team__path__startswith=held.team.path)
    kept = SavedView.objects.filter(deleted_at=None).select_related("user", "team")
    return kept.filter(Q(user=user) | near)


def deleted_views_of(user: User) -> QuerySet[SavedView]:
    """One's own views that can be brought back."""
    return SavedView.objects.filter(user=user).exclude(deleted_at=None)


def default_view(user: User, page: str) -> SavedView | None:
    """The view with which a list opens for a person, as long as they may see it."""
    chosen = DefaultView.objects.filter(user=user, page=page).values("view")
    return saved_views_for(user).filter(pk__in=chosen).first()


def indented(team: Team) -> str:
    """A team's name, moved to the right by its depth in the tree."""
    return "\u2003" * team.depth + team.name


def tokens_for(user: User) -> QuerySet[ApiToken]:
    """One's own tokens, and everybody's for those who may revoke any."""
    tokens = ApiToken.objects.select_related("user")
    return tokens if can(user, Act.REVOKE_TOKEN) else tokens.filter(user=user)


def proposals_for(user: User) -> QuerySet[Proposal]:
    """Proposals that a person made, is the subject of, or has a say in."""
    related = Proposal.objects.select_related("user", "team", "proposed_by", "decided_by")
    if any(can(user, act) for act in (Act.GIVE_HIGH_ROLE, Act.GIVE_ROLE, Act.CHANGE_POLICY)):
        return related
    return related.filter(Q(proposed_by=user) | Q(user=user))


def act_of(proposal: Proposal) -> Act:
    """The right that confirms a proposal."""
    return Act.CHANGE_POLICY if proposal.kind == Proposal.Kind.BOOKS else Act.GIVE_HIGH_ROLE


def may_answer(user: User, proposal: Proposal) -> bool:
    """Whether a person may be the second one: with the right, and neither proposer nor subject."""
    touched = {proposal.proposed_by_id, proposal.user_id} - {None}
    waits = proposal.state == Proposal.State.OPEN
    return waits and may_confirm(user, act_of(proposal), contributors=touched)  # type: ignore[arg-type]


def proposals_waiting(user: User) -> int:
    """How many proposals this person could answer now."""
    confirming = (Act.GIVE_HIGH_ROLE, Act.CHANGE_POLICY)
    if not any(may_confirm(user, act, contributors=()) for act in confirming):
        return 0
    waiting = proposals_for(user).filter(state=Proposal.State.OPEN)
    return sum(may_answer(user, proposal) for proposal in waiting)


# With one alone nobody could stop them, and nobody could replace them.
LEAST_ADMINS = 2


def active_admins() -> QuerySet[User]:
    """Everybody who can look after people and roles; who has not followed the invitation cannot."""
    admin = Membership.objects.filter(user=OuterRef("pk"), role=Role.ADMIN)
    return User.objects.filter(Exists(admin), is_active=True).exclude(
        password__startswith=UNUSABLE_PASSWORD_PREFIX
    )


def admins_missing() -> int:
    """How many administrators have to be named before anybody of them may go."""
    return max(0, LEAST_ADMINS - active_admins().count())


def needs_of_admin(user: User, now: datetime) -> list[Waiting]:  # noqa: ARG001
    """Too few administrators: said to those who may propose another one."""
    if not can(user, Act.GIVE_HIGH_ROLE) or not admins_missing():
        return []
    need = Need(
        title="Name a second administrator",
        url=reverse("accounts:people"),
        icon="users",
        meta="You have only one · propose the role on somebody’s page · an executive confirms it",
        tone="warn",
    )
    return [Waiting(need)]


def team_tree(user: User) -> QuerySet[Team]:
    """The visible teams from the root down, each with ``people_count`` and ``child_count``."""
    return (
        teams_for(user)
        .annotate(
            people_count=Count(
                "memberships__user", filter=Q(memberships__user__is_active=True), distinct=True
            ),
            child_count=Count("children", filter=Q(children__is_archived=False), distinct=True),
        )
        .order_by("path")
    )


def members_of(team: Team) -> QuerySet[Membership]:
    """Roles held for a team itself or above it, the nearest team first."""
    parts = team.path.strip("/").split("/")
    paths = ["/".join(parts[: count + 1]) + "/" for count in range(len(parts))]
    held = Membership.objects.filter(team__path__in=paths, user__is_active=True)
    return held.select_related("user", "team").order_by(Length("team__path").desc(), "user__name")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser in which somebody is signed in."""

    id: int
    where: str
    browser: str
    since: datetime
    is_current: bool


def sign_ins(user: User, *, current_key: str = "") -> list[SignIn]:
    """Where a person is signed in now, the newest first."""
    sessions: list[UserSession] = UserSession.objects.purge_and_list(user)
    rows = [
        SignIn(s.pk, s.ip, browser_name(s.user_agent), s.created_at, s.session_key == current_key)
        for s in sessions
    ]
    return sorted(rows, key=lambda row: row.since, reverse=True)


BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """ "Firefox on Windows", as far as the browser says so."""
    browser = _first(BROWSERS, user_agent) or ("Safari" if "Safari/" in user_agent else "")
    system = _first(SYSTEMS, user_agent)
    return " on ".join(filter(None, (browser, system))) or "Unknown browser"


def _first(names: Iterable[tuple[str, str]], text: str) -> str:
    return next((name for mark, name in names if mark in text), "")


def second_factors(user: User) -> list[str]:
    """The kinds of second factor a person has set up, recovery codes left out."""
    kinds = Authenticator.objects.filter(user=user).values_list("type", flat=True)
    return sorted(set(kinds) - {Authenticator.Type.RECOVERY_CODES})
