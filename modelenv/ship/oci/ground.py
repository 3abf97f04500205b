"""The base of an image, read and checked for the Python of a model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from ...environments.spec import Report, silent
from ..errors import NoImageError
from ..image import ROOT, ImagePlan
from . import wheels
from .base import image as bases
from .base import packages, present, python
from .base.tree import Tree


@dataclass(frozen=True, slots=True)
class Ground:
    """A base, its files, and what its wheels have to fit."""

    base: bases.BaseImage
    tree: Tree
    fit: wheels.Fit

    @classmethod
    def read(cls, layout: str, platform: str, minor: str, report: Report = silent) -> Ground:
        """Read the image in a layout. Raises NoImageError if it is none for that Python."""
        report(f"reading {layout}")
        base = bases.read(layout, platform)
        tree = base.tree(_kept)
        if tree.find(ROOT) is not None:
            reason = f"it has a {ROOT} already"
            raise NoImageError(base.where, reason, "take the image that this one is based on")
        found = python.find(tree, minor, base.variables, base.architecture, base.where)
        return cls(base, tree, wheels.Fit(found, packages.c_library(tree, base.where)))

    def check(self, plan: ImagePlan) -> None:
        """Raise NoImageError if the base lacks packages that a model needs."""
        variables = self.base.variables
        has = partial(present.has, self.tree, python=self.fit.python, variables=variables)
        packages.check(plan.packages, self.tree, self.base.where, has)


def _kept(path: str) -> int:
    """Return how many bytes of a file of the base are kept."""
    return max(packages.kept(path), python.kept(path))
