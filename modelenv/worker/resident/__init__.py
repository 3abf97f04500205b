"""A model in a process of its own, called as if it were in this one."""
