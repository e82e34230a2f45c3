"""An answer as a file: its figures for a spreadsheet, its chart as a picture."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tilth.analysis.display import pictures, wording
from tilth.workbench.measure import answers
from tilth.workbench.measure.asking.answer import foremost
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.policies import questions
from tilth.workbench.shell import export as files

HEADINGS = {
    "step": gettext_lazy("Number of the step"),
    "label": gettext_lazy("Step"),
    "people": pgettext_lazy("column", "People"),
    "from_start": gettext_lazy("Share of the first step"),
    "from_previous": gettext_lazy("Share of the step before"),
    "median_seconds": gettext_lazy("Median seconds since the step before"),
    "mean_seconds": gettext_lazy("Mean seconds since the step before"),
    "cohort": gettext_lazy("Cohort"),
    "period": gettext_lazy("Period"),
    "size": gettext_lazy("People of the cohort"),
    "rate": gettext_lazy("Share that came back"),
    "complete": gettext_lazy("Period has wholly passed"),
}
"""What the columns of results are called in a file; others go by their own name."""

SIZE = (960, 420)


def export(request: HttpRequest, question: Question, catalogue: Catalogue, form: str) -> Any:
    """Return the answer as a file: ``csv``, ``xlsx`` (all figures, unrounded) or ``png`` (the chart that stands for it); 404 for another form."""
    questions.require(request.actor, "export")  # type: ignore[attr-defined]
    share = question.values.get("sample", 1)
    told = [_("sample of {share}").format(share=f"{share * 100:g}%")] if share < 1 else []
    name = " ".join([str(question.kind.label), question.kind.name(question, catalogue), *told, str(catalogue.last_day)])
    if form == "png":
        chart = foremost(answers.answer(question, catalogue))
        if chart is None:
            raise Http404
        response = HttpResponse(pictures.png(chart["option"], SIZE[0], max(SIZE[1], chart["height"])), content_type="image/png")
        response["Content-Disposition"] = 'attachment; filename="chart.png"'
        return response
    if form not in ("csv", "xlsx"):
        raise Http404
    return (files.csv_response if form == "csv" else files.xlsx_response)(name, *figures(question, catalogue))


def figures(question: Question, catalogue: Catalogue) -> tuple[list[tuple[str, str]], list[dict[Any, Any]]]:
    """Return the columns, with their headings, and the rows of an answer's file."""
    with wording.calling(answers.called(question, catalogue)):
        columns, frame = question.kind.data(answers.result(question, catalogue), question)
        by = question.values.get("by")
        if by and by in frame:
            frame = frame.assign(**{by: frame[by].map(wording.value)})
    return [(column, str(HEADINGS.get(column, heading))) for column, heading in columns], frame.to_dict("records")
