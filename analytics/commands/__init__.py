"""The command line, one module per command: `add` declares it, `run` answers it.

A command reads a CSV, calls one function of this package and returns what it answers, so that it
can be used on anybody's data without the product around it.
"""
