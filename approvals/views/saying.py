"""What people said about a request as its page shows it: comments, votes, who is away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from approvals.choices import OPEN_STATES, RequestState
from approvals.models import ChangeRequest, Decision, Option, Vote
from approvals.selectors import Standing, presence
from approvals.selectors.discussion import (
    chosen_option,
    may_read_votes,
    options_of,
    own_vote,
    votes_of,
)
from approvals.services import CHOICE
from core import formats
from core.parts import Comment


def away_words(people: Iterable[User], now: datetime) -> list[str]:
    """ "Mara Lindqvist is away until 3 Dec, Dana Cole decides", for each who is away."""
    known = {person.pk: person for person in people}
    return [f"{known[pk]} is {words}" for pk, words in presence(known, now).items()]


def decider(decision: Decision) -> str:
    """Who decided, and for whom: the record names both."""
    return f"{decision.user}{for_words(decision)}"


def for_words(decision: Decision) -> str:
    """ " for Mara Lindqvist", or nothing."""
    return f" for {decision.on_behalf_of}" if decision.on_behalf_of else ""


def comments_of(asked: ChangeRequest, today: date) -> list[Comment]:
    """Comments with the names of those who were mentioned."""
    rows = asked.comments.select_related("user").prefetch_related("mentions")
    return [
        Comment(
            row.user.name,
            formats.moment(timezone.localtime(row.at), today),
            row.text,
            mentions=[person.name for person in row.mentions.all()],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class ShownOption:
    """An alternative with what the reader may know of its votes."""

    option: Option
    votes: list[Vote]
    is_chosen: bool
    is_own: bool


def choice_context(
    asked: ChangeRequest, user: User, rights: Standing, *, is_seen_voter: bool
) -> Mapping[str, Any]:
    """The alternatives of a decision, votes as far as the reader may know them."""
    if asked.kind != CHOICE:
        return {}
    options = options_of(asked)
    own, chosen = own_vote(user, asked), chosen_option(asked)
    shows = may_read_votes(user, asked, decides=rights.decide)
    votes = list(votes_of(asked)) if shows else []
    return {
        "question": asked.payload.get("question", ""),
        "options": [
            ShownOption(
                option,
                [vote for vote in votes if vote.option_id == option.pk],
                chosen == option,
                own is not None and own.option_id == option.pk,
            )
            for option in options
        ],
        "own_vote": own,
        "may_vote": is_seen_voter and asked.state in OPEN_STATES,
        "shows_votes": shows,
        "vote_count": asked.votes.count(),
        "outcome": chosen
        if asked.state in (RequestState.APPROVED, RequestState.EXECUTED)
        else None,
    }
