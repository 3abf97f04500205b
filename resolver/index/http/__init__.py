"""HTTP requests to untrusted servers: limited in bytes, in seconds, in redirects."""
