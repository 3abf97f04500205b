"""The rules that know a failure, each a small check that says what mends it."""
