"""Everything that changes people, teams, roles, tokens and the organisation.

A write takes who asks (``by``) and when (``at``), checks the right of the permission
matrix, changes, and records one event, all in one transaction.
"""

from accounts.services.handover import (
    Handover,
    Held,
    hand_over,
    held_by,
    register_handover,
)
from accounts.services.needed import register_leaving_check
from accounts.services.organisation import organisation_edit, register_organisation_check
from accounts.services.people import (
    person_deactivate,
    person_edit,
    person_invite,
    person_invite_again,
    person_reactivate,
    sessions_end,
)
from accounts.services.proposals import (
    books_propose,
    proposal_confirm,
    proposal_reject,
    proposal_withdraw,
    role_propose,
)
from accounts.services.roles import (
    membership_give,
    membership_limit,
    membership_take,
    register_rights_lost,
)
from accounts.services.saved_views import (
    view_default,
    view_delete,
    view_keep,
    view_undelete,
)
from accounts.services.teams import (
    team_archive,
    team_create,
    team_move,
    team_rename,
    team_restore,
)
from accounts.services.tokens import token_create, token_revoke

__all__ = [
    "Handover",
    "Held",
    "books_propose",
    "hand_over",
    "held_by",
    "membership_give",
    "membership_limit",
    "membership_take",
    "organisation_edit",
    "person_deactivate",
    "person_edit",
    "person_invite",
    "person_invite_again",
    "person_reactivate",
    "proposal_confirm",
    "proposal_reject",
    "proposal_withdraw",
    "register_handover",
    "register_leaving_check",
    "register_organisation_check",
    "register_rights_lost",
    "role_propose",
    "sessions_end",
    "team_archive",
    "team_create",
    "team_move",
    "team_rename",
    "team_restore",
    "token_create",
    "token_revoke",
    "view_default",
    "view_delete",
    "view_keep",
    "view_undelete",
]
