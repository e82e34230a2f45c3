"""Every job from a terminal: each command is the thin twin of a library call, in a file of its own.

``main`` finds commands and answers for exit codes, ``command`` gives every command its common options and help in two languages, ``output`` prints
tables, JSON and errors, ``source`` opens what a question is asked of, ``steps`` reads steps and conditions as they are written on a command line,
``questions`` holds the options that a question has wherever it is asked.
"""
