"""Unpack the environment of a model on a node, as it is unpacked anywhere else."""

from ...environments.given.pack_file import PackError
from ...environments.given.unpack import unpack

__all__ = ["PackError", "unpack"]
