from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_shared_and_default_views"),
        ("reporting", "0002_report_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="annotation",
            options={"ordering": ["first_day", "id"]},
        ),
        migrations.AddField(
            model_name="annotation",
            name="deleted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="annotation",
            index=models.Index(fields=["team", "first_day"], name="reporting_annotation_team"),
        ),
    ]
