"""The Pythons on this machine, found by version or by a user's name for one."""
