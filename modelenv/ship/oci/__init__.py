"""Images without a builder: layers are written upon those of an OCI image layout."""
