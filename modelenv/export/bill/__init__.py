"""The bill of materials of a model, as CycloneDX has it: what it is made of, and why."""
