"""What the audit says of images and documents, which Wagtail's pages write: every change passes here, and so does the right to it."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from wagtail import hooks
from wagtail.log_actions import get_active_log_context

from tilth.workbench.shell.models import WorkspaceDocument, WorkspaceImage
from tilth.workbench.shell.policies import media
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.actions import Actor, action, record
from tilth.workbench.tenancy.models import Membership

KINDS = {WorkspaceImage: "image", WorkspaceDocument: "document"}


@action(media, "add")
def add(actor: Actor, thing: Any) -> None:
    """Note a new file."""
    record(thing, kind=KINDS[type(thing)], bytes=thing.file_size)


@action(media, "change")
def change(actor: Actor, thing: Any) -> None:
    """Note a change of a file or of what is said about it."""
    record(thing, kind=KINDS[type(thing)])


@action(media, "delete")
def delete(actor: Actor, thing: Any) -> None:
    """Note a file that was removed."""
    record(thing, kind=KINDS[type(thing)])


def _note(verb: Any, thing: Any) -> None:
    """Note what a member does on Wagtail's pages; code that makes files by itself has an action of its own."""
    user, workspace = get_active_log_context().user, scope.chosen()
    if user is not None and workspace is not None:
        verb(Actor.of(Membership.objects.get(user=user, workspace=workspace)), thing)


@receiver(post_save, sender=WorkspaceImage)
@receiver(post_save, sender=WorkspaceDocument)
def saved(instance: Any, created: bool, update_fields: Any = None, **kwargs: Any) -> None:
    """Note a file that was added or changed; sizes and hashes that Wagtail fills in later are no change."""
    if update_fields is None:
        _note(add if created else change, instance)


@receiver(post_delete, sender=WorkspaceImage)
@receiver(post_delete, sender=WorkspaceDocument)
def deleted(instance: Any, **kwargs: Any) -> None:
    """Note a file that was removed."""
    _note(delete, instance)


@hooks.register("after_bulk_action")
def tagged(request: HttpRequest, action_type: str, objects: list[Any], view: Any) -> None:
    """Note tags that were given to many files at once."""
    if action_type == "add_tags":
        for thing in objects:
            _note(change, thing)
