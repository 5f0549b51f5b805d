"""Below views, tasks and commands the clock is passed in, never looked at."""

from collections.abc import Iterable

from tests.architecture.source import Source, local_apps, nothing, sources

# Where the world comes in: a request, a message, a command. And the clock itself.
MAY_LOOK = {"views", "api", "tasks", "management", "admin", "middleware", "apps", "templatetags"}
# The clock itself, the moment a page is read as of, and the frame around it: they answer a request.
THE_CLOCK = {"core/clock.py", "core/known.py", "core/shell.py", "core/idempotency.py"}
LOOKS = {
    "now", "timezone.now", "datetime.now", "datetime.utcnow", "datetime.today", "datetime.datetime.now",
    "datetime.datetime.utcnow", "datetime.datetime.today", "date.today", "datetime.date.today",
    "time.time", "time.time_ns", "today", "clock.now", "clock.today",
}  # fmt: skip
# These look at the clock only when they are given no moment to convert.
CONVERTS = {"timezone.localdate", "timezone.localtime", "localdate", "localtime"}


def may_look(path: str) -> bool:
    parts = path.removesuffix(".py").split("/")
    return path in THE_CLOCK or bool(MAY_LOOK & set(parts[1:]))


def looks_at_the_clock(files: Iterable[Source]) -> list[str]:
    return [
        f"{file.path}:{line} {name}()"
        for file in files
        if not may_look(file.path)
        for line, name, arguments in file.calls()
        if name in LOOKS or (name in CONVERTS and not arguments)
    ]


def inside() -> list[Source]:
    rooms = {*local_apps(), "analytics"}
    return [file for file in sources() if file.path.split("/")[0] in rooms]


def test_the_clock_is_passed_in() -> None:
    assert inside()
    nothing(looks_at_the_clock(inside()))


def test_the_check_finds_a_look() -> None:
    text = "def f():\n    return timezone.now(), date.today(), now()\n"
    assert len(looks_at_the_clock([Source("budgets/services.py", text)])) == 3
    assert looks_at_the_clock([Source("budgets/views.py", text)]) == []
    assert looks_at_the_clock([Source("core/clock.py", text)]) == []
    converted = "def f(at):\n    return localtime(at), timezone.localdate()\n"
    assert len(looks_at_the_clock([Source("budgets/rules.py", converted)])) == 1
    passed = "def f(*, now):\n    return now + DAY\n"
    assert looks_at_the_clock([Source("budgets/services.py", passed)]) == []
