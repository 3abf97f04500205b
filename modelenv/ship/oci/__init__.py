"""Images without a builder: layers are written by ourselves, upon those of an OCI image layout."""
