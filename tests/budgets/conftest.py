"""What the tests of budgets share."""

from __future__ import annotations

import pytest

from tests.budgets.world import World, create_world
from tests.cast import Cast


@pytest.fixture
def world(cast: Cast) -> World:
    return create_world(cast)
