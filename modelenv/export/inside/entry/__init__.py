"""Entry points for servers, which run where the server is installed."""
