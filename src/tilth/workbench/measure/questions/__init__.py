"""The questions that can be asked on a page, one file each; importing this package registers them."""

from tilth.workbench.measure.questions import funnel, retention, rfm

__all__ = ["funnel", "retention", "rfm"]
