"""A model in a process of its own: started, asked, watched, judged, ended."""
