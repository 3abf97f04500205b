"""Start recording in a traced process's child, then run the site's own ``sitecustomize``.

This folder, in the copy that lies with the records, is first on PYTHONPATH while a trace runs. So
``site`` imports this file instead of the ``sitecustomize`` that an administrator may have
installed: that one is run here, under its own name. If there is none, ``site`` gets the same
ImportError as without us.

Children may be of any Python: this file runs on all, and reports those too old to record.
"""
# mypy: disable-error-code="no-untyped-def, no-untyped-call, attr-defined"

import sys

_OURSELVES = []  # type: ignore[var-annotated]  # Python 2 empties a module without references


def _site_own(here):
    """Run the next ``sitecustomize`` on the path as the module of that name."""
    if sys.version_info < (3, 5):
        _OURSELVES.append(sys.modules.pop(__name__))
        try:
            __import__(__name__)
        except ImportError:
            return False
        return True
    # The import system itself, since importlib.util would import further modules.
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    spec = PathFinder.find_spec(__name__, [entry for entry in sys.path if entry != here])
    if spec is None or spec.loader is None:
        return False
    module = sys.modules[__name__] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return True


def _record(folder):
    """Make the probe's files, or their archive, importable under a private name and begin."""
    if sys.version_info < (3, 8):
        _too_old()
        return
    import os

    archive = os.path.join(folder, "probe.zip")
    package = type(sys)("_modelenv_probe")
    package.__path__ = [archive if os.path.isfile(archive) else folder]
    sys.modules["_modelenv_probe"] = package
    try:
        __import__("_modelenv_probe.start")
    except (ImportError, OSError):  # the trace has ended meanwhile, and this folder went with it
        return
    sys.modules["_modelenv_probe.start"].enter()


def _too_old():
    """Note in the spool that this process is not traced; see ``children.py`` for the name."""
    import os

    folder = os.environ.get("_MODELENV_TRACE_SPOOL", "")  # noqa: TID251
    if not os.path.isdir(folder):
        return
    pid, version = os.getpid(), "%d.%d" % sys.version_info[:2]
    words = "process %d: Python %s is too old for the tracer" % (pid, version)
    with open(os.path.join(folder, "%d-old.jsonl" % pid), "w") as file:
        file.write('["process",2,%d,%d,"python","python%s",0]\n' % (pid, os.getppid(), version))
        file.write('["unseen","%s",""]\n["stop",0]\n' % words)


def _enter():
    separator = "\\" if "\\" in __file__ else "/"
    here = __file__.rpartition(separator)[0]
    sys.path[:] = [entry for entry in sys.path if entry != here]
    found = True
    try:
        found = _site_own(here)
    finally:
        _record(here.rpartition(separator)[0])
    if not found:
        error = ImportError("No module named 'sitecustomize'")
        error.name = "sitecustomize"
        raise error


_enter()
