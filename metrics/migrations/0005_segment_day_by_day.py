"""Pages ask for the segments of days of all lines."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("metrics", "0004_revisions_by_natural_key")]

    operations = [
        migrations.AddIndex(
            model_name="segmentday",
            index=models.Index(fields=["day"], name="metrics_segment_day_day"),
        ),
    ]
