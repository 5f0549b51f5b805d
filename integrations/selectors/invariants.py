"""What must always hold of event streams: counted once, and every one of them."""

from __future__ import annotations

from core.invariants import register_check, rows_of

NOT_THE_SUM = """
SELECT coalesce(t.stream_id, e.stream_id), coalesce(t.topic, e.topic), coalesce(t.day, e.day) FROM (
  SELECT stream_id, subject_id, topic, day, events, impressions, clicks, spend, conversions, revenue
  FROM integrations_streamtotal WHERE events > 0) t
FULL JOIN (
  SELECT e.stream_id, e.subject_id, e.topic, e.day, count(*) AS events,
    sum(e.impressions) AS impressions, sum(e.clicks) AS clicks, sum(e.spend) AS spend,
    sum(e.conversions) AS conversions, sum(e.revenue) AS revenue
  FROM integrations_streamevent e JOIN integrations_eventstream s ON s.id = e.stream_id
  WHERE e.id <= s.counted_event AND NOT e.is_withdrawn
  GROUP BY e.stream_id, e.subject_id, e.topic, e.day) e
ON e.stream_id = t.stream_id AND e.subject_id IS NOT DISTINCT FROM t.subject_id
  AND e.topic = t.topic AND e.day = t.day
WHERE (t.events, t.impressions, t.clicks, t.spend, t.conversions, t.revenue) IS DISTINCT FROM
  (e.events, e.impressions, e.clicks, e.spend, e.conversions, e.revenue)"""

NOT_THE_FACT = """
SELECT coalesce(t.source_id, f.source), coalesce(t.line_id, f.line_id), coalesce(t.day, f.day) FROM (
  SELECT s.source_id, n.line_id, t.day, sum(impressions) AS impressions, sum(clicks) AS clicks,
    sum(spend) AS spend, sum(conversions) AS conversions, sum(revenue) AS revenue
  FROM integrations_streamtotal t JOIN integrations_streamsubject n ON n.id = t.subject_id
  JOIN integrations_eventstream s ON s.id = t.stream_id
  WHERE t.topic = '' GROUP BY s.source_id, n.line_id, t.day) t
FULL JOIN (
  SELECT f.* FROM metrics_fact f JOIN integrations_eventstream s ON s.source_id = f.source) f
ON f.source = t.source_id AND f.line_id = t.line_id AND f.day = t.day
WHERE (t.impressions, t.clicks, t.spend, t.conversions, t.revenue) IS DISTINCT FROM
  (f.impressions, f.clicks, f.spend, f.conversions, f.revenue)
AND NOT EXISTS (SELECT FROM integrations_leveltotal l
  WHERE l.source_id = t.source_id AND l.line_id = t.line_id AND l.day = t.day)
AND NOT EXISTS (SELECT FROM integrations_hold h
  WHERE h.source_id = t.source_id AND h.released_at IS NULL
    AND h.keys @> jsonb_build_array(jsonb_build_array(t.line_id, t.day::text)))"""


def register() -> None:
    """Add the promises of streams; called once when the product starts."""
    register_check(
        "A stream's day is the sum of its counted events",
        lambda: rows_of(NOT_THE_SUM, "stream {0}, “{1}” on {2}"),
    )
    register_check(
        "The facts of a stream are its days, but for those held back or cut finer",
        lambda: rows_of(NOT_THE_FACT, "source {0}, line {1} on {2}"),
    )
