"""Footfall: self-hosted event and component analytics, ClickHouse inside."""

__version__ = "0.1.0"
