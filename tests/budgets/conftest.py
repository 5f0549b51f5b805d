"""What the tests of budgets share."""

from __future__ import annotations

import pytest

from accounts.choices import Role
from accounts.models import Membership, User
from tests.budgets.world import World, create_world
from tests.cast import Cast


@pytest.fixture
def world(cast: Cast) -> World:
    return create_world(cast)


@pytest.fixture
def auditor2(cast: Cast) -> User:
    """Noor, a second person of finance, who confirms what Ben asks for."""
    user = User.objects.create_user("noor@tarnfell.test", "Noor Haddad", title="Controller")
    Membership.objects.create(user=user, team=cast.company, role=Role.AUDITOR)
    return user
