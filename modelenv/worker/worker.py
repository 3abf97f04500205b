"""Load a model, predict on the example, report. Run by path in any interpreter.

python worker.py JOB [PROBE SPOOL LOADER [everything]]

JOB is a JSON file (see ``job.py``). With PROBE, SPOOL and LOADER all imports from here on are
recorded; with the last argument, all other touches too. Events are reported as JSON lines in a
separate file, each written at once, so that the last stage is known whatever the model prints and
however it ends. Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import errno
import os
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any


def _package(name: str, *folders: str) -> None:
    """Make the files in `folders` importable as `name`, without an entry on ``sys.path``."""
    module = type(sys)(name)
    module.__path__ = list(folders)
    sys.modules[name] = module


class Results:
    """The report: one JSON line per event, appended and flushed at once.

    The file is open only while an event is written, so a model that closes or writes to inherited
    descriptors cannot harm it.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._owner = os.getpid()

    @property
    def ours(self) -> bool:
        """Return whether this process is the worker, and not a child that the model forked."""
        return os.getpid() == self._owner

    def say(self, event: str, **values: object) -> None:
        """Append one event; a forked child that returned from the model ends instead."""
        import json

        if not self.ours:
            os._exit(0)
        values["event"] = event
        # The file was made by our starter; if it is gone, nobody would read a new one.
        fd = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(fd, (json.dumps(values) + "\n").encode("ascii"))
        finally:
            os.close(fd)


# The stages in which the trace sees calls, and in what detail; see the tracer's `start.py`.
_CALLS = {"predict": "places", "predict again": "all"}


class Stages:
    """Run one stage after the other; a failure is reported with the stage that it happened in."""

    def __init__(self, results: Results, recorder: Any) -> None:
        self._results = results
        self._recorder = recorder
        self.name = "start"
        self.example: int | None = None
        """The number of the example that the stage works on."""

    def enter(self, name: str) -> None:
        """Report that the stage `name` begins."""
        self.name = name
        if self._recorder is not None and name == "compare":
            self._recorder.rest()  # the model does nothing more
        elif self._recorder is not None:
            self._recorder.phase(name, _CALLS.get(name, ""))
        self._results.say("stage", name=name)

    def hold(self, model: object) -> None:
        """Report to the trace the references that the model's functions and classes hold."""
        if self._recorder is not None:
            self._recorder.hold(model)


def describe() -> dict[str, Any]:
    """Return this interpreter's description: its marker variables (PEP 508) and its folders."""
    import platform
    import sysconfig

    version = sys.implementation.version
    full = "%s.%s.%s" % (version.major, version.minor, version.micro)
    if version.releaselevel != "final":
        full += version.releaselevel[0] + str(version.serial)
    folders = {sysconfig.get_path(key) for key in ("stdlib", "platstdlib")}
    return {
        "executable": sys.executable,
        "base": getattr(sys, "_base_executable", None) or sys.executable,
        "version": "%d.%d.%d" % sys.version_info[:3],
        "path": [os.path.abspath(entry) for entry in sys.path],
        "stdlib": sorted(folder for folder in folders if folder),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "markers": {
            "implementation_name": sys.implementation.name,
            "implementation_version": full,
            "os_name": os.name,
            "platform_machine": platform.machine(),
            "platform_python_implementation": platform.python_implementation(),
            "platform_release": platform.release(),
            "platform_system": platform.system(),
            "platform_version": platform.version(),
            "python_full_version": platform.python_version(),
            "python_version": ".".join(platform.python_version_tuple()[:2]),
            "sys_platform": sys.platform,
        },
    }


def mapped_libraries() -> list[str]:
    """Return the names of the shared libraries in this process, where the system tells (Linux)."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
            names = {line.rstrip("\n").rpartition("/")[2] for line in file if "/" in line}
    except OSError:
        return []
    return sorted(name for name in names if name.endswith(".so") or ".so." in name)


def _load(job: dict[str, Any]) -> Any:
    """Load the model through the loader that travels with it."""
    _package("_modelenv_loader", os.path.dirname(job["loader"]))
    name = os.path.splitext(os.path.basename(job["loader"]))[0]
    loader = getattr(__import__("_modelenv_loader." + name), name)
    return loader._load_pyfunc(job["model"])


def _predict(model: Any, described: dict[str, Any], example: Any, stages: Stages) -> Any:
    """Return the prediction on the example, or on each of several."""
    if described["type"] != "examples":
        return model.predict(example)
    predictions = []
    for stages.example, each in enumerate(example):
        predictions.append(model.predict(each))
    stages.example = None
    return predictions


def _written(
    values: Any, prediction: Any, stem: str, dump: Any, forms: list[str]
) -> dict[str, Any]:
    try:
        written: dict[str, Any] = values.write(prediction, stem, dump, forms=tuple(forms))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # a value's __reduce__ may raise anything
        if getattr(error, "errno", None) in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
            where = os.path.dirname(stem)
            raise OSError(
                "the disk is full: the prediction cannot be written to %s (%s)" % (where, error)
            ) from None
        kind = "%s.%s" % (type(prediction).__module__, type(prediction).__qualname__)
        raise TypeError(
            "the prediction is a %s, of which no pickle can be made (%s): %s"
            % (kind, error, _way_out(prediction))
        ) from None
    return written


def _way_out(prediction: Any) -> str:
    from inspect import isawaitable

    if isawaitable(prediction):
        return "await it inside the model (`return asyncio.run(...)` in a plain `def`)"
    return "return a value that is whole, a list for instance"


def _run(job: dict[str, Any], results: Results, stages: Stages) -> None:
    import gc
    import pickle
    from time import perf_counter as clock

    from _modelenv_rooms.worker import values  # type: ignore[import-not-found]
    from _modelenv_rooms.worker.comparing import parts  # type: ignore[import-not-found]
    from _modelenv_rooms.worker.processes import own  # type: ignore[import-not-found]

    if job.get("memory"):
        own.limit_memory(job["memory"])
    if job["made"]:
        from _modelenv_rooms.worker.comparing import apart

        stages.enter("compare")
        gc.disable()  # what is read has no cycles, and looking for them takes as long as reading
        told = apart.compare_apart(job["expected"], job["made"], job["skipped"], job["relative"])
        results.say("compared", **told)
        results.say("done", load=0.0, predict=0.0)
        return
    began = clock()
    stages.enter("load")
    model = _load(job)
    loaded = clock()
    stages.hold(model)
    if job["input"]["type"] == "none":
        results.say("loaded")
        results.say("done", load=loaded - began, predict=0.0)
        return
    stages.enter("input")
    example = values.read(job["input"])
    stages.enter("predict")
    ready = clock()
    prediction = _predict(model, job["input"], example, stages)
    predicted = clock()
    stages.enter("output")
    if job["output"]:
        # If the model uses cloudpickle, that also pickles classes of a script.
        dump = getattr(sys.modules.get("cloudpickle"), "dump", pickle.dump)
        results.say("output", **_written(values, prediction, job["output"], dump, job["forms"]))
    if job["repeat"]:
        example = values.read(job["input"])
        stages.enter("predict again")
        second = _predict(model, job["input"], example, stages)
        stages.enter("compare")
        results.say("again", **parts.compare_wholly(prediction, second))
    if job["expected"] and job["expected"]["type"] == "none":
        results.say("unrecorded")
    elif job["expected"]:
        recorded = values.read(job["expected"])
        told = parts.compare_wholly(recorded, prediction, job["skipped"], job["relative"])
        results.say("compared", **told)
    results.say("done", load=loaded - began, predict=predicted - ready)


def main(arguments: list[str]) -> None:
    """Run the job; the exit code is 0 whenever the report is complete."""
    here = os.path.dirname(os.path.abspath(__file__))
    ours = (here, os.path.join(os.path.dirname(here), "table"))
    recorder = None
    if len(arguments) > 1:
        _package("_modelenv_probe", arguments[1])
        from _modelenv_probe.start import start  # type: ignore[import-not-found]

        recorder = start(
            arguments[2], own=(*ours, arguments[3]), everything=arguments[4:] == ["everything"]
        )
    _package("_modelenv_rooms")  # a seal does not show our own folder
    _package("_modelenv_rooms.worker", ours[0])
    _package("_modelenv_rooms.table", ours[1])
    from _modelenv_rooms.worker.processes import failures, own, subinterpreters

    own.give_way()
    import json

    with open(arguments[0], encoding="utf-8") as file:
        job = json.load(file)
    results = Results(job["results"])
    stages = Stages(results, recorder)
    own.set_path(here, job["path"], job["code"])
    subinterpreters.share_path()
    if job["hash_seed"]:
        del os.environ["PYTHONHASHSEED"]  # noqa: TID251  # it is ours, and the model's own is random
    results.say("hello", executable=sys.executable, prefix=sys.prefix, version=sys.version)
    if job["describe"]:
        results.say("interpreter", **describe())
    if job["listen"]:
        from _modelenv_rooms.worker.report import listening  # type: ignore[import-not-found]

        listening.listen(results.say)
    try:
        _run(job, results, stages)
    except BaseException as error:  # every error is reported, SystemExit too
        if not results.ours:
            raise
        results.say(
            "error",
            stage=stages.name,
            example=stages.example,
            missing=failures.missing(error),
            **failures.told(error, (*ours, job["loader"])),
        )
    if recorder is not None:
        recorder.stop()
        results.say("mapped", libraries=mapped_libraries())
        from _modelenv_rooms.worker.report import library_settings

        results.say("settings", values=library_settings.library_settings())


if __name__ == "__main__":
    main(sys.argv[1:])
