"""Everything that changes requests, and the registry of what can be asked for."""

from approvals.services.amounts import is_unchanged
from approvals.services.decisions import request_decide
from approvals.services.evidence import Proof, effects_of, proofs
from approvals.services.execution import request_execute
from approvals.services.expiry import expire_due
from approvals.services.links import Invitation, confirm_url, read_invitation
from approvals.services.notices import (
    Listener,
    Notifier,
    register_listener,
    register_notifier,
)
from approvals.services.policies import policy_ensure
from approvals.services.registry import (
    Action,
    Cumulative,
    Editable,
    Effect,
    Evidenced,
    Payload,
    action_for,
    kinds,
    register_action,
)
from approvals.services.requests import (
    request_comment,
    request_create,
    request_edit,
    request_submit,
    request_withdraw,
)

__all__ = [
    "Action",
    "Cumulative",
    "Editable",
    "Effect",
    "Evidenced",
    "Invitation",
    "Listener",
    "Notifier",
    "Payload",
    "Proof",
    "action_for",
    "confirm_url",
    "effects_of",
    "expire_due",
    "is_unchanged",
    "kinds",
    "policy_ensure",
    "proofs",
    "read_invitation",
    "register_action",
    "register_listener",
    "register_notifier",
    "request_comment",
    "request_create",
    "request_decide",
    "request_edit",
    "request_execute",
    "request_submit",
    "request_withdraw",
]
