"""The version, which is the server's, and how the client names itself (the server knows the name as ours)."""

__version__ = "0.1.0"
AGENT = f"footfall-client/{__version__}"
