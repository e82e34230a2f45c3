"""People: as a list, one by one, and what each did over time."""

from tilth.warehouse.persons.filter import RANGES, Did, FilterError, PeopleFilter, Range, Where
from tilth.warehouse.persons.listing import Page, chosen, every_id, listing, properties, resolve, values
from tilth.warehouse.persons.one import Figures, LinkedId, Person, Stay, UnknownPerson, person
from tilth.warehouse.persons.timeline import Moment, Timeline, timeline

__all__ = [
    "RANGES",
    "Did",
    "Figures",
    "FilterError",
    "LinkedId",
    "Moment",
    "Page",
    "PeopleFilter",
    "Person",
    "Range",
    "Stay",
    "Timeline",
    "UnknownPerson",
    "Where",
    "chosen",
    "every_id",
    "listing",
    "person",
    "properties",
    "resolve",
    "timeline",
    "values",
]
