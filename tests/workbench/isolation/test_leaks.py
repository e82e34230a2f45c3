"""Three places where Wagtail by itself leaks from one workspace into another, and what happens there with our models.

Each place is tried twice with the same request of an operator of one workspace about an image of another. Without the scope (``unscoped``) isolation
rests on what Wagtail offers for it, a view's query set and a permission policy: lists are narrowed, the place itself leaks. Then with our managers.
"""

import json

import pytest
from wagtail.log_actions import log

from tilth.workbench.shell.media import audit
from tilth.workbench.shell.models import WorkspaceImage
from tilth.workbench.shell.wagtail_permissions import MediaPermissions
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry, ScopedManager

pytestmark = pytest.mark.django_db


@pytest.fixture
def unscoped(monkeypatch):
    """Take the scope out of the managers, and our audit, which asks for the right over the thing; narrow Wagtail's lists by a policy instead."""

    def used():
        monkeypatch.setattr(ScopedManager, "get_queryset", lambda manager: super(ScopedManager, manager).get_queryset())
        narrowed = lambda policy, user, actions: policy.model.objects.filter(workspace=scope.current())  # noqa: E731
        monkeypatch.setattr(audit, "_note", lambda verb, thing: None)
        monkeypatch.setattr(MediaPermissions, "instances_user_has_any_permission_for", narrowed)

    return used


def test_history(client_as, pictures, unscoped, settings, monkeypatch):
    settings.WORKSPACE_URLCONF = "tests.workbench.isolation.history_urls"
    ours, theirs = pictures
    for image, where in ((ours, ours.workspace), (theirs, theirs.workspace)):
        with scope.use(where):
            log(image, "wagtail.edit", title=f"the history of {image.title}")
    client = client_as("operator")
    assert client.get(f"/w/shop/tried/history/{ours.pk}/").status_code == 200
    for page in ("history", "history-results", "edit", "delete", "usage"):
        assert client.get(f"/w/shop/tried/{page}/{theirs.pk}/").status_code == 404, page
    unscoped()
    listed = client.get("/w/shop/tried/").content.decode()
    assert "Ours" in listed
    assert "Theirs" not in listed
    leaked = client.get(f"/w/shop/tried/history/{theirs.pk}/")
    assert leaked.status_code == 200
    assert "Theirs" in leaked.content.decode()


def chosen(answer):
    return json.loads(answer.content)["result"]["title"]


def test_chooser(client_as, pictures, documents, unscoped):
    client = client_as("operator")
    for room, (ours, theirs) in (("images", pictures), ("documents", documents)):
        assert chosen(client.get(f"/w/shop/{room}/chooser/chosen/{ours.pk}/")) == "Ours"
        assert client.get(f"/w/shop/{room}/chooser/chosen/{theirs.pk}/").status_code == 404
        assert "Theirs" not in client.get(f"/w/shop/{room}/chooser/results/?q=Theirs").content.decode().replace("<em>Theirs</em>", "")
    unscoped()
    assert "Theirs" not in client.get("/w/shop/documents/chooser/results/").content.decode()
    assert chosen(client.get(f"/w/shop/documents/chooser/chosen/{documents[1].pk}/")) == "Theirs"


def test_bulk_action(client_as, pictures, unscoped, workspace):
    ours, theirs = pictures
    client = client_as("operator")

    def there():
        with scope.everywhere():
            return WorkspaceImage.objects.filter(pk=theirs.pk).exists(), sorted(theirs.tags.values_list("name", flat=True))

    bulk = f"/w/shop/bulk/shell/workspaceimage/{{}}/?id={theirs.pk}"
    for action, form in (("delete", {}), ("add_tags", {"tags": "taken"})):
        assert client.get(bulk.format(action)).status_code == 404
        assert client.post(bulk.format(action), form).status_code == 404
    assert there() == (True, ["Theirs"])
    mixed = client.post(f"/w/shop/bulk/shell/workspaceimage/add_tags/?id={theirs.pk}&id={ours.pk}", {"tags": "mine"})
    assert mixed.status_code == 302
    assert there() == (True, ["Theirs"])
    with scope.use(workspace):
        assert set(ours.tags.values_list("name", flat=True)) == {"Ours", "mine"}
        assert [(entry.code, entry.name) for entry in Entry.objects.all()] == [("media.change", "Ours")]
    everything = client.post("/w/shop/bulk/shell/workspaceimage/delete/?id=all")
    assert everything.status_code == 302
    assert there() == (True, ["Theirs"])
    with scope.use(workspace):
        assert not WorkspaceImage.objects.exists()

    unscoped()
    assert "Theirs" not in client.get("/w/shop/images/results/").content.decode()
    assert client.post(bulk.format("delete")).status_code == 302
    assert there()[0] is False
