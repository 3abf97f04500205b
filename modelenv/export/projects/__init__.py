"""What uv runs: a project with its lock, and a script that brings its own requirements."""
