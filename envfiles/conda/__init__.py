"""conda.yaml: its file, its match specs, its channels."""
