"""The brand's people counted the plain way: row by row, in Python."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from tilth.warehouse.demo import Brand

Row = dict[str, Any]


class Oracle:
    """Everybody's rows under the one id that they are known by: an id stands for the person it is linked to, a shared one for itself."""

    def __init__(self, brand: Brand) -> None:
        owners: dict[str, set[str]] = defaultdict(set)
        for link in brand.tables["identities"].to_pylist():
            if link["value"] != link["person"]:
                owners[link["value"]].add(link["person"])
        self._owner = {value: next(iter(people)) for value, people in owners.items() if len(people) == 1}
        self.aliases: dict[str, list[str]] = defaultdict(list)
        for value, person in self._owner.items():
            self.aliases[person].append(value)
        self.events: dict[str, list[Row]] = defaultdict(list)
        frame = brand.tables["events"].to_pandas()
        for row in frame.to_dict("records"):
            self.events[self.of(row["person"])].append(row)
        self.lines = [{**line, "person": self.of(line["person"])} for line in brand.tables["orders"].to_pylist() if line["person"]]
        amounts: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for line in self.lines:
            amounts[line["person"], line["order"]] += line["amount"]
        self.orders: dict[str, dict[str, Decimal]] = defaultdict(dict)
        for (person, order), amount in amounts.items():
            if amount > 0:
                self.orders[person][order] = amount
        self.profiles = [{**row, "person": self.of(row["person"])} for row in brand.tables["people"].to_pylist()]
        self.exposures = brand.tables["memberships"].to_pylist()
        self.people = {*self.events, *(line["person"] for line in self.lines), *(row["person"] for row in self.profiles)}

    def of(self, id: str) -> str:
        """Return whom an id stands for."""
        return self._owner.get(id, id)
