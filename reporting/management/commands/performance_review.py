"""`manage.py performance_review`: make the performance review of a period now."""

from reporting import services
from reporting.management.reports import ReportCommand


class Command(ReportCommand):
    help = "Makes the performance review of a period, freezes it, and writes the PDF."
    make = staticmethod(services.performance_review)
