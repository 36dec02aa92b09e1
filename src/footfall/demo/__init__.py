"""The demo: a shop that never was, with a month behind it and visitors in it."""
