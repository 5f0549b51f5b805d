"""Who works at Tarn & Fell, how the teams are cut, and who came in when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import make_password

from accounts.choices import Role
from accounts.models import Team, User
from accounts.services import (
    organisation_edit,
    person_edit,
    person_invite,
    proposal_confirm,
    role_propose,
    team_create,
)
from accounts.services.founding import first_people
from demo.company.records import Company

DOMAIN = "tarnfell.example"
# Known to everybody who reads this: the demo is for one's own machine.
PASSWORD = "tarn-and-fell"  # noqa: S105
COMPANY = "company"
# Founded so long before the market's first day.
FOUNDED_BEFORE = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the company; ``team`` is a key of ``Company.teams``."""

    key: str
    name: str
    title: str
    role: Role
    team: str
    is_persona: bool = False

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


COLLEAGUES = (
    Colleague("greta", "Greta Holm", "Chief marketing officer", Role.EXECUTIVE, COMPANY, True),
    Colleague("ivo", "Ivo Marek", "Chief operating officer", Role.EXECUTIVE, COMPANY),
    Colleague("priya", "Priya Nair", "Systems administrator", Role.ADMIN, COMPANY, True),
    Colleague("sven", "Sven Aalto", "IT operations", Role.ADMIN, COMPANY),
    Colleague("ben", "Ben Okafor", "Head of finance", Role.AUDITOR, COMPANY, True),
    Colleague("mara", "Mara Lindqvist", "Marketing director Europe", Role.DIRECTOR, "europe", True),
    Colleague("dana", "Dana Cole", "Marketing director Americas", Role.DIRECTOR, "americas", True),
    Colleague("jonas", "Jonas Weber", "Campaign manager DACH", Role.MANAGER, "dach", True),
    Colleague("lea", "Lea Brunner", "Campaign manager DACH", Role.MANAGER, "dach"),
    Colleague("eilidh", "Eilidh Ross", "Campaign manager UK & Ireland", Role.MANAGER, "uki", True),
    Colleague("rosa", "Rosa Diaz", "Campaign manager North America", Role.MANAGER, "na", True),
    Colleague("theo", "Theo Grant", "Campaign manager North America", Role.MANAGER, "na"),
    Colleague("ada", "Ada Novak", "Marketing analyst", Role.ANALYST, "europe", True),
    Colleague("kofi", "Kofi Mensah", "Marketing analyst", Role.ANALYST, "americas"),
)
# Invited some days ago; her role waits for a second person.
NEWCOMER = Colleague("noor", "Noor Haddad", "Controller", Role.AUDITOR, COMPANY)

# Market team -> division; the market names the division after who leads it.
DIVISIONS = {"Europe": "europe", "North America": "americas"}
DIVISION_NAMES = {"europe": "Europe", "americas": "Americas"}
DIRECTORS = {"europe": "mara", "americas": "dana"}
MANAGERS = {"dach": ("jonas", "lea"), "uki": ("eilidh",), "na": ("rosa", "theo")}
ANALYSTS = {"dach": "ada", "uki": "ada", "na": "kofi"}
FOUNDERS = ("priya", "greta", "ivo")


def found_company(company: Company) -> None:
    """The organisation, its teams and everybody in them, four weeks before the market begins."""
    day = company.market.first_day - FOUNDED_BEFORE
    at = company.moments.on(day, 9)
    founders = {one.key: one for one in COLLEAGUES if one.key in FOUNDERS}
    first_people(
        company=company.market.company,
        admins=[(founders["priya"].name, founders["priya"].email)],
        executives=[(founders[key].name, founders[key].email) for key in ("greta", "ivo")],
        at=at,
    )
    priya, greta = _find(founders["priya"]), _find(founders["greta"])
    organisation_edit(
        by=priya, at=at + timedelta(minutes=10), name=company.market.company,
        time_zone=str(company.moments.zone), classification="Confidential",
    )  # fmt: skip
    _plant_teams(company, priya)
    for number, one in enumerate(COLLEAGUES):
        _let_in(company, one, priya, greta, minutes=30 + 5 * number)
    # One hash for all: a hash is made to take long, and everybody has the same password.
    User.objects.update(password=make_password(PASSWORD))
    company.people = {one.key: _find(one) for one in COLLEAGUES}


def _find(one: Colleague) -> User:
    return User.objects.get(email=one.email)


def _plant_teams(company: Company, admin: User) -> None:
    at = company.moments.on(company.market.first_day - FOUNDED_BEFORE, 9, 20)
    root = Team.objects.get(parent=None)
    company.teams[COMPANY] = root
    for key, name in DIVISION_NAMES.items():
        company.teams[key] = team_create(name=name, parent=root, by=admin, at=at)
    for team in company.market.teams:
        parent = company.teams[DIVISIONS[team.director]]
        company.teams[team.key] = team_create(name=team.name, parent=parent, by=admin, at=at)


def _let_in(company: Company, one: Colleague, admin: User, executive: User, minutes: int) -> None:
    at = company.moments.on(company.market.first_day - FOUNDED_BEFORE, 9) + timedelta(
        minutes=minutes
    )
    team = company.teams[one.team]
    if one.key in FOUNDERS:
        person_edit(user=_find(one), by=admin, at=at, name=one.name, title=one.title)
    elif one.role in (Role.ADMIN, Role.AUDITOR):
        user = person_invite(email=one.email, name=one.name, title=one.title, by=admin, at=at)
        proposal = role_propose(
            user=user,
            team=team,
            role=one.role,
            by=admin,
            at=at,
            reason="First people of the house.",
        )
        proposal_confirm(proposal=proposal, by=executive, at=at + timedelta(minutes=3))
    else:
        person_invite(
            email=one.email, name=one.name, title=one.title, by=admin, at=at,
            team=team, role=one.role,
        )  # fmt: skip


def newcomer_waits(company: Company) -> None:
    """Somebody was invited whose role an executive has still to confirm."""
    admin = company.people["priya"]
    at = company.moments.ago(2, 10, 40)
    user = person_invite(
        email=NEWCOMER.email, name=NEWCOMER.name, title=NEWCOMER.title, by=admin, at=at
    )
    role_propose(
        user=user, team=company.teams[COMPANY], role=NEWCOMER.role, by=admin,
        at=at + timedelta(minutes=4), reason="Joins finance; takes part in approvals above €50,000.",
    )  # fmt: skip
