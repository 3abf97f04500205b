"""Enter subinterpreters (PEP 734) as they are made, and record there as in a child process.

None hears what goes on in another: each has import system, audit hooks and monitoring of its own. A
path that was changed as the process ran does not reach them either. So what makes them is stood in
for while a trace runs, and enters the new one before anybody else runs code in it.
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
"""What makes them, from Python 3.13 on and before."""

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
    """What stands in for the function that makes them, for all traces of this process."""

    def __init__(self) -> None:
        self._listeners: tuple[Unseen, ...] = ()
        self._original: dict[str, Any] = {}
        self._making: set[int] = set()
        self.handlers: Handlers = {"cpython.PyInterpreterState_New": self._made}

    def listen(self, unseen: Unseen) -> Callable[[], None]:
        """Begin to enter new ones; `unseen` is told why one is not. Return what ends that.

        The last one to end it puts the function back.
        """
        self._listeners += (unseen,)
        for name in MODULES:
            self.attend(name)
        return lambda: self._leave(unseen)

    def _leave(self, unseen: Unseen) -> None:
        self._listeners = tuple(each for each in self._listeners if each is not unseen)
        if self._listeners:
            return
        for name, (ours, original) in self._original.items():
            module = sys.modules.get(name)
            if module is not None and getattr(module, "create", None) is ours:
                module.create = original  # type: ignore[attr-defined]
        self._original = {}

    def attend(self, name: str) -> None:
        """Stand in for what module `name` has, if it is loaded; tell of those that are there."""
        module: Any = sys.modules.get(name)
        original = getattr(module, "create", None)
        if original is None or name in self._original or not self._listeners:
            return
        ours = self._entering(module, original)
        self._original[name] = ours, original
        module.create = ours
        if not is_subinterpreter():  # else they are the main interpreter's to tell of
            for _ in range(_count(module) - 1):
                self._tell("a subinterpreter was there before it could be entered")

    def _made(self) -> None:
        """Hear that one is made; newer Pythons than 3.12 tell nobody."""
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
            reason = _enter(module, made) if self._listeners else None
            if reason is not None:
                self._tell("a subinterpreter could not be entered: " + reason)
            return made

        return create

    def _tell(self, text: str) -> None:
        for unseen in self._listeners:
            unseen(text)


def _enter(module: Any, made: Any) -> str | None:
    """Run our own code in a new subinterpreter; return why that failed, or None."""
    path = list(sys.modules[__name__.rpartition(".")[0]].__path__)
    try:
        failed = module.run_string(made, _ENTER.format(path=path))
    except Exception as error:  # noqa: BLE001  # whatever it is, the traced code has its interpreter
        return "%s: %s" % (type(error).__name__, str(error)[:200])
    return None if failed is None else str(getattr(failed, "formatted", failed))[:200]


def _count(module: Any) -> int:
    try:
        return len(module.list_all())
    except Exception:  # noqa: BLE001  # one that is about to end
        return 1


def is_subinterpreter() -> bool:
    """Tell whether this code runs in one (Python 3.12 and newer)."""
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
