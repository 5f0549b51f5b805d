"""Runs the forecast command on a file and prints the CPU seconds and the megabytes that it took."""

from __future__ import annotations

import resource
import sys

from analytics.__main__ import main

if __name__ == "__main__":
    failed = main(["forecast", sys.argv[1], "--horizon", "30", "--out", sys.argv[2]])
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)
    sys.exit(failed)
