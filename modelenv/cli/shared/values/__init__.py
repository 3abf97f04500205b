"""What options take that click has no type for, read and checked."""
