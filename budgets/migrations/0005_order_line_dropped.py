from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("budgets", "0004_closed_months")]
    operations = [
        migrations.AddField(
            model_name="orderline",
            name="is_dropped",
            field=models.BooleanField(default=False),
        )
    ]
