"""What benchmarks find: one value for all of them, kept as JSON, shown as a page and a picture."""
