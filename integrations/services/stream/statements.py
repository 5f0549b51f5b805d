"""The set-based statements of a stream: rows never pass one by one through Python."""

# One staging table a connection: made once, empty again with every commit.
STAGING = """
CREATE TEMP TABLE IF NOT EXISTS stream_incoming (
  line int, event_id text, digest uuid, kind text, topic text, at timestamptz, day date,
  subject_id bigint, person text, impressions bigint, clicks bigint, spend bigint,
  conversions bigint, revenue bigint) ON COMMIT DELETE ROWS"""

COPY_IN = "COPY stream_incoming FROM STDIN"

# In the order of ids, so that two requests with the same ones never wait for each other.
ACCEPT = """
INSERT INTO integrations_streamevent (stream_id, received_at, is_withdrawn, event_id, digest, kind,
  topic, at, day, subject_id, person, impressions, clicks, spend, conversions, revenue)
SELECT DISTINCT ON (event_id) %s, %s::timestamptz, false, event_id, digest, kind,
  topic, at, day, subject_id, person, impressions, clicks, spend, conversions, revenue
FROM stream_incoming ORDER BY event_id, line
ON CONFLICT DO NOTHING"""

CONTRADICTING = """
SELECT i.line FROM stream_incoming i JOIN integrations_streamevent e
ON e.stream_id = %s AND e.event_id = i.event_id AND e.digest <> i.digest ORDER BY 1"""

ADD = """
INSERT INTO integrations_streamtotal AS t
  (stream_id, subject_id, topic, day, events, impressions, clicks, spend, conversions, revenue)
SELECT stream_id, subject_id, topic, day, count(*), sum(impressions)::bigint, sum(clicks)::bigint,
  sum(spend)::bigint, sum(conversions)::bigint, sum(revenue)::bigint
FROM integrations_streamevent
WHERE stream_id = %s AND id > %s AND id <= %s AND NOT is_withdrawn
GROUP BY stream_id, subject_id, topic, day
ON CONFLICT (stream_id, subject_id, topic, day) DO UPDATE SET
  events = t.events + excluded.events,
  impressions = coalesce(t.impressions + excluded.impressions, t.impressions, excluded.impressions),
  clicks = coalesce(t.clicks + excluded.clicks, t.clicks, excluded.clicks),
  spend = coalesce(t.spend + excluded.spend, t.spend, excluded.spend),
  conversions = coalesce(t.conversions + excluded.conversions, t.conversions, excluded.conversions),
  revenue = coalesce(t.revenue + excluded.revenue, t.revenue, excluded.revenue)
RETURNING subject_id, topic, day"""

# A campaign may have several subjects (it was renamed, say); its line counts them all.
FACTS = """
SELECT s.line_id, t.day, sum(t.impressions)::bigint AS impressions, sum(t.clicks)::bigint AS clicks,
  sum(t.spend)::bigint AS spend, sum(t.conversions)::bigint AS conversions,
  sum(t.revenue)::bigint AS revenue
FROM integrations_streamtotal t
JOIN integrations_streamsubject s ON s.id = t.subject_id
JOIN (SELECT DISTINCT n.line_id, k.day FROM unnest(%s::bigint[], %s::date[]) k(id, day)
      JOIN integrations_streamsubject n ON n.id = k.id) touched
  ON touched.line_id = s.line_id AND touched.day = t.day
WHERE t.stream_id = %s AND t.topic = ''
GROUP BY s.line_id, t.day"""

OBSERVED = """
SELECT topic, day, sum(events)::bigint AS events, sum(revenue)::bigint AS revenue
FROM integrations_streamtotal
WHERE stream_id = %s AND (topic, day) IN (SELECT * FROM unnest(%s::text[], %s::date[]))
GROUP BY topic, day"""

END_OBSERVATIONS = """
UPDATE metrics_observation SET ended_by_id = %s
WHERE team_id = %s AND ended_by_id IS NULL AND first_day = last_day AND (metric, subject, first_day) IN
  (SELECT * FROM unnest(%s::text[], %s::text[], %s::date[]))"""

# How long the events of a micro-batch had waited, in milliseconds.
WAITED = """
SELECT count(*) AS events, min(received_at) AS oldest_at,
  coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY waited), 0) AS lag_p50,
  coalesce(percentile_disc(0.95) WITHIN GROUP (ORDER BY waited), 0) AS lag_p95,
  coalesce(max(waited), 0) AS lag_max
FROM (SELECT received_at, extract(epoch FROM %s::timestamptz - received_at) * 1000 AS waited
      FROM integrations_streamevent WHERE stream_id = %s AND id > %s AND id <= %s) e"""

# What was counted for the run, and what was delivered to it and still waits.
WITHDRAW = """
WITH gone AS (
  UPDATE integrations_streamevent e SET is_withdrawn = true
  WHERE stream_id = %s AND NOT is_withdrawn AND (EXISTS (
      SELECT FROM integrations_streamflush f
      WHERE f.run_id = %s AND e.id BETWEEN f.first_event AND f.last_event)
    OR e.id > %s AND e.received_at IN (
      SELECT received_at FROM integrations_streamdelivery d WHERE d.run_id = %s))
  RETURNING subject_id, topic, day)
SELECT DISTINCT subject_id, topic, day FROM gone"""

SUM_AGAIN = """
WITH fresh AS (
  SELECT k.subject_id, k.topic, k.day, count(e.id) AS events, sum(e.impressions)::bigint AS impressions,
    sum(e.clicks)::bigint AS clicks, sum(e.spend)::bigint AS spend,
    sum(e.conversions)::bigint AS conversions, sum(e.revenue)::bigint AS revenue
  FROM unnest(%s::bigint[], %s::text[], %s::date[]) k(subject_id, topic, day)
  LEFT JOIN integrations_streamevent e ON e.stream_id = %s AND e.id <= %s AND NOT e.is_withdrawn
    AND e.topic = k.topic AND e.day = k.day AND e.subject_id IS NOT DISTINCT FROM k.subject_id
  GROUP BY k.subject_id, k.topic, k.day)
UPDATE integrations_streamtotal t SET events = fresh.events, impressions = fresh.impressions,
  clicks = fresh.clicks, spend = fresh.spend, conversions = fresh.conversions, revenue = fresh.revenue
FROM fresh WHERE t.stream_id = %s AND t.topic = fresh.topic AND t.day = fresh.day
  AND t.subject_id IS NOT DISTINCT FROM fresh.subject_id"""
