"""Running a task on a fleet: units, and the engines that run them."""
