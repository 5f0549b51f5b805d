"""What people say about a request: comments with mentions, and votes for alternatives."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from approvals.choices import OPEN_STATES, Notice
from approvals.models import ChangeRequest, Comment, Option, Vote
from approvals.selectors.discussion import named_in, people_who_see
from approvals.services.notices import tell
from approvals.services.state import already, lock, record
from core.errors import Invalid


@transaction.atomic
def request_comment(*, request: ChangeRequest, user: User, text: str, at: datetime) -> Comment:
    """Say something about a request that one can see; it does not make one a contributor.

    ``@Full Name`` mentions somebody, who is told. Raises ``Invalid`` for an empty comment
    and for a name after “@” that is nobody’s who can see the request: whether anybody else is
    called so is not said.
    """
    words = text.strip()
    if not words:
        raise Invalid("The comment is empty.", where="text")
    mentioned = _mentioned(request, words, at)
    comment = Comment.objects.create(request=request, user=user, text=words, at=at)
    comment.mentions.set(mentioned)
    after = {"comment": words}
    if mentioned:
        after["mentions"] = ", ".join(person.name for person in mentioned)
    record(request, user.as_actor(), "request.commented", at, after=after)
    _tell(request, user, mentioned, at)
    return comment


def _mentioned(request: ChangeRequest, words: str, at: datetime) -> list[User]:
    if "@" not in words:
        return []
    # Only those who see the request are looked at: the answer says nothing of anybody else.
    named, unknown = named_in(words, people_who_see(request, at=at))
    if unknown:
        raise Invalid(
            f"Nobody who can see {request.reference} is called “{unknown}”.",
            code="cannot_see",
            where="text",
            remedy="Write “@” and the full name as it is suggested, or leave the “@” out.",
        )
    return named


def _tell(request: ChangeRequest, user: User, mentioned: list[User], at: datetime) -> None:
    called = [person for person in mentioned if person.pk != user.pk]
    tell(request, called, Notice.MENTION, at)
    known = {person.pk for person in (user, *called)}
    earlier = [c.user for c in request.comments.select_related("user")]
    others = {p for p in (request.requested_by, *earlier) if p.pk not in known}
    tell(request, others, Notice.COMMENT, at)


@transaction.atomic
def vote_cast(
    *, request: ChangeRequest, user: User, option: Option, why: str, at: datetime
) -> Vote:
    """Say which alternative one would choose; it may change until the request is decided.

    Raises ``Invalid`` for an option of another request, ``Conflict`` once it is decided.
    """
    locked = lock(request)
    if locked.state not in OPEN_STATES:
        raise already(locked)
    if option.request_id != locked.pk:
        raise Invalid("That is not one of the alternatives.", where="option")
    vote, created = Vote.objects.update_or_create(
        request=locked, user=user, defaults={"option": option, "why": why.strip(), "at": at}
    )
    # Not as the event's reason: votes are read by those who voted, until it is decided.
    after = {"vote": option.label, "why": vote.why, "changed": not created}
    record(locked, user.as_actor(), "request.voted", at, after=after)
    return vote
