"""How a question becomes a page.

A question of :mod:`tilth.analysis` is a dataclass of options. Its page is described once (:class:`~.kinds.Kind`, in ``measure/questions``): which
:mod:`field <.fields>` of the page fills which option, the sentence they stand in, and what the answer shows. All else is the same for every question:

* the address is the question: :mod:`.question` reads it and writes it back in one canonical form;
* :mod:`.narrowing` applies what all questions of events share: days, conditions, people, what to compare with;
* :mod:`.sentence` draws the pickers, :mod:`.answer` holds what is shown, as data, so that it can be kept;
* :mod:`.changes` words a change since another time, with its doubt.
"""
