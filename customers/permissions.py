"""Who may see which hidden field of a contact: ``field_rights.csv``, in the letters of the matrix.

``A`` everywhere, ``S`` in the teams of one's role, ``-`` never. A field that nobody grants is
never shown, on no page, in no export and in no answer of the API.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from accounts.choices import ROLE_COLUMNS
from accounts.models import Team, User
from customers.choices import PersonalField

RIGHTS_FILE = Path(__file__).with_name("field_rights.csv")


@cache
def field_rights() -> dict[PersonalField, dict[str, str]]:
    """Field -> role -> level."""
    with RIGHTS_FILE.open(newline="", encoding="utf-8") as file:
        return {
            PersonalField(row["field"]): {
                role: row[column] for column, role in ROLE_COLUMNS.items()
            }
            for row in csv.DictReader(file)
        }


def may_see(user: User, field: PersonalField, team: Team) -> bool:
    """Whether a person may see one field of the contacts of a team."""
    row = field_rights()[field]
    return any(
        row[held.role] == "A" or (row[held.role] == "S" and team.path.startswith(held.team.path))
        for held in user.current_memberships()
    )


def fields_for(user: User, team: Team) -> list[PersonalField]:
    """The fields of a contact that a person may be shown; the label alone is not hidden."""
    found = [field for field in PersonalField if may_see(user, field, team)]
    return found if found != [PersonalField.LABEL] else []
