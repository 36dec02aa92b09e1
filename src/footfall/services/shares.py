"""Links that show a board or a saved insight to whoever has them: who gets in, and how often somebody may try.

A token is as good as a key and kept as a digest. It opens aggregates only, as a `stats` key does, and no question but
those of its board (ADR 0062). Methods are sync and may wait for argon2 or the database.
"""

from footfall.access import Grant
from footfall.model.errors import BadRequest, NotFound, Unauthorized
from footfall.model.event import Millis
from footfall.services.accounts import ACCOUNT_RATE, ADDRESS_RATE, PAIR_RATE, WAIT
from footfall.services.passwords import LONGEST, SHORTEST, Hasher, is_expected
from footfall.services.rates import Rates
from footfall.stores.catalog import Catalog, Share

SHOWN_RATE = "300/minute"
"""For each link: what it shows costs the engine something."""


class Links:
    def __init__(self, catalog: Catalog, rates: Rates, hasher: Hasher) -> None:
        self._catalog = catalog
        self._rates = rates
        self._hasher = hasher

    def hashed(self, password: str | None) -> str | None:
        """What is kept of a password. Raises `BadRequest` for one that somebody would guess."""
        if password is None:
            return None
        if not SHORTEST <= len(password) <= LONGEST:
            raise BadRequest(f"A password has {SHORTEST} to {LONGEST} characters.", path="$.password")
        if is_expected(password):
            raise BadRequest("That is among the first that somebody would try; choose another.", path="$.password")
        return self._hasher.hash(password)

    def open(self, token: str, password: str | None, address: str, now: Millis) -> Share:
        """Raises `NotFound` whatever is wrong with the token, `Unauthorized` for the password, `TooMany`.

        Wrong tries are counted as those of signing in are, and right ones are not: many may look from one address.
        """
        whence = self._rates.unnamed(address)
        self._rates.check(ADDRESS_RATE, f"link {whence}", WAIT)
        share = self._catalog.shares.find(token, now)
        if share is None:
            self._rates.count(ADDRESS_RATE, f"link {whence}", WAIT)
            raise NotFound("There is no such link, or it is over.")
        if share.password is not None:
            self._check_password(share, share.password, password, whence, now)
        self._rates.count(SHOWN_RATE, share.id, "This link is looked at very often at the moment. Try again soon.")
        return share

    def _check_password(self, share: Share, hashed: str, password: str | None, whence: str, now: Millis) -> None:
        if password is None:
            raise Unauthorized("This link has a password. Send it with POST.")
        tries = ((PAIR_RATE, f"link {whence} {share.id}"), (ACCOUNT_RATE, f"link {share.id}"))
        for rate, whose in tries:
            self._rates.check(rate, whose, WAIT)
        if self._hasher.is_right(hashed, password):
            return
        self._catalog.audit.add(now, share.project_id, share.id, "did", "gave a wrong password", share.id)
        for rate, whose in tries:
            self._rates.count(rate, whose, WAIT)
        raise Unauthorized("The password is wrong.")


def grant_to(share: Share) -> Grant:
    """As whom somebody looks who has the link; it opens no other route."""
    return Grant(project_id=share.project_id, rights=frozenset(), actor=share.id)
