"""Names that others use of insights."""

# The feature that turns findings into recommendations.
ADVICE = "advice"

# The kind of request that puts a version of a model in use.
PROMOTE = "model.promote"
