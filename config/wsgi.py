"""The pages, for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Nobody waits longer for a page; a question that takes longer must not hold the database either.
os.environ.setdefault("QUERY_SECONDS", "60")
application = get_wsgi_application()

# What was loaded by now stays for good: looking through it again and again for garbage took a
# quarter of the time of pages that read many rows.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 100)
