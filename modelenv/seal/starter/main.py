"""Start a program, in a seal or in none, and end all that it started.

    python -I -S start.py PARENT ORDER [PROGRAM ARGUMENT...]

It is a process of its own with one thread: only such a process can enter a user namespace, and a
fork beside other threads may hang. So neither the caller's process nor its `preexec_fn` does this.
The caller's Python runs it, not the sealed one: nothing that is to be proven runs outside the seal.
Its environment and working folder are the caller's too, because a variable of the program could
make any process run code. The program gets its own environment from the order, when it starts.

PARENT is the caller's process. When it is gone, or asks for the end, everything that runs here
ends, even processes that left their group or cleared their environment: orphaned descendants become
our children. ORDER is a file as `command` writes it; empty: nothing is sealed. Once the caller is
gone, the temporary folder with that file is removed. Without a PROGRAM the seal is made and nothing
is started. If the seal cannot be made, or the program cannot be started, a line on standard error
says so and the exit code is REFUSED. Otherwise the exit code is the program's, or the starter ends
by the same signal. Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import os

from . import kernel, supervise

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

REFUSED = 120
REFUSED_LINE = "modelenv cannot %s: [Errno %d] %s: %s"


class Order:
    """The orders of a starter."""

    def __init__(self, file: str) -> None:
        self.kind, self.folder = "off", ""
        self.keeps_network = self.keeps_processes = True
        self.seals_forks = False
        self.environment: dict[bytes, bytes] | None = None
        self._tell = -1
        self._steps: list[tuple[str, str, str]] = []
        if file:
            with open(file, "rb") as opened:
                self._take(opened.read().split(b"\0"))

    def _take(self, words: list[bytes]) -> None:
        count = 7 + int(words[6])
        self.kind, network, processes, forks, self.folder = map(os.fsdecode, words[:5])
        self.keeps_network = network == "network"
        self.keeps_processes = processes == "processes"
        self.seals_forks = forks == "forks"
        pairs = (word.partition(b"=") for word in words[7:count])
        self.environment = {name: value for name, _, value in pairs}
        fields = map(os.fsdecode, words[count:])
        self._steps = list(zip(fields, fields, fields))
        if words[5]:
            self._tell = int(words[5])
            os.set_inheritable(self._tell, False)  # the program does not see it

    def tell(self, status: int) -> bool:
        """Report how the program ended, after all its processes are gone.

        Return whether a reader is left: a caller that is about to end has closed its end.
        """
        try:
            if self._tell >= 0:
                os.write(self._tell, b"%d" % status)
        except BrokenPipeError:
            return False
        return True

    def enter(self) -> None:
        """Enter the namespaces that apply at once; the next child is the first process in them."""
        if self.kind == "namespaces":
            from . import namespaces

            namespaces.enter(network=self.keeps_network, processes=self.keeps_processes)

    def seal(self) -> None:
        """Restrict this process to what the order lists."""
        if self.kind == "namespaces":
            from . import namespaces

            namespaces.build(self._steps, self.folder)
        elif self.kind == "landlock":
            from . import landlock

            landlock.restrict(self._steps, network=self.keeps_network)


def main(arguments: list[str]) -> NoReturn:
    """Run as the module's docstring describes."""
    parent, file, *program = arguments
    waiting = supervise.Waiting()
    try:
        order = Order(file)
        scratch = supervise.ScratchFolder(os.path.dirname(file))
        os.register_at_fork(after_in_child=scratch.let_go)  # no way out of the seal
        status = run(order, int(parent), lambda: _become(program, order, waiting), waiting)
        if os.getppid() != int(parent) or not order.tell(status):
            scratch.remove()  # no other process is left to remove it
    except OSError as error:
        refuse("seal", error)
    supervise.end_as(status)


def run(
    order: Order, parent: int, become: Callable[[], NoReturn], waiting: supervise.Waiting
) -> int:
    """Run `become` in a sealed child; return its status, as waitpid(2) does.

    All processes that it left have ended too. This process, which must have one thread, has no
    other use than that, and ends the child when its `parent` is gone. Raises OSError if it
    cannot be sealed.
    """
    order.enter()
    orphaned = supervise.watch_parent(parent)
    if not order.keeps_processes:
        return _run_below_first_process(order, become, waiting, orphaned)
    kernel.adopt_orphans()
    status = _run(order, become, waiting, orphaned)
    supervise.kill_descendants()
    return status


def _run_below_first_process(
    order: Order,
    become: Callable[[], NoReturn],
    waiting: supervise.Waiting,
    orphaned: Callable[[], bool],
) -> int:
    """Run the program below the first process of the namespace, with which all others end.

    It cannot be the first itself: that one ignores signals without a handler, and has to reap
    orphans.
    """
    told, tell = os.pipe()
    first = os.fork()
    if not first:
        os.close(told)
        supervise.die_with_parent()
        os.write(tell, b"alive ")  # fails if the parent was gone before
        os.setsid()
        status = _run(order, become, waiting, lambda: False)
        os.write(tell, b"%d" % status)
        os._exit(0)
    os.close(tell)
    ended = waiting.wait(first, orphaned)
    answer = os.read(told, 100).split()[1:]
    return int(answer[0]) if answer else ended


def _run(
    order: Order,
    become: Callable[[], NoReturn],
    waiting: supervise.Waiting,
    orphaned: Callable[[], bool],
) -> int:
    """Run the program to its end, in the seal; return its wait status, as waitpid(2) does."""
    parent = os.getpid()
    child = os.fork()
    if not child:
        if order.keeps_processes:
            supervise.die_with_parent()
            if os.getppid() != parent:
                os._exit(REFUSED)  # it was gone before
            os.setsid()  # signals to its group must not reach this process
        order.seal()
        if order.kind == "namespaces":
            kernel.drop_capabilities(to_map_root=order.seals_forks)
        become()
    return waiting.wait(child, orphaned)


def _become(program: list[str], order: Order, waiting: supervise.Waiting) -> NoReturn:
    if not program:
        os._exit(0)
    about = order.folder
    try:
        if order.folder:
            os.chdir(order.folder)
        about = program[0]
        waiting.leave()
        if order.environment is None:
            os.execvp(program[0], program)
        os.execvpe(program[0], program, order.environment)
    except OSError as error:
        error.filename = about
        refuse("start", error)


def refuse(what: str, error: OSError) -> NoReturn:
    """Print the step that failed, and why; end this process with the exit code for it."""
    about = os.fsdecode(error.filename) if error.filename else ""
    line = REFUSED_LINE % (what, error.errno or 0, error.strerror or error, about)
    os.write(2, (line + "\n").encode("utf-8", "surrogateescape"))
    os._exit(REFUSED)
