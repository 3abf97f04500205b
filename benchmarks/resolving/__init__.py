"""Resolution: whose the modules are, among what is installed, from an index, as of a day."""
