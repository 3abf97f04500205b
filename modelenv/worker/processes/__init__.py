"""The processes of a run: started, kept track of and ended."""
