"""The cases as their authors have them: read, checked, trained in an environment of their own."""
