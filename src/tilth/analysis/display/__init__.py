"""Showing an answer: as a card in a notebook, as a page of its own, and as rows that a terminal prints.

Computing and drawing are apart: a result gives figures (``frame``), an ECharts option (``chart()``) and words (``title()``,
``definition()``); these modules lay them out. ``tables`` turns a result into rows of worded cells, ``charts`` embeds the option,
``cards`` joins them into HTML, ``overview`` composes the first questions about a whole brand.
"""

from tilth.analysis.display.cards import Asked, Figure, card, page

__all__ = ["Asked", "Figure", "card", "page"]
