"""A dashboard as an Excel workbook: a sheet for each tile, with its figures unrounded."""

from __future__ import annotations

from typing import Any

from tilth.workbench.measure import exporting
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.dashboards.asked import Common, question_of
from tilth.workbench.measure.models import Dashboard
from tilth.workbench.shell import export


def workbook(thing: Dashboard, common: Common, catalogue: Catalogue) -> Any:
    """Return the figures of all tiles of a dashboard as a file to be saved."""
    sheets = []
    for tile in thing.tiles.select_related("question").exclude(question=None):
        question = question_of(tile.question.kind, tile.question.query, common, catalogue)
        if question is None or question.faults or not catalogue.rows_of(question.kind.source):
            continue
        sheets.append((str(tile), *exporting.figures(question, catalogue)))
    return export.xlsx_sheets_response(f"{thing.name} {catalogue.last_day}", sheets)
