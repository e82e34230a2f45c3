"""Dashboards: answers side by side, asked about the same days and people, arranged by hand; the home page is one.

:mod:`.grid` places tiles, :mod:`.asked` says what each of them asks, :mod:`.standard` holds the dashboards that every workspace has from the start,
:mod:`.actions` changes them, :mod:`.mailing` sends them.
"""
