"""`manage.py train_model`: train a kind of model on what is known now and register the version."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Team, User
from core import clock
from core.errors import AdroitError
from insights.models import ModelVersion
from insights.selectors.versions import headline
from insights.services.training import model_train

BAR = 30


class Command(BaseCommand):
    help = "Trains a model on what is known now and registers the version beside the one in use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kind", required=True, choices=ModelVersion.Kind.values)
        parser.add_argument("--team", default="", help="name of the team; the company without it")
        parser.add_argument("--by", default="", help="e-mail of who answers for it")

    def handle(self, *, kind: str, team: str, by: str, **options: Any) -> None:  # noqa: ARG002
        found = Team.objects.filter(name=team) if team else Team.objects.filter(parent=None)
        on = found.order_by("path").first()
        if on is None:
            raise CommandError(
                f"There is no team called “{team}”." if team else "There is no company yet."
            )
        user = User.objects.filter(email=by.lower()).first() if by else None
        if by and user is None:
            raise CommandError(f"Nobody has the address {by}.")
        try:
            made = model_train(kind=kind, team=on, user=user, at=clock.now(), say=self._say)
        except AdroitError as error:
            raise CommandError(f"{error.message} {error.remedy}".strip()) from error
        self.stdout.write(f"\r{_told(made)}{' ' * BAR}")

    def _say(self, done: int, total: int, note: str) -> None:
        full = BAR * done // max(total, 1)
        self.stdout.write(f"\r{'█' * full}{'·' * (BAR - full)} {note}", ending="")
        self.stdout.flush()


def _told(made: ModelVersion) -> str:
    if made.reason:
        return f"{made}: no model, {made.reason.replace('_', ' ')}."
    state = made.get_state_display().lower()
    return f"{made}, {state}: {headline(made) or 'no scores yet'}, {made.rows:,} rows."
