"""What upper apps have to say about the name of a campaign."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import Team

# Why a name does not follow a team's rules, with what to do; "" when it does.
NameCheck = Callable[[Team, str], str]
_checks: list[NameCheck] = []


def register_name_check(check: NameCheck) -> None:
    """Give an upper app a say about names; it warns and stops nobody."""
    if check not in _checks:
        _checks.append(check)


def name_warnings(team: Team, name: str) -> list[str]:
    """What is wrong with a name, as sentences."""
    return [said for check in _checks if (said := check(team, name))]
