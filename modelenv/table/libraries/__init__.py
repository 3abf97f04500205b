"""The values of each library as tables and buffers."""
