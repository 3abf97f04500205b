"""When to water."""
