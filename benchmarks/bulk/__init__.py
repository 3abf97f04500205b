"""Many of something: rows in batches and on clusters, models in fleets, and how costs grow."""
