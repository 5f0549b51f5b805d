"""The product put together: settings, addresses, processes, schedules."""

# Whatever process loads the settings wakes workers through the same queue; without this line
# pages and commands would talk to Celery's default broker.
from config.celery import app

__all__ = ["app"]
