"""The processes of a run: started, held, found again and ended."""
