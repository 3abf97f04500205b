"""The bill of materials of a model in CycloneDX: its components, and the reasons for them."""
