"""The questions that can be asked on a page, one file each; importing this package registers them."""

from tilth.workbench.measure.questions import (
    activation,
    activity,
    frequency,
    funnel,
    intervals,
    lifecycle,
    paths,
    retention,
    rfm,
    sales,
    sessions,
    stickiness,
    touchpoints,
)

__all__ = [
    "activation",
    "activity",
    "frequency",
    "funnel",
    "intervals",
    "lifecycle",
    "paths",
    "retention",
    "rfm",
    "sales",
    "sessions",
    "stickiness",
    "touchpoints",
]
