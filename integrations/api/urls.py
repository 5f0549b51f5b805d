"""Endpoints of imports and of the files for platforms under /api/v1/."""

from django.urls import path

from integrations.api import known, views

urlpatterns = [
    path("imports/", views.Imports.as_view(), name="api-imports"),
    path("imports/<int:pk>/", views.ImportDetail.as_view(), name="api-import"),
    path("imports/<int:pk>/answer/", views.ImportAnswer.as_view(), name="api-import-answer"),
    path("imports/<int:pk>/import/", views.ImportConfirm.as_view(), name="api-import-confirm"),
    path("imports/<int:pk>/override/", views.ImportOverride.as_view(), name="api-import-override"),
    path("imports/<int:pk>/undo/", views.ImportUndo.as_view(), name="api-import-undo"),
    path("imports/<int:pk>/discard/", views.ImportDiscard.as_view(), name="api-import-discard"),
    path("imports/<int:pk>/quarantine/", views.Quarantine.as_view(), name="api-import-quarantine"),
    path("imports/<int:pk>/file/", views.ImportFile.as_view(), name="api-import-file"),
    path("sources/", known.Sources.as_view(), name="api-sources"),
    path("mappings/", known.Mappings.as_view(), name="api-mappings"),
    path("mappings/<int:pk>/", known.MappingDetail.as_view(), name="api-mapping"),
    path("platform-files/", views.PlatformFiles.as_view(), name="api-platform-files"),
    path("platform-files/<int:pk>/", views.PlatformFile.as_view(), name="api-platform-file"),
]
