from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from accounts.choices import Role
from accounts.models import Membership, User
from core.models import Event
from tests.cast import PASSWORD, Cast

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)

Enter = Callable[[User | None], Client]


@pytest.fixture
def enter(db: None) -> Enter:
    """A browser in which somebody is signed in; None gives a stranger's."""

    def browser(user: User | None) -> Client:
        client = Client()
        if user:
            client.force_login(user)
        return client

    return browser


@pytest.fixture
def otto(cast: Cast) -> User:
    """A second administrator."""
    return cast.admin2


@pytest.fixture
def third_admin(cast: Cast) -> User:
    """One more, so that one of the others can be spared."""
    user = User.objects.create_user("vera@tarnfell.test", "Vera Koch", PASSWORD)
    Membership.objects.create(user=user, team=cast.company, role=Role.ADMIN)
    return user


def said(response: object) -> list[str]:
    """The messages a page left for the next one."""
    return [str(one) for one in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def latest_event() -> Event:
    return Event.objects.latest("id")
