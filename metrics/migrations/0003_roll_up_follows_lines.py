"""The channel roll-up follows a line that moves to another channel, campaign or team."""

from django.db import migrations

MEASURES = (
    "impressions, clicks, spend, conversions, revenue, order_value, leads, engagements, video_views"
)
SUMS = ", ".join(f"sum(d.{name})::bigint" for name in MEASURES.split(", "))

# The lock is the one that loads take per team (metrics.services.locks).
FORWARD = f"""
CREATE FUNCTION metrics_channel_day_rebuild(the_team bigint, the_channel bigint, the_currency text)
RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(7402412, the_team::int);
    DELETE FROM metrics_channelday
    WHERE team_id = the_team AND channel_id = the_channel AND currency = the_currency;
    INSERT INTO metrics_channelday (day, channel_id, team_id, currency, {MEASURES})
    SELECT d.day, the_channel, the_team, the_currency, {SUMS}
    FROM metrics_lineday d
    JOIN campaigns_campaignline l ON l.id = d.line_id
    JOIN campaigns_campaign c ON c.id = l.campaign_id
    WHERE c.team_id = the_team AND l.channel_id = the_channel AND l.currency = the_currency
      AND d.period_days = 1
    GROUP BY d.day;
$$;

CREATE FUNCTION metrics_line_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM metrics_channel_day_rebuild(c.team_id, place.channel_id, place.currency)
    FROM (VALUES (OLD.campaign_id, OLD.channel_id, OLD.currency),
                 (NEW.campaign_id, NEW.channel_id, NEW.currency))
         AS place (campaign_id, channel_id, currency)
    JOIN campaigns_campaign c ON c.id = place.campaign_id
    ORDER BY c.team_id;
    RETURN NULL;
END $$;

CREATE FUNCTION metrics_campaign_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM metrics_channel_day_rebuild(team.id, place.channel_id, place.currency)
    FROM (SELECT DISTINCT channel_id, currency
          FROM campaigns_campaignline WHERE campaign_id = NEW.id) AS place,
         (VALUES (OLD.team_id), (NEW.team_id)) AS team (id)
    ORDER BY team.id;
    RETURN NULL;
END $$;

CREATE TRIGGER metrics_line_moved
AFTER UPDATE OF campaign_id, channel_id, currency ON campaigns_campaignline
FOR EACH ROW WHEN (OLD.campaign_id <> NEW.campaign_id OR OLD.channel_id <> NEW.channel_id
                   OR OLD.currency <> NEW.currency)
EXECUTE FUNCTION metrics_line_moved();

CREATE TRIGGER metrics_campaign_moved
AFTER UPDATE OF team_id ON campaigns_campaign
FOR EACH ROW WHEN (OLD.team_id <> NEW.team_id)
EXECUTE FUNCTION metrics_campaign_moved();
"""

BACKWARD = """
DROP TRIGGER metrics_campaign_moved ON campaigns_campaign;
DROP TRIGGER metrics_line_moved ON campaigns_campaignline;
DROP FUNCTION metrics_campaign_moved();
DROP FUNCTION metrics_line_moved();
DROP FUNCTION metrics_channel_day_rebuild(bigint, bigint, text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
        ("metrics", "0002_facts_by_natural_key"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
