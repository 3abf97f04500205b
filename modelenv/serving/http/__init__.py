"""The HTTP routes, and the handling of requests and answers that they share."""
