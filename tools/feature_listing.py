"""A pytest plug-in for `make features`: print which collected test proves which feature."""

import pytest

PREFIX = "feature-test "


def pytest_collection_finish(session: pytest.Session) -> None:
    for item in session.items:
        for name, feature in item.user_properties:
            if name == "feature":
                print(f"{PREFIX}{feature} {item.nodeid}")
