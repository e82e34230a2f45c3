"""The event index: the events of each person in order, as flat files that are mapped into memory.

``layout`` says what the files hold and opens them, ``build`` makes them of rows, ``fold`` takes new rows in, ``indexed`` answers questions from them.
Where the rows come from, and when an index is out of date, is the business of the floor above.
"""
