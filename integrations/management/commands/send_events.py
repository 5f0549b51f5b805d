"""Send a file of events to a running Adroit, as another system does: in pieces, and again when asked to wait."""

from __future__ import annotations

import gzip
import json
import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

AT_ONCE = 2_000
NEWLINE = b"\n"
# How often a piece is sent again when the answer is "not now" or does not come.
TRIES = 20
SHOWN = 20


class Command(BaseCommand):
    help = (
        "Send a file of events, one JSON object a line, to a stream; sending it again is harmless."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--stream", required=True, help="the stream's key")
        parser.add_argument(
            "--token",
            default=os.environ.get("ADROIT_TOKEN", ""),
            help="a token that may send events (else the environment's ADROIT_TOKEN)",
        )
        parser.add_argument("--url", default=settings.SITE_URL, help="where Adroit answers")
        parser.add_argument("--lines", type=int, default=AT_ONCE, help="lines in one request")

    def handle(self, *_: Any, **options: Any) -> None:
        file: Path = options["file"]
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if not options["token"]:
            raise CommandError("Give --token; tokens are made under My account.")
        sums = dict.fromkeys(("accepted", "known", "rejected"), 0)
        for first, piece in _pieces(file, max(options["lines"], 1)):
            told = self._sent(piece, options)
            for error in told["errors"][:SHOWN]:
                number = first + error["line"] - 1
                self.stderr.write(f"  line {number} {error['field']}: {error['message']}")
            for name in sums:
                sums[name] += told[name]
            self.stdout.write(f"{first + piece.count(NEWLINE) - 1:,} lines sent", ending="\r")
        self.stdout.write(
            f"{sums['accepted']:,} accepted, {sums['known']:,} known already,"
            f" {sums['rejected']:,} refused."
        )
        if sums["rejected"]:
            raise SystemExit(1)

    def _sent(self, piece: bytes, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to a piece; it is sent again until there is one."""
        for attempt in range(1, TRIES + 1):
            try:
                answer, body = _post(piece, options)
            except OSError as error:
                if attempt == TRIES:
                    raise CommandError(f"{options['url']} does not answer: {error}") from error
                time.sleep(min(attempt, 10))
                continue
            if answer.status == 429 or answer.status >= 500:
                time.sleep(int(answer.headers.get("Retry-After") or 2))
                continue
            return _told(answer.status, body)
        raise CommandError("The stream asked to wait for too long. Send the file again later.")


def _pieces(file: Path, lines: int) -> Iterator[tuple[int, bytes]]:
    """So many lines at a time, each piece with the number of its first line."""
    first, piece = 1, []
    with file.open("rb") as opened:
        for number, line in enumerate(opened, 1):
            piece.append(line)
            if len(piece) == lines:
                yield first, b"".join(piece)
                first, piece = number + 1, []
    if piece:
        yield first, b"".join(piece)


def _post(piece: bytes, options: dict[str, Any]) -> tuple[HTTPResponse, bytes]:
    address = urlsplit(options["url"])
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.hostname or "localhost", address.port, timeout=60)
    headers = {
        "Authorization": f"Bearer {options['token']}",
        "Content-Type": "application/x-ndjson",
        "Content-Encoding": "gzip",
    }
    try:
        path = f"/api/v1/events?stream={quote(options['stream'])}"
        connection.request("POST", path, gzip.compress(piece, 1), headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def _told(status: int, body: bytes) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(body)
    except ValueError:
        raise CommandError(f"No answer of Adroit: {status}.") from None
    if status == 202:
        return told
    error = told.get("error", {})
    if error.get("code") == "all_lines_bad":
        details = error["details"]
        return {"accepted": 0, "known": 0, "rejected": len(details), "errors": details}
    raise CommandError(f"{error.get('message', status)} {error.get('remedy', '')}".strip())
