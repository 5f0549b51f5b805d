"""What must not go into production."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register


def no_fake_platform(app_configs: Any, **kwargs: Any) -> list[Error]:  # noqa: ARG001
    """Credentials would go to whoever answers at that address."""
    if not settings.FAKE_PLATFORM_URL:
        return []
    return [
        Error(
            "FAKE_PLATFORM_URL sends every question for a platform, with its credentials, elsewhere.",
            hint="Take it out of the environment.",
            id="integrations.E001",
        )
    ]


def no_loopback_fetches(app_configs: Any, **kwargs: Any) -> list[Error]:  # noqa: ARG001
    """A fetched URL would reach what listens on this machine alone."""
    this_machine = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
    opened = [ip_network(text) for text in settings.FETCH_PRIVATE_NETWORKS]
    if not any(a.version == b.version and a.overlaps(b) for a in opened for b in this_machine):
        return []
    return [
        Error(
            "FETCH_PRIVATE_NETWORKS lets people fetch from this machine itself.",
            hint="Name only the networks that exports are fetched from.",
            id="integrations.E002",
        )
    ]


def register_checks() -> None:
    register(no_fake_platform, Tags.security, deploy=True)
    register(no_loopback_fetches, Tags.security, deploy=True)
