"""The funnel's page: how many people go from step to step, where they are lost, and which group gets furthest.

Its answer has four views, a file each: :mod:`.steps`, :mod:`.times`, :mod:`.trend` and :mod:`.pair`; key figures and definition are the same in all.
"""

from tilth.workbench.measure.questions.funnel.page import FunnelPage

__all__ = ["FunnelPage"]
