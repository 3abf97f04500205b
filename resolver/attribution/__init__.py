"""Attribution of modules to distributions: those that ran, their kind, and their dependents."""
