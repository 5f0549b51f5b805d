"""Files kept with an order, a bill or a tool: taken in by content, named at random, given out safely."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import may
from budgets.choices import BillState, OrderState
from budgets.models import Attachment, Bill, Order, Tool
from budgets.rules.files import KINDS, clean_name, kind_of
from core import events, formats
from core.errors import Conflict, Invalid, NotAllowed

MOST_BYTES = 20 * 1024 * 1024
MOST_FILES = 50
Target = Order | Bill | Tool


def may_attach(user: User, target: Target) -> bool:
    """Planners of its team (managers their own), and finance."""
    owns = may(user, Act.DRAFT_REQUEST, team=target.team, owner_id=target.owner_id)
    return owns or may(user, Act.CLOSE_PERIOD, team=target.team)


def is_draft(target: Target) -> bool:
    """Whether its files can still be taken away: afterwards they are evidence."""
    if isinstance(target, Order):
        return target.state == OrderState.DRAFT
    if isinstance(target, Bill):
        return target.state in (BillState.TO_MATCH, BillState.HELD)
    return not target.is_cancelled


def target_of(attachment: Attachment) -> Target:
    """What a file is kept with."""
    found = attachment.order or attachment.bill or attachment.tool
    if found is None:
        raise Invalid("The file belongs to nothing.", where="file")
    return found


@transaction.atomic
def attachment_add(*, target: Target, user: User, upload: UploadedFile, at: datetime) -> Attachment:
    """Keep a file with an order, a bill or a tool.

    Raises ``Invalid`` for a file that is empty, larger than 20 MB or of a kind that is not
    kept: what it contains decides, not its name.
    """
    _require_right(user, target)
    content = _content(upload)
    kind = kind_of(content)
    if kind is None:
        raise Invalid(
            "This kind of file cannot be kept.", where="file", remedy=f"Kept are {KINDS}."
        )
    field = type(target).__name__.lower()
    digest = hashlib.sha256(content).hexdigest()
    _require_new(field, target, digest)
    row = Attachment(
        **{field: target},
        name=clean_name(upload.name or "file", kind),
        size=len(content),
        sha256=digest,
        added_by=user,
        added_at=at,
    )
    row.file.save(f"{uuid4().hex}.{kind}", ContentFile(content), save=False)
    row.save()
    after = {"file": row.name, "size": row.size, "sha256": digest}
    _record(row, target, user, "attachment.added", at, after=after)
    return row


@transaction.atomic
def attachment_delete(*, attachment: Attachment, user: User, at: datetime) -> None:
    """Take a file away while what it belongs to is a draft."""
    target = target_of(attachment)
    _require_right(user, target)
    if not is_draft(target):
        raise Conflict(
            f"{attachment.name} is evidence of {target} and stays with it.",
            code="not_draft",
            where="file",
        )
    before = {"file": attachment.name, "sha256": attachment.sha256}
    _record(attachment, target, user, "attachment.deleted", at, before=before)
    storage, path = attachment.file.storage, attachment.file.name
    attachment.delete()
    transaction.on_commit(lambda: storage.delete(path))


def _content(upload: UploadedFile) -> bytes:
    size = upload.size or 0
    if not size:
        raise Invalid("The file is empty.", where="file", remedy="Choose another.")
    if size > MOST_BYTES:
        raise Invalid(
            f"The file has {formats.size(size)}; at most {formats.size(MOST_BYTES)} are kept.",
            code="too_large",
            where="file",
            remedy="Make it smaller, or put it in your archive and write its place in a note.",
        )
    return bytes(upload.read())


def _require_new(field: str, target: Target, digest: str) -> None:
    kept = Attachment.objects.filter(**{field: target})
    twin = kept.filter(sha256=digest).first()
    if twin:
        raise Conflict(
            f"The same file is kept here as {twin.name}.", code="same_file", where="file"
        )
    if kept.count() >= MOST_FILES:
        raise Invalid(f"At most {MOST_FILES} files are kept with one record.", where="file")


def _require_right(user: User, target: Target) -> None:
    if not may_attach(user, target):
        raise NotAllowed(
            f"Files of {target} are kept by its planners and by finance.", remedy="Ask one of them."
        )


def _record(
    row: Attachment, target: Target, user: User, action: str, at: datetime, **change: Any
) -> None:
    events.record(
        actor=user.as_actor(),
        action=action,
        subject=target,
        at=at,
        team_path=target.team.path,
        reason=row.name,
        live=["budgets"],
        **change,
    )
