"""Bytes in, bytes out: the only user of Litestar (with the composition root)."""
