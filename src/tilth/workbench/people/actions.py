"""What can be done with people: gather them in segments, see one in full, carry a list away, keep a view."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from tilth.engine.people import PersonSet
from tilth.errors import InputError
from tilth.warehouse import memberships, persons
from tilth.workbench.jobs.outbox import promise
from tilth.workbench.people.models import Change, Segment, View
from tilth.workbench.people.policies import people as policy
from tilth.workbench.people.policies import segments, views
from tilth.workbench.tenancy.actions import Actor, action, record


class BadName(InputError):
    """A name that cannot be given."""


class NoPeople(InputError):
    """A change of a segment that nobody takes part in."""

    def __init__(self) -> None:
        super().__init__(_("Nobody was chosen: choose people first."))


@action(segments, "save")
def save_segment(actor: Actor, *, name: str, people: PersonSet, description: str = "", source: dict[str, Any] | None = None) -> Segment:
    """Make a segment of people.

    Parameters
    ----------
    actor : Actor
        Who asks.
    name : str
        Not yet taken.
    people : PersonSet
        Ids of any kind; each person enters once.
    description : str, optional
        Who they are, in words.
    source : dict, optional
        How they were found, as in :mod:`tilth.workbench.people.sources`.

    Raises
    ------
    BadName
        When the name is empty, too long or taken.
    """
    name = _checked(Segment, name)
    segment = Segment.objects.create(
        name=name, code=_code(actor, name), description=description.strip()[:500], source=source or {}, owner=actor.user, size=0
    )
    moved = _change(actor, segment, Change.Verb.ENTER, people)
    record(segment, people=moved)
    return segment


@action(segments, "save")
def add_people(actor: Actor, *, thing: Segment, people: PersonSet) -> Segment:
    """Let people into a segment; NoPeople when there are none."""
    record(thing, added=_change(actor, thing, Change.Verb.ENTER, people))
    return thing


@action(segments, "save")
def remove_people(actor: Actor, *, thing: Segment, people: PersonSet) -> Segment:
    """Take people out of a segment; NoPeople when there are none."""
    record(thing, removed=_change(actor, thing, Change.Verb.LEAVE, people))
    return thing


@action(segments, "save")
def rename(actor: Actor, *, thing: Segment, name: str, description: str) -> Segment:
    """Give a segment another name and description; BadName when that cannot be."""
    before = thing.name
    thing.name, thing.description = _checked(Segment, name, thing), description.strip()[:500]
    thing.save(update_fields=["name", "description", "updated_at"])
    record(thing, before=before)
    return thing


@action(segments, "save")
def refresh_size(actor: Actor, *, thing: Segment) -> Segment:
    """Count a segment anew: people who have become one since count once."""
    facts = actor.workspace.facts
    thing.size = len(persons.resolve(facts, memberships.members(facts, thing.code)))
    thing.save(update_fields=["size"])
    record(thing, people=thing.size)
    return thing


@action(segments, "delete")
def delete(actor: Actor, *, thing: Segment) -> None:
    """Delete a segment; who was in it when stays in the facts."""
    record(thing, people=thing.size)
    promise("people.segment.delete", code=thing.code)
    thing.delete()


@action(policy, "contact")
def unmask(actor: Actor, *, person: str) -> None:
    """Say that somebody saw a person in full. The audit has the key of the person, which is no phone number and no mail address."""
    record(person, name="")


@action(policy, "export")
def export(actor: Actor, *, what: str, people: int, form: str, contacts: bool = False) -> None:
    """Say that somebody carries a list away; with contacts in full only who may see them."""
    if contacts:
        policy.require(actor, "contact")
    record(what, people=people, form=form, contacts=contacts)


@action(views, "save")
def save_view(actor: Actor, *, name: str, query: str) -> View:
    """Keep filters, columns and order of the list of people under a name, in place of an own view of that name."""
    known = View.objects.filter(name=name.strip()).first()
    if known is not None and not views.allows(actor, "delete", known):
        raise BadName(_("A view “{name}” is there already, and is not yours. Choose another name.").format(name=known.name))
    view = known or View(name=_checked(View, name), owner=actor.user)
    view.query = query
    view.save()
    record(view)
    return view


@action(views, "delete")
def delete_view(actor: Actor, *, thing: View) -> None:
    """Delete a saved view."""
    record(thing)
    thing.delete()


def _checked(model: Any, name: str, own: Any = None) -> str:
    name = " ".join(name.split())
    most = model._meta.get_field("name").max_length
    if not name:
        raise BadName(_("Write a name."))
    if len(name) > most:
        raise BadName(_("The name has {length} characters; {most} are the most.").format(length=len(name), most=most))
    if model.objects.filter(name=name).exclude(pk=own and own.pk).exists():
        raise BadName(_("“{name}” is there already. Choose another name.").format(name=name))
    return name


def _code(actor: Actor, name: str) -> str:
    """Return a code that no segment has or ever had: the name, numbered if need be."""
    taken = set(Segment.objects.filter(code__startswith=name).values_list("code", flat=True)) | set(memberships.sizes(actor.workspace.facts)["name"])
    return next(code for number in range(1, len(taken) + 2) if (code := name if number == 1 else f"{name} {number}") not in taken)


def _change(actor: Actor, segment: Segment, verb: Any, people: PersonSet) -> int:
    found = persons.resolve(actor.workspace.facts, people)
    if not len(found):
        raise NoPeople
    asked = Change.objects.create(segment=segment, verb=verb, people=Change.packed(found), at=timezone.now(), who=actor.name[:120])
    promise("people.segment.change", change=asked.pk)
    return len(found)
