"""What is known against versions of distributions, from files in the format of OSV."""
