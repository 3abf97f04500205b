"""Do we read what other tools write, and do they read what we write, and mean the same?"""
