"""Faults of ours, in the log."""

import logging
import traceback


def log_fault(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log a fault by its kind and place. Not by its text, which may quote what somebody sent."""
    place = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s: %s\n%s", what, type(error).__name__, place)
