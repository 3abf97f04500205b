"""Types of option values that click lacks, parsed and checked."""
