"""Pages of people."""

from __future__ import annotations

from django.urls import path

from tilth.workbench.people.views import gathering, listing, person, segments

app_name = "people"
urlpatterns = [
    path("", listing.list_people, name="list"),
    path("condition/", listing.condition, name="condition"),
    path("views/save/", listing.save_view, name="view_save"),
    path("views/<int:pk>/delete/", listing.delete_view, name="view_delete"),
    path("gather/", gathering.gather, name="gather"),
    path("export/", gathering.export, name="export"),
    path("exported/<int:pk>/", gathering.exported, name="exported"),
    path("segments/", segments.list_segments, name="segments"),
    path("segments/save/", gathering.save, name="segment_save"),
    path("segments/add/", gathering.add, name="segment_add"),
    path("segments/<int:pk>/", segments.show, name="segment"),
    path("segments/<int:pk>/edit/", segments.edit, name="segment_edit"),
    path("segments/<int:pk>/remove/", segments.remove, name="segment_remove"),
    path("segments/<int:pk>/count/", segments.recount, name="segment_count"),
    path("segments/<int:pk>/delete/", segments.delete, name="segment_delete"),
    path("one/<str:key>/", person.show, name="person"),
    path("one/<str:key>/contact/", person.unmask, name="unmask"),
    path("one/<str:key>/timeline/", person.timeline, name="timeline"),
    path("one/<str:key>/rfm/", person.rfm, name="rfm"),
    path("one/<str:key>/join/", person.join, name="join"),
    path("one/<str:key>/leave/", person.leave, name="leave"),
]
