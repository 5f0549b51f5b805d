"""The queues of the workers: what takes minutes must not stand before what must be quick."""

# Imports, syncs, reports, forecasts: whatever comes.
USUAL = "celery"
# Counting of event streams, the look that follows it, and orders to platforms: seconds each.
QUICK = "quick"
