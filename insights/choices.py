"""Names that others use of insights."""

# The feature that turns findings into recommendations.
ADVICE = "advice"
