"""Accounts that are read and changed through the APIs of their platforms."""

from integrations.services.connections.accounts import (
    AccountFacts,
    connection_change,
    connection_create,
    connection_pause,
    connection_test,
    connections_reseal,
    credentials_set,
    events_known,
)
from integrations.services.connections.asking import (
    open_sync,
    platform_of,
    sync_ask,
    sync_due,
    sync_go_on,
    sync_stop,
    work,
    work_now,
    work_order,
)
from integrations.services.connections.failures import (
    Busy,
    Later,
    PlatformError,
    Refused,
    SignInAgain,
    Unavailable,
    Unreadable,
)
from integrations.services.connections.orders import (
    Change,
    connection_for,
    order_ask,
    order_retry,
    order_settle,
    order_work,
)
from integrations.services.connections.pages import pages_forget
from integrations.services.connections.requests import change_request
from integrations.services.connections.syncing import sync_work
from integrations.services.connections.talking import Platform
from integrations.services.connections.wire import Http

__all__ = [
    "AccountFacts",
    "Busy",
    "Change",
    "Http",
    "Later",
    "Platform",
    "PlatformError",
    "Refused",
    "SignInAgain",
    "Unavailable",
    "Unreadable",
    "change_request",
    "connection_change",
    "connection_create",
    "connection_for",
    "connection_pause",
    "connection_test",
    "connections_reseal",
    "credentials_set",
    "events_known",
    "open_sync",
    "order_ask",
    "order_retry",
    "order_settle",
    "order_work",
    "pages_forget",
    "platform_of",
    "sync_ask",
    "sync_due",
    "sync_go_on",
    "sync_stop",
    "sync_work",
    "work",
    "work_now",
    "work_order",
]
