"""Names in pickles, read from their opcodes; nothing is unpickled."""
