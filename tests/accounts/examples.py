"""Example objects of people, roles, teams, tokens and proposals."""

from allauth.usersessions.models import UserSession

from accounts import services
from accounts.choices import Role
from accounts.models import User
from tests.accounts.conftest import NOW
from tests.cast import Cast
from tests.examples import Keywords, example


@example(
    "accounts:person", "accounts:person-edit", "accounts:person-deactivate",
    "accounts:person-end-sessions", "accounts:person-invite-again", "accounts:role-give",
    "api-person", "api-person-deactivate", "api-person-invite-again", "api-person-roles",
    "api-person-sessions",
)  # fmt: skip
def person(cast: Cast) -> Keywords:
    return {"pk": cast.manager.pk}


@example("accounts:person-reactivate", "api-person-reactivate")
def somebody_who_left(cast: Cast) -> Keywords:
    User.objects.filter(pk=cast.uk_manager.pk).update(is_active=False)
    return {"pk": cast.uk_manager.pk}


@example("accounts:role-take", "accounts:role-limit", "api-role")
def role(cast: Cast) -> Keywords:
    return {"pk": cast.manager.memberships.get().pk}


@example(
    "accounts:proposal-confirm", "accounts:proposal-reject", "accounts:proposal-withdraw",
    "api-proposal-confirm", "api-proposal-reject", "api-proposal-withdraw",
)  # fmt: skip
def proposal(cast: Cast) -> Keywords:
    made = services.role_propose(
        user=cast.nobody, team=cast.company, role=Role.AUDITOR, by=cast.admin, at=NOW, reason="x"
    )
    return {"pk": made.pk}


@example(
    "accounts:team", "accounts:team-edit", "accounts:team-archive", "accounts:team-restore",
    "api-team",
)  # fmt: skip
def team(cast: Cast) -> Keywords:
    return {"pk": cast.dach.pk}


@example("accounts:token-revoke", "api-token")
def token(cast: Cast) -> Keywords:
    made, _ = services.token_create(user=cast.manager, name="Sheet", access="read", days=9, at=NOW)
    return {"pk": made.pk}


@example("accounts:sign-in-end")
def sign_in(cast: Cast) -> Keywords:
    made = UserSession.objects.create(
        user=cast.manager, ip="203.0.113.9", session_key="k" * 32, user_agent="Firefox"
    )
    return {"pk": made.pk}


@example("account_confirm_email", seen_by_all=True)
def key(cast: Cast) -> Keywords:
    return {"key": "x"}
