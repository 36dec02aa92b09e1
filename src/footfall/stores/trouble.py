"""Trouble that lasts, in the log: once when it begins or changes, once when it is over, and not each time it is met."""

import logging


class Trouble:
    """Of one kind. One thread at a time."""

    def __init__(self, log: logging.Logger, over: str) -> None:
        self._log = log
        self._over = over
        self.says: str | None = None
        """What the trouble is; None while there is none."""

    def met(self, says: str) -> bool:
        """Whether that is news."""
        if says == self.says:
            return False
        self.says = says
        self._log.warning("%s", says)
        return True

    def over(self) -> None:
        if self.says is not None:
            self.says = None
            self._log.warning("%s", self._over)
