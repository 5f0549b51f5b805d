"""Reports that are ordered, waited for, and fetched as a zip or read in pages."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from integrations.models import SyncRun
from integrations.rules import api as rules
from integrations.rules.api.grammar import Report, Request
from integrations.services.connections.failures import Refused, Unreadable
from integrations.services.connections.talking import Platform

MOST_BYTES = 256 << 20


def report_fetch(
    run: SyncRun,
    platform: Platform,
    request: Request,
    report: Report,
    values: Mapping[str, Any],
    advance: Callable[..., None],
) -> bytes:
    """The table of a report as JSON rows."""
    told = report_made(run, platform, request, report, values, advance)
    address = rules.at(told, report.address)
    # A report without rows has no file.
    packed = platform.fetch(str(address)) if address else b""
    return json.dumps({"rows": _rows(packed)}).encode()


def report_made(
    run: SyncRun,
    platform: Platform,
    request: Request,
    report: Report,
    values: Mapping[str, Any],
    advance: Callable[..., None],
) -> Any:
    """What the platform says of a report that is ready.

    Its number is kept, so nobody orders it a second time; one that failed is forgotten.
    """
    if "report" not in run.cursor:
        told = platform.ask(report.order or request, values)
        number = rules.at(told, report.number)
        if not number:
            raise platform.garbage()
        advance(run, cursor={"report": str(number)})
    try:
        return _made(platform, report, {**values, "report": run.cursor["report"]})
    except ReportFailed:
        advance(run, cursor={})
        raise


class ReportFailed(Refused):
    """The platform gave a report up; only another one can help."""


class ReportLate(Refused):
    """The platform still works on a report, longer than a worker waits."""


def _made(platform: Platform, report: Report, values: Mapping[str, Any]) -> Any:
    for _ in range(report.most_polls):
        told = platform.ask(report.poll, values)
        state = str(rules.at(told, report.state))
        if state in report.done:
            return told
        if state in report.failed:
            raise ReportFailed(
                f"{platform.api.label} could not make the report.",
                remedy="Start the sync again; ask for fewer days if it lasts.",
            )
        platform.wait(report.wait_seconds)
    raise ReportLate(
        f"{platform.api.label} did not finish the report in time.",
        remedy="Go on with the sync later; ask for fewer days if it lasts.",
    )


def _rows(packed: bytes) -> list[dict[str, str]]:
    """The rows of the one table in a zip; lines before its header and after it do not exist in API reports."""
    if not packed:
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            inside = archive.infolist()[0]
            if inside.file_size > MOST_BYTES:
                raise ValueError("too large")
            text = archive.read(inside).decode("utf-8-sig")
    except (zipfile.BadZipFile, IndexError, ValueError, UnicodeDecodeError) as error:
        raise Unreadable(
            "The report is no zip with a table in it.",
            remedy="It is tried again at the next sync; tell the maintainers if it lasts.",
        ) from error
    dialect = "excel-tab" if "\t" in text.partition("\n")[0] else "excel"
    return [dict(row) for row in csv.DictReader(io.StringIO(text), dialect=dialect)]
