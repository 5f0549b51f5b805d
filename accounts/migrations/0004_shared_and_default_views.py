import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_separate_duties"),
    ]

    operations = [
        migrations.CreateModel(
            name="DefaultView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("page", models.CharField(max_length=80)),
            ],
            options={
                "ordering": ["page"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="savedview",
            name="accounts_view_name_once",
        ),
        migrations.RemoveField(
            model_name="savedview",
            name="is_shared",
        ),
        migrations.AddField(
            model_name="savedview",
            name="deleted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="savedview",
            name="team",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="saved_views",
                to="accounts.team",
            ),
        ),
        migrations.AlterField(
            model_name="savedview",
            name="query",
            field=models.TextField(blank=True),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None)),
                fields=("user", "page", "name"),
                name="accounts_view_name_once",
            ),
        ),
        migrations.AddField(
            model_name="defaultview",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="default_views",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="defaultview",
            name="view",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.savedview",
            ),
        ),
        migrations.AddConstraint(
            model_name="defaultview",
            constraint=models.UniqueConstraint(
                fields=("user", "page"), name="accounts_view_default_once"
            ),
        ),
    ]
