"""A slice of a year of a real shop's invoice lines, with a few broken rows, and what the library itself answers about the whole rows."""

import csv
import gzip

import pandas as pd
from tests.real_data import real

import tilth as tl

EACH = 10
"""One customer in so many is taken: about 40,000 of the 541,909 lines, over the whole year."""
FAULTS = {1_200: ("InvoiceDate", "yesterday"), 3_400: ("InvoiceDate", ""), 5_600: ("Quantity", "six"), 7_800: ("UnitPrice", "free")}
"""Rows, counted from 1, that are broken: the column and what stands there."""


class Retail:
    """The slice.

    Attributes
    ----------
    rows : list of dict
        As they stand in the published file.
    """

    def __init__(self):
        with gzip.open(real("online_retail.csv.gz"), "rt", encoding="utf-8", newline="") as file:
            lines = csv.DictReader(file)
            self.columns = lines.fieldnames
            self.rows = [row for row in lines if row["CustomerID"] and int(row["CustomerID"]) % EACH == 0]

    def write(self, path, faults=FAULTS):
        """Write the slice with some values at fault."""
        with path.open("w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, self.columns)
            out.writeheader()
            for number, row in enumerate(self.rows, 1):
                out.writerow({**row, **({faults[number][0]: faults[number][1]} if number in faults else {})})
        return path

    def frame(self):
        """Return the whole rows with each line's amount."""
        lines = pd.DataFrame(self.rows)
        lines["amount"] = (lines["Quantity"].astype(int) * lines["UnitPrice"].astype(float)).round(4)
        return lines

    def people(self, segment):
        """Return the customers of an RFM segment, by the library."""
        orders = tl.Orders(self.frame(), person="CustomerID", time="InvoiceDate", amount="amount", order="InvoiceNo")
        return set(orders.rfm().people(segment=segment))

    def cohorts(self):
        """Return the cohorts of buyers by week, by the library: how many began, and the share that bought again a week later where that has passed.

        Orders count whose lines sum above 0.
        """
        lines = self.frame()
        lines["time"] = pd.to_datetime(lines["InvoiceDate"])
        orders = lines.groupby(["CustomerID", "InvoiceNo"], as_index=False).agg(time=("time", "min"), amount=("amount", "sum"))
        events = tl.Events(orders[orders["amount"] > 0].assign(event="order"), person="CustomerID", time="time", event="event")
        found = events.retention("order", "order", period="week", periods=10, until=lines["time"].max()).frame
        began = found.loc[found["period"] == 0, "size"].sum()
        passed = found[found["complete"] & (found["period"] == 1)]
        return int(began), passed["people"].sum() / passed["size"].sum()
