"""Which Pythons this machine has, by version or by what somebody calls them."""
