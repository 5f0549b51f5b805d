from django.db import models

# The kind of request by which the policy itself changes.
POLICY_CHANGE = "approvals.policy"

# The most characters of the reason of a decision.
LONGEST_REASON = 4_000


class RequestState(models.TextChoices):
    DRAFT = "draft", "Draft"
    OPEN = "open", "Waiting for a decision"
    CHANGES = "changes", "Changes requested"
    APPROVED = "approved", "Approved"
    EXECUTED = "executed", "Approved and carried out"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"
    STALE = "stale", "Approved, but no longer possible"


# How a state is judged where it is shown.
STATE_TONES = {
    RequestState.OPEN: "warn",
    RequestState.CHANGES: "warn",
    RequestState.APPROVED: "good",
    RequestState.EXECUTED: "good",
    RequestState.REJECTED: "bad",
    RequestState.STALE: "bad",
}

OPEN_STATES = (RequestState.OPEN, RequestState.CHANGES)
FINAL_STATES = (
    RequestState.EXECUTED,
    RequestState.REJECTED,
    RequestState.WITHDRAWN,
    RequestState.EXPIRED,
    RequestState.STALE,
)


class Risk(models.TextChoices):
    """How much could go wrong, as the action of a request judges it."""

    LOW = "low", "Low"
    NORMAL = "normal", "Normal"
    HIGH = "high", "High"


class StepState(models.TextChoices):
    WAITING = "waiting", "Not started"
    CURRENT = "current", "Waiting for a decision"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    VOID = "void", "Void"


class Outcome(models.TextChoices):
    APPROVE = "approve", "Approved"
    REJECT = "reject", "Rejected"
    CHANGES = "changes", "Asked for changes"
    RECOMMEND = "recommend", "Recommended"


class Notice(models.TextChoices):
    """Why a person hears of a request."""

    DECIDE = "decide", "Waits for your decision"
    STEP_APPROVED = "step_approved", "One step further"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    CHANGES = "changes", "Changes requested"
    EXECUTED = "executed", "Carried out"
    STALE = "stale", "No longer possible"
    REOPENED = "reopened", "Needs a new decision"
    WITHDRAWN = "withdrawn", "Withdrawn"
    RECALLED = "recalled", "Pulled back to be changed"
    EXPIRED = "expired", "Expired"
    COMMENT = "comment", "New comment"
    MENTION = "mention", "You were mentioned"
    REMINDER = "reminder", "Still waits for your decision"
    ESCALATED = "escalated", "Overdue, and now with you"
    DELEGATED = "delegated", "You decide for somebody"
