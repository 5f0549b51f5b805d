"""Files by mail: the mail server pipes a message in; known senders only, each team its own address.

Whether the sender is who it says (SPF, DKIM, DMARC) is the mail server's to check before.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from tempfile import TemporaryDirectory

from core import events
from core.errors import Invalid, NotAllowed
from integrations.choices import WayKind
from integrations.models import WayIn
from integrations.selectors import LOCAL_PART
from integrations.services.files import file_name
from integrations.services.ways.taking import Taken, actor_of, note, take_in

MOST_FILES = 20
TO_HEADERS = ("Delivered-To", "X-Original-To", "To", "Cc")
# Parts of a mail that are no data: signatures, pictures of a letterhead, invitations.
NO_DATA = (".p7s", ".p7m", ".asc", ".sig", ".ics", ".vcf", ".png", ".jpg", ".jpeg", ".gif")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message: its way, who sent it, and its files."""

    way: WayIn
    sender: str
    files: tuple[Taken, ...]


def mail_take(
    data: bytes, *, today: date, at: datetime, to: str = "", sender: str = ""
) -> Delivery:
    """Bring in the attachments of a message.

    ``to`` and ``sender`` are those of the envelope, where the mail server passes them; they
    count before the headers, which anybody can write. Raises ``Invalid`` when nobody has
    that address or nothing is attached, ``NotAllowed`` for a sender who is not on its list.
    """
    message = email.message_from_bytes(data, policy=email.policy.default)
    way = _way(message, to)
    who = _sender(message, sender)
    if not _is_known(who, way):
        _refuse(way, who, at)
    files = tuple(_files(message, way, today, at))
    note(way, list(files), at=at, nothing=f"The mail of {who} had no file.")
    if not files:
        raise Invalid("The mail has no attachment that could be data.", remedy="Attach the export.")
    return Delivery(way, who, files)


def _way(message: EmailMessage, to: str) -> WayIn:
    written = [to] if to else [str(v) for h in TO_HEADERS for v in message.get_all(h, [])]
    keys = {
        address.partition("@")[0].partition("+")[2].lower()
        for _, address in getaddresses(written)
        if address.lower().startswith(f"{LOCAL_PART}+")
    }
    ways = list(WayIn.objects.filter(kind=WayKind.MAIL, is_active=True, key__in=keys))
    if len(ways) != 1:
        raise Invalid("No address of ours takes this mail.", code="unknown_address")
    return ways[0]


def _sender(message: EmailMessage, sender: str) -> str:
    written = [sender] if sender else [str(v) for v in message.get_all("From", [])]
    found = [address.lower() for _, address in getaddresses(written) if "@" in address]
    return found[0] if len(found) == 1 else ""


def _is_known(sender: str, way: WayIn) -> bool:
    domain = f"@{sender.rpartition('@')[2]}"
    return bool(sender) and bool({sender, domain} & set(way.senders))


def _refuse(way: WayIn, sender: str, at: datetime) -> None:
    who = sender or "somebody without an address"
    note(way, [], at=at, nothing=f"Refused: {who} is not on the list of senders.")
    events.record(
        actor=actor_of(way),
        action="way.refused",
        subject=way,
        at=at,
        after={"sender": sender[:200]},
        team_path=way.team.path,
        is_security=True,
    )
    raise NotAllowed(
        f"{who} may not send files to this address.",
        remedy="Ask whoever looks after the address to add the sender.",
    )


def _files(message: EmailMessage, way: WayIn, today: date, at: datetime) -> Iterator[Taken]:
    with TemporaryDirectory() as folder:
        for number, part in enumerate(_attachments(message)):
            if number == MOST_FILES:
                break
            name = file_name(str(part.get_filename() or "attachment"))
            file = Path(folder, str(number))
            content = part.get_payload(decode=True)
            file.write_bytes(content if isinstance(content, bytes) else b"")
            yield take_in(way, file=file, name=name, today=today, at=at)


def _attachments(message: EmailMessage) -> Iterator[EmailMessage]:
    """Parts that are files; text of the mail itself, signatures and pictures are none."""
    for part in message.walk():
        if part.is_multipart() or not isinstance(part, EmailMessage):
            continue
        name = str(part.get_filename() or "").lower()
        is_file = bool(name) or part.get_content_disposition() == "attachment"
        if is_file and not name.endswith(NO_DATA) and part.get_content_maintype() != "image":
            yield part
