"""Seal a process from the machine: only what a plan lists is there for it."""
