"""Pages of a sync as they are kept: without people from the first moment, and not for long."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from core import events
from core.events import SYSTEM
from core.personal import Person, is_outdated, renew
from integrations.choices import SyncState
from integrations.models import Connection, SyncPage, SyncRun
from integrations.rules import api as rules
from integrations.rules.api.filling import put
from integrations.rules.connector import read_json
from integrations.services.door import hashed_text, hasher

# So long the pages of a sync wait that failed or was stopped, for somebody to go on with it.
KEPT_FOR = timedelta(days=14)
_ENDED_EARLY = (SyncState.FAILED, SyncState.STOPPED)
Change = Callable[[str], str]


def page_kept(body: bytes, read: rules.Read, system: str) -> bytes:
    """An answer as it may be kept: as it came, e-mail addresses as tokens; of customer records
    only what is read of them."""
    if read.records:
        shape, hash_ = read.records, hasher()
        items = rules.items_of(read, read_json(body)) or []
        cells = [rules.cells_of(shape, item, system, hash_) for item in items]
        return _packed(put({}, read.items, cells))
    if b"@" not in body and rb"\u" not in body:
        return body
    return hashed_text(_text(read_json(body))).encode()


def page_lines(body: bytes, read: rules.Read) -> Iterator[bytes]:
    """A page as lines of JSON. Customer records stand in one line each, so that taking somebody
    out of the file touches nobody else."""
    if not read.records:
        yield _line(read, body.replace(b"\r", b" ").replace(b"\n", b" "))
        return
    for item in rules.items_of(read, read_json(body)) or []:
        yield _line(read, _packed(put({}, read.items, [item])))


def _line(read: rules.Read, answer: bytes) -> bytes:
    return b'{"read": %s, "answer": %s}\n' % (json.dumps(read.name).encode(), answer)


def _packed(told: Any) -> bytes:
    return _text(told).encode()


def _text(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False)


def pages_forget(*, now: datetime) -> dict[str, int] | None:
    """Schedule: drop the pages of syncs that ended early and that nobody went on with.

    Going on later asks for the part in work anew.
    """
    old = SyncRun.objects.filter(
        state__in=_ENDED_EARLY, finished_at__lt=now - KEPT_FOR, kept_pages__isnull=False
    )
    count = sum(_forget(pk, now) for pk in old.values_list("pk", flat=True).distinct())
    return {"pages": count} if count else None


@transaction.atomic
def _forget(pk: int, now: datetime) -> int:
    run = SyncRun.objects.select_for_update().get(pk=pk)
    if run.state not in _ENDED_EARLY:
        return 0
    count, _ = SyncPage.objects.filter(run=run).delete()
    SyncRun.objects.filter(pk=pk).update(read=0, page=0, cursor={}, step=run.step + 1)
    events.record(
        actor=SYSTEM,
        action="sync.pages_forgotten",
        subject=run,
        at=now,
        after={"pages": count},
        team_path=run.connection.team.path,
    )
    return count


class Pages:
    """Where syncs hold something about people until they are done (see ``core.personal``)."""

    key, label = "pages", "Pages of syncs that are not done, and what platforms said of errors"

    def known(self, _person: Person) -> Collection[str]:
        return ()

    def _naming(self, person: Person) -> Iterator[tuple[SyncPage, bytes]]:
        for page in _pages():
            before = gzip.decompress(page.body)
            if (after := _changed(page, before, person.taken_out, person.is_in)) != before:
                yield page, after

    def count(self, person: Person) -> int:
        said = sum(model.objects.filter(_said(person)).count() for model in (SyncRun, Connection))
        return said + sum(1 for _ in self._naming(person))

    def erase(self, person: Person, _at: datetime) -> int:
        count = _kept(self._naming(person))
        for model in (SyncRun, Connection):
            for row in model.objects.filter(_said(person)):
                model.objects.filter(pk=row.pk).update(error=person.taken_out(row.error))
                count += 1
        return count

    def renew(self) -> int:
        return _kept(
            (page, renew(text).encode())
            for page in _pages()
            if is_outdated(text := gzip.decompress(page.body).decode())
        )


def _pages() -> Iterator[SyncPage]:
    return SyncPage.objects.select_related("run__connection").iterator(20)


def _changed(page: SyncPage, body: bytes, change: Change, concerns: Callable[[str], bool]) -> bytes:
    """The page with ``change`` in the items it concerns, each by itself."""
    read = rules.api_for(page.run.connection.platform).reads[page.read]
    told = read_json(body)
    texts = [_text(item) for item in rules.items_of(read, told) or []]
    if not any(map(concerns, texts)):
        return body
    items = [json.loads(change(text) if concerns(text) else text) for text in texts]
    return _packed(put(told, read.items, items))


def _kept(pages: Iterator[tuple[SyncPage, bytes]]) -> int:
    count = 0
    for page, body in list(pages):
        SyncPage.objects.filter(pk=page.pk).update(body=gzip.compress(body, mtime=0))
        count += 1
    return count


def _said(person: Person) -> Q:
    found = Q(pk__in=[])
    for text in (*person.tokens, *person.names, *person.words):
        found |= Q(error__icontains=text)
    return found
