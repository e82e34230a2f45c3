"""Pages of questions: a page, a list of people and a running answer for each kind that is registered, and what is kept."""

from __future__ import annotations

from django.urls import path

from tilth.workbench.measure import questions as _questions  # noqa: F401  (registers the kinds)
from tilth.workbench.measure.asking.kinds import ordered
from tilth.workbench.measure.views import asking, boards, mails, saved

app_name = "measure"
urlpatterns = [
    path("", saved.questions_list, name="list"),
    path("saved/<int:pk>/", saved.opened, name="saved"),
    path("saved/<int:pk>/delete/", saved.delete, name="delete"),
    path("save/", saved.save, name="save"),
    path("cancel/<int:pk>/", asking.cancel, name="cancel"),
    path("dashboards/", boards.boards, name="boards"),
    path("dashboards/new/", boards.make, name="make_board"),
    path("dashboards/put/", boards.put, name="put"),
    path("dashboards/<int:pk>/", boards.board, name="board"),
    path("dashboards/<int:pk>/change/", boards.change, name="change_board"),
    path("dashboards/<int:pk>/arrange/", boards.arrange, name="arrange"),
    path("dashboards/<int:pk>/tile/<int:key>/", boards.tile, name="tile"),
    path("dashboards/<int:pk>/mails/", mails.mails, name="mails"),
    path("dashboards/<int:pk>/mails/see/", mails.see, name="see_mail"),
    path("dashboards/<int:pk>/mails/picture/<slug:name>.png", mails.picture, name="mail_picture"),
    path("home/tile/<slug:key>/", boards.standard_tile, name="standard"),
]
for _kind in ordered():
    urlpatterns += [
        path(f"{_kind.code}/", asking.ask, {"code": _kind.code}, name=_kind.code),
        path(f"{_kind.code}/people/", asking.people, {"code": _kind.code}, name=f"{_kind.code}_people"),
    ]
