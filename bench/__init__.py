"""What is fast and what is accurate, each against a peer in the same run: ``python -m bench``."""

import os

import django

# Benchmarks use the product's own code, which needs its settings before the first import.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
