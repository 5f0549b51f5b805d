"""Everything that runs by itself, in the order of the day. Hours are the organisation's local time."""

from core.schedules import DAILY, HOURLY, MONTHLY, Schedule

SCHEDULES = [
    Schedule("seal-events", "Seal the audit trail", HOURLY, "core.tasks.seal_events", minute=5),
    Schedule(
        "forget-old-keys",
        "Forget answers kept for repeated API requests",
        DAILY,
        "core.idempotency.forget_old_keys",
        hour=3,
    ),
    Schedule(
        "expire-requests",
        "End requests that nobody decided in time",
        HOURLY,
        "approvals.services.expire_due",
        minute=10,
    ),
    Schedule(
        "wake-alerts",
        "Open alerts again whose snooze is over",
        HOURLY,
        "automation.services.wake_snoozed",
        minute=15,
    ),
    Schedule(
        "daily-check",
        "Compare targets, pace, trend and budgets",
        DAILY,
        "insights.services.daily_check",
        hour=6,
    ),
    Schedule(
        "measure-verdicts",
        "Measure what came of changes",
        DAILY,
        "insights.services.measure_verdicts",
        hour=6,
        minute=30,
    ),
    Schedule(
        "performance-review",
        "Draft last month's performance reviews",
        MONTHLY,
        "reporting.services.monthly_reviews",
        hour=7,
        day=2,
    ),
    Schedule(
        "board-pack",
        "Make and send last month's board pack",
        MONTHLY,
        "reporting.services.monthly_board_pack",
        hour=7,
        minute=30,
        day=3,
    ),
]
