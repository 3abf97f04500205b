"""How a fleet is gone through: units, and where they run."""
