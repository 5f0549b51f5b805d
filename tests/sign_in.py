"""A browser of somebody who has just signed in, with a password or second factor, as decisions want it."""

from __future__ import annotations

from django.test import Client

from accounts.models import User
from accounts.services.fresh import mark_fresh
from core import clock


def signed_in(user: User) -> Client:
    """A client whose session counts as signed in a moment ago."""
    client = Client()
    client.force_login(user)
    return freshen(client, user)


def freshen(client: Client, user: User) -> Client:
    """Write into a client's session that the person proved who they are now."""
    session = client.session
    mark_fresh(session, user, at=clock.now())
    session.save()
    return client
