"""Pages of data."""

from __future__ import annotations

from django.urls import path

from tilth.workbench.data.views import dictionary, history, home, live, preparing, properties, quarantine, sources, uploading, write_keys

app_name = "data"
urlpatterns = [
    path("", home.home, name="home"),
    path("demo/", history.demo, name="demo"),
    path("tables/<slug:table>/", home.table, name="table"),
    path("load/", uploading.choose, name="choose"),
    path("load/uploads/", uploading.begin, name="begin"),
    path("load/uploads/<uuid:key>/", uploading.piece, name="piece"),
    path("load/uploads/<uuid:key>/finish/", uploading.finish, name="finish"),
    path("load/uploads/<uuid:key>/discard/", uploading.discard, name="discard"),
    path("load/<int:pk>/", preparing.preview, name="preview"),
    path("load/<int:pk>/columns/", preparing.columns, name="columns"),
    path("load/<int:pk>/start/", preparing.start, name="start"),
    path("load/<int:pk>/run/", preparing.running, name="running"),
    path("loads/", history.listing, name="loads"),
    path("loads/<slug:load>/", history.one, name="load"),
    path("loads/<slug:load>/undo/", history.undo, name="undo"),
    path("quarantine/", quarantine.listing, name="quarantine"),
    path("quarantine/export/", quarantine.export, name="quarantine_export"),
    path("quarantine/reload/", quarantine.reload, name="quarantine_reload"),
    path("quarantine/<slug:load>/", quarantine.load, name="quarantine_load"),
    path("quarantine/<slug:load>/replace/", quarantine.replace, name="quarantine_replace"),
    path("quarantine/<slug:load>/decide/", quarantine.decide, name="quarantine_decide"),
    path("quarantine/<slug:load>/<int:row>/", quarantine.row, name="quarantine_row"),
    path("quarantine/<slug:load>/<int:row>/full/", quarantine.full, name="quarantine_full"),
    path("live/", live.arrivals, name="live"),
    path("live/first/", live.first, name="first"),
    path("live/items/<slug:name>/", live.item, name="live_item"),
    path("live/items/<slug:name>/full/", live.full, name="live_full"),
    path("keys/", write_keys.listing, name="write_keys"),
    path("keys/new/", write_keys.create, name="write_key_new"),
    path("keys/<int:pk>/", write_keys.one, name="write_key"),
    path("keys/<int:pk>/rotate/", write_keys.rotate, name="write_key_rotate"),
    path("keys/<int:pk>/revoke/", write_keys.revoke, name="write_key_revoke"),
    path("sources/", sources.listing, name="sources"),
    path("sources/new/", sources.edit, name="source_new"),
    path("sources/<int:pk>/", sources.edit, name="source"),
    path("sources/<int:pk>/try/", sources.attempt, name="source_try"),
    path("sources/<int:pk>/run/", sources.run, name="source_run"),
    path("sources/<int:pk>/delete/", sources.delete, name="source_delete"),
    path("events/", dictionary.listing, name="events"),
    path("events/describe/<path:code>", dictionary.describe, name="event_describe"),
    path("events/merge/<path:code>", dictionary.merge, name="event_merge"),
    path("events/about/<path:code>", dictionary.event, name="event"),
    path("properties/<slug:table>/<path:code>", properties.describe, name="property_describe"),
]
