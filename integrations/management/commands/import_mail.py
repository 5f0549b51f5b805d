"""Take the files of a mail that the mail server pipes in: ``import_mail < message``.

Postfix: ``imports unix - n n - - pipe user=adroit argv=/srv/adroit/manage.py import_mail
--to=${original_recipient} --sender=${sender}``. The exit code tells it to bounce (67: no such
address, 77: sender not allowed, 65: no file) or that all is well.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand

from core import clock
from core.errors import AdroitError, NotAllowed
from integrations.services import ways

# Of sysexits.h, which mail servers understand.
NO_DATA: Final = 65
NO_USER: Final = 67
NOT_ALLOWED: Final = 77
# Base64 makes a mail a third larger than its files.
LARGEST: Final = settings.UPLOAD_MAX_BYTES * 2


class Command(BaseCommand):
    help = "Take the files of a mail from standard input; see docs/capabilities/imports.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", default="", help="the envelope's recipient")
        parser.add_argument("--sender", default="", help="the envelope's sender")

    def handle(self, *_: Any, **options: Any) -> None:
        data = sys.stdin.buffer.read(LARGEST + 1)
        if len(data) > LARGEST:
            self._end(NO_DATA, f"The mail is larger than {LARGEST // 1024 // 1024} MB.")
        try:
            delivery = ways.mail_take(
                data,
                today=clock.today(),
                at=clock.now(),
                to=options["to"],
                sender=options["sender"],
            )
        except NotAllowed as error:
            self._end(NOT_ALLOWED, error.message)
        except AdroitError as error:
            self._end(NO_USER if error.code == "unknown_address" else NO_DATA, error.message)
        else:
            for taken in delivery.files:
                self.stdout.write(f"{taken.name}: {taken.word}")

    def _end(self, code: int, message: str) -> None:
        self.stderr.write(message)
        raise SystemExit(code)
