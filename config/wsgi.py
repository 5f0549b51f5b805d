"""The pages, for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# What was loaded by now stays for good: looking through it again and again for garbage took a
# quarter of the time of pages that read many rows.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 100)
