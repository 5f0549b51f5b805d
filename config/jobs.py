"""Celery's configuration; the lower-case names are Celery's own.

Read lazily, after Django's settings, so that a `.env` file they load counts here.
"""

import os
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

from config.places import var_folder
from core.queues import QUICK, USUAL

_ = settings.SECRET_KEY  # loads the settings, and with them the environment file


def broker(env: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The broker's address and transport options.

    `CELERY_BROKER_URL` (amqp://, redis://) wins; without it messages are files in
    the `queue` folder of ADROIT_VAR.
    """
    url = env.get("CELERY_BROKER_URL", "").strip()
    if url:
        # Longer than any task's time limit, so that no task runs twice at once.
        return url, {"visibility_timeout": 2 * 3600} if url.startswith("redis") else {}
    folder = var_folder(env) / "queue"
    messages, control = folder / "messages", folder / "control"
    for path in (messages, control):
        path.mkdir(parents=True, exist_ok=True)
    TRANSPORT_ALIASES["files"] = "config.file_queue:Transport"
    return "files://localhost//", {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "polling_interval": 0.1,
    }


broker_url, broker_transport_options = broker(os.environ)
broker_connection_retry_on_startup = True
# A page does not wait for a broker that is down: the row stands, and the sweep finds it.
broker_connection_timeout = 2
task_publish_retry = False

accept_content = ["json"]
task_serializer = "json"
result_serializer = "json"
task_ignore_result = True

# A worker started without -Q takes from both.
task_default_queue = USUAL
task_queues = [Queue(name, Exchange(name), name) for name in (USUAL, QUICK)]

enable_utc = True
timezone = "UTC"

# A message is taken off the queue when its task has ended, and goes back when the
# process that ran it was killed.
task_acks_late = True
task_reject_on_worker_lost = True
worker_prefetch_multiplier = 4
task_soft_time_limit = 30 * 60
task_time_limit = 35 * 60

worker_hijack_root_logger = False
worker_send_task_events = False

# Beat only ticks. What is due when, in whose time zone, is computed by the tick itself
# and kept under a unique (schedule, due time), so a doubled or late tick does no harm.
# A tick that waited longer than its successor is of no use to anybody.
_EVERY = float(os.environ.get("TICK_SECONDS") or 30)
beat_schedule = {
    "tick": {"task": "core.tasks.tick", "schedule": _EVERY, "options": {"expires": _EVERY}},
    "sweep-outbox": {
        "task": "core.tasks.sweep_outbox",
        "schedule": _EVERY,
        "options": {"expires": _EVERY},
    },
    "quick-worker": {
        "task": "core.tasks.quick_worker_heard",
        "schedule": _EVERY,
        "options": {"expires": _EVERY, "queue": QUICK},
    },
}
beat_schedule_filename = str(var_folder(os.environ) / "beat-schedule")
