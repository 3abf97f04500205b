"""What is written upon: a base that was read, and is one for the Python of a model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from ...environments.spec import Report, silent
from ...wheels.choose import Fit
from ..errors import NoImageError
from ..image import ROOT, ImagePlan
from .base import image as bases
from .base import packages, present
from .base import python as pythons
from .base.python import BasePython
from .base.tree import Tree


@dataclass(frozen=True, slots=True)
class Ground:
    """A base, its files, and what wheels have to fit there."""

    base: bases.BaseImage
    tree: Tree
    python: BasePython
    fit: Fit

    @classmethod
    def read(cls, layout: str, platform: str, minor: str, report: Report = silent) -> Ground:
        """Read the image of a layout. Raises NoImageError where it is none for that Python."""
        report(f"reading {layout}")
        base = bases.read(layout, platform)
        tree = base.tree(_kept)
        if tree.find(ROOT) is not None:
            reason = f"it has a {ROOT} already"
            raise NoImageError(base.where, reason, "take what that image itself stands on")
        found = pythons.find(tree, minor, base.variables, base.architecture, base.where)
        library = packages.c_library(tree, base.where)
        return cls(base, tree, found, fit_of(found, library))

    def check(self, plan: ImagePlan) -> None:
        """Raise NoImageError where it lacks packages that a model needs."""
        variables = self.base.variables
        has = partial(present.has, self.tree, python=self.python, variables=variables)
        packages.check(plan.packages, self.tree, self.base.where, has)


def fit_of(python: BasePython, library: packages.CLibrary) -> Fit:
    """Return what wheels have to fit, for a Python and a C library."""
    label = f"Python {python.minor} with {library} on {python.machine}"
    return Fit(python.minor, f"{library.tag}_{python.machine}", label)


def _kept(path: str) -> int:
    """Return how many bytes of a file of the base are kept."""
    return max(packages.kept(path), pythons.kept(path))
