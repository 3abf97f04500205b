"""What travels into other interpreters: Python 3.8 syntax, plain classes, no heavy import.

A driver that has no tracer installed makes an empty module with this folder as its ``__path__``
under a private name and imports ``start`` from it.
"""
