"""Entry into subinterpreters (PEP 734) as they are made, to record as in a child process.

No interpreter sees the events of another: each has its own import system, audit hooks and
monitoring. Later changes of the path do not reach them either. So the creating function is replaced
while a trace runs, and enters the new one before any other code runs in it.
"""

from __future__ import annotations

import sys
from _thread import get_ident

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .audit import Handlers

    Unseen = Callable[[str], None]

MODULES = ("_interpreters", "_xxsubinterpreters")
"""The modules that create subinterpreters, from Python 3.13 on and before."""

_ENTER = """
def _modelenv_enter(path):
    import sys
    if "_modelenv_probe" not in sys.modules:
        package = type(sys)("_modelenv_probe")
        package.__path__ = path
        sys.modules["_modelenv_probe"] = package
        __import__("_modelenv_probe.start")
        sys.modules["_modelenv_probe.start"].enter(beside=True)
try:
    _modelenv_enter({path!r})
finally:
    del _modelenv_enter
"""


class Subinterpreters:
    """The replacement of the creating function, for all traces of this process."""

    def __init__(self) -> None:
        # With the interpreters that existed as each began.
        self._listeners: tuple[tuple[Unseen, set[int]], ...] = ()
        self._ours: set[int] = set()
        self._original: dict[str, Any] = {}
        self._making: set[int] = set()
        self.handlers: Handlers = {"cpython.PyInterpreterState_New": self._made}

    def listen(self, unseen: Unseen) -> Callable[[], None]:
        """Begin to enter new ones; `unseen` receives the reason for one that cannot be entered.

        Return the function that ends that; the last one to end it restores the original.
        """
        before: set[int] = set()
        listener = unseen, before
        self._listeners += (listener,)
        for name in MODULES:
            self.attend(name)
            self._tell_others(listener, name, "was there")
        return lambda: self._leave(listener)

    def _leave(self, listener: tuple[Unseen, set[int]]) -> None:
        for name in MODULES:  # an earlier user of the function made it with that
            self._tell_others(listener, name, "was made")
        self._listeners = tuple(each for each in self._listeners if each is not listener)
        if self._listeners:
            return
        for name, (ours, original) in self._original.items():
            module = sys.modules.get(name)
            if module is not None and getattr(module, "create", None) is ours:
                module.create = original  # type: ignore[attr-defined]
        self._original = {}
        self._ours = set()  # a later listener gets no records of them

    def attend(self, name: str) -> None:
        """Replace the creating function of module `name`, if it is loaded."""
        module: Any = sys.modules.get(name)
        original = getattr(module, "create", None)
        if original is None or name in self._original or not self._listeners:
            return
        ours = self._entering(module, original)
        self._original[name] = ours, original
        module.create = ours

    def _tell_others(self, listener: tuple[Unseen, set[int]], name: str, what: str) -> None:
        """Report subinterpreters neither known to a listener nor made by the replacement."""
        module: Any = sys.modules.get(name)
        if module is None or is_subinterpreter():  # else they are the main one's to report
            return
        unseen, known = listener
        new = _all(module).difference(known)
        for _ in new.difference(self._ours):
            unseen("a subinterpreter %s before it could be entered" % what)
        known.update(new)

    def _made(self) -> None:
        """Handle that one is made; Pythons newer than 3.12 raise no event."""
        if get_ident() not in self._making:
            self._tell("a subinterpreter was made before it could be entered")

    def _entering(self, module: Any, original: Callable[..., Any]) -> Callable[..., Any]:
        def create(*arguments: Any, **named: Any) -> Any:
            thread = get_ident()
            self._making.add(thread)
            try:
                made = original(*arguments, **named)
            finally:
                self._making.discard(thread)
            self._ours.add(int(made))
            reason = _enter(module, made) if self._listeners else None
            if reason is not None:
                self._tell("a subinterpreter could not be entered: " + reason)
            return made

        return create

    def _tell(self, text: str) -> None:
        for unseen, _ in self._listeners:
            unseen(text)


def _enter(module: Any, made: Any) -> str | None:
    """Run our own code in a new subinterpreter; return why that failed, or None."""
    path = list(sys.modules[__name__.rpartition(".")[0]].__path__)
    try:
        failed = module.run_string(made, _ENTER.format(path=path))
    except Exception as error:  # noqa: BLE001  # whatever it is, the traced code has its interpreter
        return "%s: %s" % (type(error).__name__, str(error)[:200])
    return None if failed is None else str(getattr(failed, "formatted", failed))[:200]


def _all(module: Any) -> set[int]:
    """Return the numbers of the existing subinterpreters."""
    # Since Python 3.13 it has an error of its own.
    ended = (RuntimeError, getattr(module, "InterpreterError", RuntimeError))
    try:
        listed = module.list_all()
    except ended:  # one of them is about to end
        return set()
    # Since Python 3.13 with their origin.
    return {int(each[0] if type(each) is tuple else each) for each in listed} - {0}


def is_subinterpreter() -> bool:
    """Return whether this code runs in a subinterpreter (Python 3.12 and newer)."""
    imp: Any = sys.modules["_imp"]
    asked = getattr(imp, "_override_multi_interp_extensions_check", None)
    if asked is None:
        return False
    try:
        asked(asked(0))
    except RuntimeError:  # so it answers in the main one
        return False
    return True


SUBINTERPRETERS = Subinterpreters()
