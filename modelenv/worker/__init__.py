"""Models in processes of their own: started, asked, watched, judged, ended."""
