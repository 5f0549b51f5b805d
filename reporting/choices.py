"""Names that others use of reporting."""

from accounts.choices import Role
from core.classification import Level

# The kind of change that lets a role take other documents away.
CLEARANCE = "reporting.clearance"

# Up to which classification a role exports, until two people decide otherwise.
CLEARED_AT_FIRST = {
    Role.EXECUTIVE: Level.RESTRICTED,
    Role.DIRECTOR: Level.RESTRICTED,
    Role.AUDITOR: Level.RESTRICTED,
    Role.MANAGER: Level.CONFIDENTIAL,
    Role.ANALYST: Level.CONFIDENTIAL,
    Role.ADMIN: Level.INTERNAL,
}
