"""After a new SEALING_KEY: bring everything that is sealed under it, so that the old key can go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from integrations.services import connections


class Command(BaseCommand):
    help = "Encrypt stored credentials anew under the first of the sealing keys."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        with transaction.atomic():
            count = connections.connections_reseal()
        self.stdout.write(f"{count} connections are sealed with today's key.")
