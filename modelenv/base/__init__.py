"""What every room stands on: errors, arguments, settings, the sibling packages."""
