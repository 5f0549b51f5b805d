"""`manage.py board_pack`: make the board pack of a period now."""

from reporting import services
from reporting.management.reports import ReportCommand


class Command(ReportCommand):
    help = "Makes the board pack of a period, freezes it, and writes the PDF."
    make = staticmethod(services.board_pack)
