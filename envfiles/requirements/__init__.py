"""The lines of requirements files, in pip's grammar: read as pip reads them, written strictly."""
