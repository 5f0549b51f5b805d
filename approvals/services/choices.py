"""Decisions with several alternatives: options kept as rows, a deadline, an outcome that is one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Team, User
from approvals.models import ChangeRequest, Option
from approvals.services.notices import register_listener
from approvals.services.requests import request_create
from core.errors import Conflict, Invalid
from core.models import Organisation

CHOICE = "approvals.choice"
FEWEST, MOST = 2, 8
LABEL, TEXT, QUESTION, EVIDENCE = 120, 4_000, 1_000, 20_000
# Far below bigint, and above any plan.
MOST_MICROS = 10**17


def choice_payload(
    *,
    question: str,
    team: Team,
    options: Sequence[Mapping[str, str]],
    deadline: date | None = None,
    amount_micros: int = 0,
    evidence: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """What a decision with alternatives is about, as its request keeps it."""
    return {
        "question": question.strip(),
        "team": team.pk,
        "options": [
            {"label": o["label"].strip(), "text": o.get("text", "").strip()} for o in options
        ],
        "deadline": deadline.isoformat() if deadline else None,
        "amount_micros": amount_micros,
        "evidence": [[label.strip(), text.strip()] for label, text in evidence],
    }


@transaction.atomic
def choice_ask(
    *, user: User, title: str, reason: str, payload: Mapping[str, Any], at: datetime
) -> ChangeRequest:
    """Ask for a decision between alternatives; what it is about is frozen with it."""
    return request_create(
        user=user, kind=CHOICE, payload=payload, title=title, reason=reason, evidence={}, at=at
    )


def check_payload(payload: Mapping[str, Any], at: datetime) -> None:
    """Raise ``Invalid`` for what cannot be decided: too few alternatives, two alike, too late."""
    question = payload.get("question")
    if not isinstance(question, str) or not question.strip():
        raise Invalid("Write the question to decide.", where="question")
    if len(question) > QUESTION:
        raise Invalid(f"The question has at most {QUESTION:,} characters.", where="question")
    _check_options(payload.get("options"))
    _check_evidence(payload.get("evidence"))
    amount = payload.get("amount_micros", 0)
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 <= amount <= MOST_MICROS:
        raise Invalid("The amount is a whole number of micros, not negative.", where="amount")
    deadline = payload.get("deadline")
    if deadline and closes_at(deadline) <= at:
        raise Invalid("The deadline has passed.", where="deadline", remedy="Choose a later day.")


def _check_options(options: Any) -> None:
    if not isinstance(options, list | tuple):
        raise Invalid("Give the alternatives as a list.", where="options")
    if not FEWEST <= len(options) <= MOST:
        raise Invalid(
            f"A decision has {FEWEST} to {MOST} alternatives; this one has {len(options)}.",
            where="options",
        )
    if not all(isinstance(option, Mapping) for option in options):
        raise Invalid("An alternative has a label and a text.", where="options")
    if not all(isinstance(option.get(k, ""), str) for option in options for k in ("label", "text")):
        raise Invalid("Label and text of an alternative are written as text.", where="options")
    labels = [option.get("label", "").strip() for option in options]
    if not all(labels) or max(map(len, labels)) > LABEL:
        raise Invalid(
            f"Every alternative needs a label of at most {LABEL} characters.", where="options"
        )
    if len({label.casefold() for label in labels}) < len(labels):
        raise Invalid("Two alternatives have the same label.", where="options")
    if any(len(option.get("text", "")) > TEXT for option in options):
        raise Invalid(f"A text has at most {TEXT:,} characters.", where="options")


def _check_evidence(evidence: Any) -> None:
    """Pairs of label and figure, or nothing."""
    if evidence is None:
        return
    is_right = isinstance(evidence, list | tuple) and all(
        isinstance(pair, list | tuple)
        and len(pair) == 2
        and all(isinstance(part, str) and part.strip() for part in pair)
        for pair in evidence
    )
    if not is_right:
        raise Invalid("Give evidence as pairs of a label and a figure or link.", where="evidence")
    if sum(len(part) for pair in evidence for part in pair) > EVIDENCE:
        raise Invalid(f"The evidence has at most {EVIDENCE:,} characters.", where="evidence")


def closes_at(deadline: str) -> datetime:
    """The end of the last day on which it is decided, where the organisation keeps its books."""
    try:
        day = date.fromisoformat(deadline)
        end = day + timedelta(days=1)
    except (ValueError, TypeError, OverflowError) as error:
        raise Invalid(f"“{deadline}” is not a day.", where="deadline") from error
    return datetime.combine(end, time(0), ZoneInfo(Organisation.current().time_zone))


def follow(request: ChangeRequest, action: str, at: datetime) -> None:  # noqa: ARG001
    """Listener: keep options and deadline of a decision as its request says."""
    if request.kind != CHOICE:
        return
    if action in ("request.created", "request.edited"):
        _keep_options(request)
    if action in ("request.submitted", "request.edited", "request.reopened"):
        _keep_deadline(request)


def _keep_options(request: ChangeRequest) -> None:
    wanted = [(o["label"], o.get("text", "")) for o in request.payload["options"]]
    if wanted == [(option.label, option.text) for option in request.options.all()]:
        return
    if Option.objects.filter(request=request, pk__in=_chosen(request)).exists():
        raise Conflict(
            f"Somebody has already chosen in {request.reference}, so its alternatives stay.",
            code="already_chosen",
            remedy="Withdraw it and ask anew.",
        )
    # Votes go with the alternatives they were for.
    request.options.all().delete()
    Option.objects.bulk_create(
        Option(request=request, position=place, label=label, text=text)
        for place, (label, text) in enumerate(wanted, 1)
    )


def _chosen(request: ChangeRequest) -> list[int]:
    rows = request.steps.filter(decisions__option__isnull=False)
    return list(rows.values_list("decisions__option", flat=True))


def _keep_deadline(request: ChangeRequest) -> None:
    deadline = request.payload.get("deadline")
    if not deadline or request.due_at is None:
        return
    closes = closes_at(deadline)
    if closes < request.due_at:
        request.due_at = closes
        ChangeRequest.objects.filter(pk=request.pk).update(due_at=closes)


def register() -> None:
    """Follow requests of this kind, whoever changes them."""
    register_listener(follow)
