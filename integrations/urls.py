"""The import centre, below /imports/."""

from django.urls import path

from integrations.views import bulk, imports, known

app_name = "integrations"
urlpatterns = [
    path("", imports.imports, name="imports"),
    path("platform-files/", bulk.bulk_files, name="bulk-files"),
    path("platform-files/<int:pk>/", bulk.bulk_file, name="bulk-file"),
    path("sources/", known.sources, name="sources"),
    path("mappings/", known.mappings, name="mappings"),
    path("mappings/forget/", known.mapping_forget, name="mapping-forget"),
    path("<int:pk>/", imports.run, name="run"),
    path("<int:pk>/check/", imports.check, name="run-check"),
    path("<int:pk>/import/", imports.import_run, name="run-import"),
    path("<int:pk>/undo/", imports.undo, name="run-undo"),
    path("<int:pk>/override/", imports.override, name="run-override"),
    path("<int:pk>/discard/", imports.discard, name="run-discard"),
    path("<int:pk>/file/", imports.download, name="run-file"),
]
