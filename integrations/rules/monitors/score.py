"""How good a source's data is: one number that anybody can work out again."""

PER_ERROR = 20
PER_WARNING = 5
FORMULA = (
    f"100, less {PER_ERROR} for each open error and {PER_WARNING} for each open warning, never below "
    "0. What a person accepted with a reason does not count."
)


def score(errors: int, warnings: int) -> int:
    """0 to 100."""
    return max(0, 100 - PER_ERROR * errors - PER_WARNING * warnings)
