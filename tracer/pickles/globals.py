"""A global that a pickle names, and whether it is known to run commands."""

from __future__ import annotations

_COMMANDING_MODULES = frozenset(
    [
        "os",
        "posix",
        "nt",
        "subprocess",
        "pty",
        "runpy",
        "code",
        "codeop",
        "pdb",
        "bdb",
        "profile",
        "cProfile",
        "timeit",
        "trace",
        "socket",
        "ctypes",
        "webbrowser",
        "pip",
        "shutil",
        "commands",
        "popen2",
        "platform",
        "multiprocessing",
        "asyncio",
    ]
)
_COMMANDING = frozenset(
    {
        "builtins.eval",
        "builtins.exec",
        "builtins.compile",
        "builtins.execfile",
        "builtins.__import__",
        "builtins.open",
        "builtins.breakpoint",
        "importlib.import_module",
        "numpy.testing._private.utils.runstring",
        "pickle.loads",
        "pickle.load",
        "_pickle.loads",
        "_pickle.load",
        "marshal.loads",
        "torch.hub.load",
        "types.CodeType",
        "types.FunctionType",
        "sys.setprofile",
        "sys.settrace",
    }
)


class Global(str):
    """The full name of a global that a pickle names."""

    __slots__ = ("module", "name")
    module: str
    """The module that unpickling imports."""
    name: str
    """The qualified name in it; empty where only the module is named."""

    def __new__(cls, module: str, name: str) -> Global:
        """Join module and name."""
        made = super().__new__(cls, f"{module}.{name}" if name else module)
        made.module = module
        made.name = name
        return made

    @property
    def runs_commands(self) -> bool:
        """Whether it is known to run commands or code that a pickle brings along."""
        # An attribute of a function leads back to it: `eval.__call__`.
        function = f"{self.module}.{self.name.partition('.')[0]}"
        return self.module.partition(".")[0] in _COMMANDING_MODULES or function in _COMMANDING
