"""Endpoints of imports and of the files for platforms under /api/v1/."""

from django.urls import path

from integrations.api import connections, known, quality, quarantine, streams, views, ways

urlpatterns = [
    path("imports/", views.Imports.as_view(), name="api-imports"),
    path("imports/<int:pk>/", views.ImportDetail.as_view(), name="api-import"),
    path("imports/<int:pk>/answer/", views.ImportAnswer.as_view(), name="api-import-answer"),
    path("imports/<int:pk>/import/", views.ImportConfirm.as_view(), name="api-import-confirm"),
    path("imports/<int:pk>/stop/", views.ImportStop.as_view(), name="api-import-stop"),
    path("imports/<int:pk>/override/", views.ImportOverride.as_view(), name="api-import-override"),
    path("imports/<int:pk>/undo/", views.ImportUndo.as_view(), name="api-import-undo"),
    path("imports/<int:pk>/discard/", views.ImportDiscard.as_view(), name="api-import-discard"),
    path(
        "imports/<int:pk>/dependents/",
        quarantine.Dependents.as_view(),
        name="api-import-dependents",
    ),
    path("imports/<int:pk>/mend/", quarantine.Mend.as_view(), name="api-import-mend"),
    path("imports/<int:pk>/dismiss/", quarantine.Dismiss.as_view(), name="api-import-dismiss"),
    path("quarantine/", quarantine.Queue.as_view(), name="api-quarantine"),
    path("ways-in/", ways.Ways.as_view(), name="api-ways"),
    path("ways-in/<int:pk>/", ways.WayDetail.as_view(), name="api-way"),
    path("ways-in/<int:pk>/switch/", ways.WaySwitch.as_view(), name="api-way-switch"),
    path("ways-in/<int:pk>/take/", ways.WayTake.as_view(), name="api-way-take"),
    path("imports/<int:pk>/quarantine/", views.Quarantine.as_view(), name="api-import-quarantine"),
    path("imports/<int:pk>/file/", views.ImportFile.as_view(), name="api-import-file"),
    path("connections/", connections.Connections.as_view(), name="api-connections"),
    path("connections/<int:pk>/", connections.ConnectionDetail.as_view(), name="api-connection"),
    path(
        "connections/<int:pk>/credentials/",
        connections.Credentials.as_view(),
        name="api-connection-credentials",
    ),
    path(
        "connections/<int:pk>/test/",
        connections.ConnectionTest.as_view(),
        name="api-connection-test",
    ),
    path(
        "connections/<int:pk>/pause/",
        connections.ConnectionPause.as_view(),
        name="api-connection-pause",
    ),
    path("connections/<int:pk>/syncs/", connections.Syncs.as_view(), name="api-connection-syncs"),
    path("syncs/<int:pk>/", connections.SyncDetail.as_view(), name="api-sync"),
    path("syncs/<int:pk>/stop/", connections.SyncStop.as_view(), name="api-sync-stop"),
    path("syncs/<int:pk>/go-on/", connections.SyncGoOn.as_view(), name="api-sync-go-on"),
    path("platform-orders/", connections.Orders.as_view(), name="api-platform-orders"),
    path("platform-orders/<int:pk>/", connections.OrderDetail.as_view(), name="api-platform-order"),
    path(
        "platform-orders/<int:pk>/retry/",
        connections.OrderRetry.as_view(),
        name="api-platform-order-retry",
    ),
    path(
        "platform-orders/<int:pk>/settle/",
        connections.OrderSettle.as_view(),
        name="api-platform-order-settle",
    ),
    path("quality/issues/", quality.Issues.as_view(), name="api-quality-issues"),
    path("quality/issues/<int:pk>/", quality.IssueDetail.as_view(), name="api-quality-issue"),
    path("quality/sources/", quality.SourcesQuality.as_view(), name="api-quality-sources"),
    path("quality/sources/<int:pk>/", quality.SourceQuality.as_view(), name="api-quality-source"),
    path("quality/sources/<int:pk>/levels/", quality.Levels.as_view(), name="api-quality-levels"),
    path(
        "quality/holds/<int:pk>/release/", quality.HoldDetail.as_view(), name="api-quality-release"
    ),
    path("naming-rules/", quality.NamingRules.as_view(), name="api-naming-rules"),
    path("dictionary/", quality.Dictionary.as_view(), name="api-dictionary"),
    path("samples/<slug:layout>/", quality.SampleFile.as_view(), name="api-sample-file"),
    path("sources/", known.Sources.as_view(), name="api-sources"),
    path("mappings/", known.Mappings.as_view(), name="api-mappings"),
    path("mappings/<int:pk>/", known.MappingDetail.as_view(), name="api-mapping"),
    path("platform-files/", views.PlatformFiles.as_view(), name="api-platform-files"),
    path("platform-files/<int:pk>/", views.PlatformFile.as_view(), name="api-platform-file"),
    path("events", streams.Events.as_view(), name="api-stream-send"),
    path("streams/", streams.Streams.as_view(), name="api-streams"),
    path("streams/<int:pk>/", streams.StreamDetail.as_view(), name="api-stream"),
    path("streams/<int:pk>/events/", streams.StreamEvents.as_view(), name="api-stream-events"),
]
