from django.db import models


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
    EXPIRED = "expired", "Expired"
    COMMENT = "comment", "New comment"
