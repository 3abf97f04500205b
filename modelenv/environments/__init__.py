"""Where a worker runs: replicas of what is installed, and environments that are built."""
