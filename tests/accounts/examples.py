"""Example objects of people, roles, teams, tokens and proposals."""

from allauth.usersessions.models import UserSession

from accounts import services
from accounts.choices import Role
from accounts.models import SavedView, User
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


@example("accounts:person-handover", "api-person-handover")
def somebody_who_may_leave(cast: Cast) -> Keywords:
    return {"pk": cast.manager.pk}


@example("api-sign-in")
def sign_in_over_api(cast: Cast) -> Keywords:
    return sign_in(cast)


@example("accounts:view-new", seen_by_all=True)
def list_to_keep(cast: Cast) -> Keywords:
    return {"query": "page=reporting:campaigns&query=status%3Dlive"}


@example("accounts:view", "accounts:view-edit", "accounts:view-delete", "api-saved-view")
def saved_view(cast: Cast) -> Keywords:
    return {"pk": make_view(cast).pk}


@example("accounts:view-undelete", "api-saved-view-undelete")
def deleted_view(cast: Cast) -> Keywords:
    made = make_view(cast)
    services.view_delete(view=made, user=cast.manager, at=NOW)
    return {"pk": made.pk}


def make_view(cast: Cast) -> SavedView:
    return services.view_keep(
        user=cast.manager, page="reporting:campaigns", name="Live", query="status=live", at=NOW,
        team=cast.dach,
    )  # fmt: skip
