"""Pages of approvals: the inbox, one request, the confirm page of a mail, the policy."""

from approvals.views.away import (
    absence_end,
    absent,
    away_page,
    delegate,
    delegation_end,
    substitute,
)
from approvals.views.bulk import decide_many
from approvals.views.calendars import calendar, calendar_list
from approvals.views.deciding import (
    ask_again,
    clone,
    comment,
    confirm,
    decide,
    recall,
    submit,
    withdraw,
)
from approvals.views.discussion import choice_edit, choice_new, mentions, record, vote
from approvals.views.policy import policy, policy_effect, policy_version
from approvals.views.policyedit import policy_edit
from approvals.views.reading import inbox, request_page, waiting_count
from approvals.views.times import times_page

__all__ = [
    "absence_end",
    "absent",
    "ask_again",
    "away_page",
    "calendar",
    "calendar_list",
    "choice_edit",
    "choice_new",
    "clone",
    "comment",
    "confirm",
    "decide",
    "decide_many",
    "delegate",
    "delegation_end",
    "inbox",
    "mentions",
    "policy",
    "policy_edit",
    "policy_effect",
    "policy_version",
    "recall",
    "record",
    "request_page",
    "submit",
    "substitute",
    "times_page",
    "vote",
    "waiting_count",
    "withdraw",
]
