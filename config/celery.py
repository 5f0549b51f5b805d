"""The job queue's application: workers and beat are started with `celery -A config.celery`.

Work that must happen is a row in the database first; a message here only wakes it,
and the sweep in `config.jobs` wakes what a lost message left asleep.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("adroit")
app.config_from_object("config.jobs")
app.autodiscover_tasks()
