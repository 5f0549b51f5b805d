"""Pages of approvals: the inbox, one request, the confirm page of a mail, the policy."""

from approvals.views.deciding import comment, confirm, decide, submit, withdraw
from approvals.views.reading import inbox, policy, request_page, waiting_count

__all__ = [
    "comment",
    "confirm",
    "decide",
    "inbox",
    "policy",
    "request_page",
    "submit",
    "waiting_count",
    "withdraw",
]
