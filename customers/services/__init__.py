"""Everything that changes customer records: loading, undoing, erasing, forgetting, renewing."""

from customers.services.access import personal_look
from customers.services.erasure import erasure_do, erasure_look
from customers.services.incidents import Incident, register_listener
from customers.services.keeping import retention_run, retention_set
from customers.services.loading import Loaded, records_load
from customers.services.renewing import tokens_renew
from customers.services.undo import records_undo

__all__ = [
    "Incident",
    "Loaded",
    "erasure_do",
    "erasure_look",
    "personal_look",
    "records_load",
    "records_undo",
    "register_listener",
    "retention_run",
    "retention_set",
    "tokens_renew",
]
