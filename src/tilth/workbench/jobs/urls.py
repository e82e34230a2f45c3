"""Pages of background jobs."""

from __future__ import annotations

from django.urls import path

from tilth.workbench.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.listing, name="list"),
    path("running/", views.running, name="running"),
    path("schedules/", views.schedules, name="schedules"),
    path("schedules/<int:pk>/<slug:verb>/", views.change_schedule, name="schedule"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/retry/", views.retry, name="retry"),
]
