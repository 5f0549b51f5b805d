"""The work of a sync: page after page, part after part, each kept before the next is asked for.

A page and the place of the next one are kept in one transaction, and so are the facts of
a part and the place after it. A worker that dies leaves a sync that goes on where it was.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from core import events
from core.errors import AdroitError, Conflict
from core.events import SYSTEM
from core.text import counted
from integrations.choices import ConnectionState, SyncState
from integrations.models import Connection, SyncPage, SyncRun
from integrations.rules import api as rules
from integrations.rules.api.filling import put
from integrations.rules.api.grammar import Paging, Read, Report, Request
from integrations.services.connections.accounts import account_check
from integrations.services.connections.failures import Busy, Later, Refused, SignInAgain
from integrations.services.connections.loading import part_load
from integrations.services.connections.locks import account_lock
from integrations.services.connections.pages import page_kept
from integrations.services.connections.periods import days_of_part
from integrations.services.connections.reports import (
    ReportFailed,
    ReportLate,
    report_fetch,
    report_made,
)
from integrations.services.connections.talking import Platform

# Told after every page: parts done, of how many, and a word about where it is.
Progress = Callable[[int, int, str], None]


class Overtaken(Conflict):
    """Somebody else went on with this sync."""

    code = "overtaken"


class StopAsked(Exception):
    """A person asked the sync to stop; what was kept stays."""


def sync_work(run: SyncRun, *, platform: Platform, progress: Progress) -> SyncRun:
    """Go on with a sync until it is done, has to wait, or cannot; its row says which.

    Raises ``Busy`` when another worker has the account.
    """
    with account_lock(run.connection):
        run = SyncRun.objects.select_related("connection__source__ad_account").get(pk=run.pk)
        if run.state not in (SyncState.WAITING, SyncState.RUNNING):
            return run
        platform.connection = run.connection
        try:
            _begin(run, platform.clock())
            account_check(platform)
            while run.part < run.parts:
                _part(run, platform, progress)
            _end(run, SyncState.DONE, platform.clock())
        except Later as error:
            _wait(run, error)
        except StopAsked:
            _end(run, SyncState.STOPPED, platform.clock())
        except (Overtaken, Busy):
            raise
        except AdroitError as error:
            _end(run, SyncState.FAILED, platform.clock(), error)
    return run


def _begin(run: SyncRun, at: datetime) -> None:
    _advance(run, state=SyncState.RUNNING, started_at=run.started_at or at, resume_at=None)


def _advance(run: SyncRun, **changes: Any) -> None:
    """Keep how far the sync is, if nobody else has gone on with it since."""
    changes["step"] = run.step + 1
    if not SyncRun.objects.filter(pk=run.pk, step=run.step).update(**changes):
        raise Overtaken("Another worker has gone on with this sync.")
    for name, value in changes.items():
        setattr(run, name, value)


def _part(run: SyncRun, platform: Platform, progress: Progress) -> None:
    while run.read < len(platform.api.reads):
        if platform.api.reads[run.read].when_chosen and not run.connection.events:
            _advance(run, read=run.read + 1)
            continue
        first, last = days_of_part(run)
        progress(run.part, run.parts, f"{first} to {last}, page {run.page + 1}")
        if SyncRun.objects.filter(pk=run.pk, stop_requested=True).exists():
            raise StopAsked
        _page(run, platform, platform.api.reads[run.read])
    _load(run, platform)
    progress(run.part, run.parts, counted(run.rows, "row", "rows"))


def _page(run: SyncRun, platform: Platform, read: Read) -> None:
    body, following = _asked(run, platform, read)
    body = page_kept(body, read, platform.api.key)
    with transaction.atomic():
        SyncPage.objects.create(
            run=run, part=run.part, read=run.read, page=run.page, body=gzip.compress(body, mtime=0)
        )
        if following is None:
            _advance(run, read=run.read + 1, page=0, cursor={}, pages=run.pages + 1)
        else:
            _advance(run, page=run.page + 1, cursor=following, pages=run.pages + 1)


def _asked(run: SyncRun, platform: Platform, read: Read) -> tuple[bytes, dict[str, Any] | None]:
    """One page as it came, and the cursor of the next."""
    values = {**rules.window_values(*days_of_part(run)), "events": run.connection.events}
    report = _report_for(run, read)
    if report and not report.pages:
        return report_fetch(run, platform, read.request, report, values, _advance), None
    is_going_on = bool(run.cursor)
    try:
        request = read.request
        if report and report.pages:
            request = _pages_of(run, platform, read, report, values)
            values["report"] = run.cursor["report"]
        answer = platform.send(_with_cursor(request, read.paging, run.cursor), values)
    except (ReportFailed, ReportLate):
        raise
    except Refused:
        if not is_going_on:
            raise
        # The place where we were is not known there any more: the part begins anew.
        _part_anew(run)
        return _asked(run, platform, read)
    told = answer.json()
    items = rules.items_of(read, told)
    if items is None:
        raise platform.garbage()
    following = rules.following(read.paging, told, items, run.cursor)
    return answer.body, {**run.cursor, **following} if following else None


def _report_for(run: SyncRun, read: Read) -> Report | None:
    """The report that is ordered for the part in work; None where its question is just asked."""
    first, last = days_of_part(run)
    is_long = read.report is not None and (last - first).days + 1 >= read.report.from_days
    return read.report if is_long else None


def _pages_of(
    run: SyncRun, platform: Platform, read: Read, report: Report, values: Mapping[str, Any]
) -> Request:
    """The question for the pages of a report, once it is ready."""
    if "ready" not in run.cursor:
        report_made(run, platform, read.request, report, values, _advance)
        _advance(run, cursor={**run.cursor, "ready": True})
    return report.pages or read.request


def _part_anew(run: SyncRun) -> None:
    with transaction.atomic():
        SyncPage.objects.filter(run=run, part=run.part).delete()
        _advance(run, read=0, page=0, cursor={})


def _with_cursor(request: Request, paging: Paging, cursor: Mapping[str, Any]) -> Request:
    """The question for a page; a platform that hands out whole addresses is asked at those."""
    if "value" not in cursor:
        return request
    if paging.kind == "url":
        return Request(path=str(cursor["value"]), method=request.method, headers=request.headers)
    parts = put({"query": request.query, "body": request.body}, paging.to, cursor["value"])
    return Request(
        path=request.path,
        method=request.method,
        query=parts["query"],
        body=parts["body"],
        headers=request.headers,
        raw_query=request.raw_query,
        form=request.form,
    )


def _load(run: SyncRun, platform: Platform) -> None:
    """The part into the facts, its pages into a file, the place after it: all or nothing."""
    with transaction.atomic():
        loaded = part_load(run, api=platform.api, at=platform.clock())
        SyncPage.objects.filter(run=run, part=run.part).delete()
        _advance(
            run,
            part=run.part + 1,
            read=0,
            page=0,
            cursor={},
            rows=run.rows + loaded.rows,
            changed=run.changed + loaded.inserted + loaded.changed,
        )


def _wait(run: SyncRun, error: Later) -> None:
    _advance(
        run,
        state=SyncState.WAITING,
        resume_at=error.until,
        error=error.message,
        remedy=error.remedy,
    )


@transaction.atomic
def _end(run: SyncRun, state: SyncState, at: datetime, error: AdroitError | None = None) -> None:
    message, remedy = (error.message, error.remedy) if error else ("", "")
    _advance(run, state=state, finished_at=at, error=message, remedy=remedy)
    connection = run.connection
    Connection.objects.filter(pk=connection.pk).update(error=message, remedy=remedy)
    if state == SyncState.DONE:
        _reached(run)
    if isinstance(error, SignInAgain):
        Connection.objects.filter(pk=connection.pk).update(
            state=ConnectionState.SIGN_IN, next_at=None
        )
    events.record(
        actor=SYSTEM,
        action=f"sync.{state}",
        subject=run,
        at=at,
        after={"rows": run.rows, "changed": run.changed, "parts": run.part, "error": message},
        team_path=connection.team.path,
        live=[f"connection:{connection.pk}", "connections"],
    )


def _reached(run: SyncRun) -> None:
    held = Connection.objects.filter(pk=run.connection_id)
    held.filter(complete_until=None).update(complete_until=run.last_day)
    held.filter(complete_until__lt=run.last_day).update(complete_until=run.last_day)
