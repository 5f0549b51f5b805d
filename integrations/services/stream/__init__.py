"""Events that come in one by one: accepted at once, counted in micro-batches, never lost between."""

from integrations.services.stream.accepting import Busy, Receipt, events_accept
from integrations.services.stream.counting import stream_flush
from integrations.services.stream.opening import stream_open
from integrations.services.stream.people import StreamPeople
from integrations.services.stream.withdrawing import stream_withdraw
from integrations.services.stream.working import flush_events

__all__ = [
    "Busy",
    "Receipt",
    "StreamPeople",
    "events_accept",
    "flush_events",
    "stream_flush",
    "stream_open",
    "stream_withdraw",
]
