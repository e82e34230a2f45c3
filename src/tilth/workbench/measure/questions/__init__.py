"""The questions that can be asked on a page, one file each; importing this package registers them."""

from tilth.workbench.measure.questions import activity, funnel, retention, rfm, sales

__all__ = ["activity", "funnel", "retention", "rfm", "sales"]
