"""The paths page: what people do one after the other.

Its answer has three views, a file each: :mod:`.moves`, :mod:`.matrix` and :mod:`.alike`.
"""

from tilth.workbench.measure.questions.paths.page import PathsPage

__all__ = ["PathsPage"]
