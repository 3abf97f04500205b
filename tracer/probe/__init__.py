"""Code that travels into other interpreters: Python 3.8 syntax, plain classes, light imports.

A driver that has no tracer installed makes an empty module with this folder as its ``__path__``
under a private name and imports ``start`` from it.
"""
