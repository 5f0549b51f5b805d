from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0007_stream_journeys"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="event_choices",
            field=models.JSONField(default=dict),
        ),
    ]
