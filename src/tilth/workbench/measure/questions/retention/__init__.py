"""The retention page: of those who began in a period, how many come back in the periods after it, and what they bring.

What is asked stands in :mod:`.page`; the answer is shown as shares, people, a sum or a sum per person: :mod:`.shown`; :mod:`.curves` draws it and
:mod:`.tables` lists it.
"""

from tilth.workbench.measure.questions.retention.page import RetentionPage

__all__ = ["RetentionPage"]
