"""The files of an environment, each with its reader and its writer, and the folder of them all."""
