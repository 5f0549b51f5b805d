"""Everything that changes requests, and the registry of what can be asked for."""

from approvals.rules.routing import StepRule, Traits
from approvals.services.absence import absence_create, absence_end, substitute_set
from approvals.services.amounts import is_unchanged
from approvals.services.bulk import Answered, Chosen, overtaken, requests_decide
from approvals.services.calendars import calendar_set
from approvals.services.choices import CHOICE, choice_ask, choice_payload
from approvals.services.clocks import remind_and_escalate
from approvals.services.decisions import request_decide
from approvals.services.delegation import delegation_create, delegation_end
from approvals.services.discussion import request_comment, vote_cast
from approvals.services.evidence import Proof, effects_of, proofs
from approvals.services.execution import request_execute
from approvals.services.expiry import expire_due
from approvals.services.links import Invitation, confirm_url, read_invitation
from approvals.services.looks import look_record
from approvals.services.moved import moved_mark
from approvals.services.notices import (
    Listener,
    Notifier,
    register_listener,
    register_messenger,
    register_notifier,
)
from approvals.services.policies import (
    policy_adopt,
    policy_ensure,
    policy_known,
    rules_kept,
    rules_read,
)
from approvals.services.policy_changes import policy_propose
from approvals.services.policy_words import RuleChange, RuleWords, rule_changes, rules_in_words
from approvals.services.registry import (
    Action,
    Cumulative,
    Editable,
    Effect,
    Evidenced,
    Judged,
    Listed,
    Payload,
    Proposed,
    RunsWhenStopped,
    TwoPerson,
    action_for,
    channels_known,
    fixed_steps,
    in_reporting_currency,
    kinds,
    proposed_by,
    register_action,
    register_channels,
    register_converter,
)
from approvals.services.requests import (
    request_ask_again,
    request_clone,
    request_create,
    request_edit,
    request_recall,
    request_submit,
    request_withdraw,
)
from approvals.services.state import STANDS

__all__ = [
    "CHOICE",
    "STANDS",
    "Action",
    "Answered",
    "Chosen",
    "Cumulative",
    "Editable",
    "Effect",
    "Evidenced",
    "Invitation",
    "Judged",
    "Listed",
    "Listener",
    "Notifier",
    "Payload",
    "Proof",
    "Proposed",
    "RuleChange",
    "RuleWords",
    "RunsWhenStopped",
    "StepRule",
    "Traits",
    "TwoPerson",
    "absence_create",
    "absence_end",
    "action_for",
    "calendar_set",
    "channels_known",
    "choice_ask",
    "choice_payload",
    "confirm_url",
    "delegation_create",
    "delegation_end",
    "effects_of",
    "expire_due",
    "fixed_steps",
    "in_reporting_currency",
    "is_unchanged",
    "kinds",
    "look_record",
    "moved_mark",
    "overtaken",
    "policy_adopt",
    "policy_ensure",
    "policy_known",
    "policy_propose",
    "proofs",
    "proposed_by",
    "read_invitation",
    "register_action",
    "register_channels",
    "register_converter",
    "register_listener",
    "register_messenger",
    "register_notifier",
    "remind_and_escalate",
    "request_ask_again",
    "request_clone",
    "request_comment",
    "request_create",
    "request_decide",
    "request_edit",
    "request_execute",
    "request_recall",
    "request_submit",
    "request_withdraw",
    "requests_decide",
    "rule_changes",
    "rules_in_words",
    "rules_kept",
    "rules_read",
    "substitute_set",
    "vote_cast",
]
