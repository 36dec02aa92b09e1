"""Which passwords are refused because everybody tries them: a table."""

import pytest

from footfall.services.passwords import SHORTEST, is_expected

ABOUT = ("ada.lovelace@shop.example", "ada.lovelace", "Ada Lovelace")


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "Password2026!", "P@ssw0rd1234", "123password456", "Pa$$word!!!!", "welcome-2026!",
        "Footfall2026!", "aaaaaaaaaaaa", "123123123123", "hunter2hunter2", "abc abc abc abc", "------------",
        "123456789012", "0987654321098", "abcdefghijkl", "qwertyuiopas", "qwertyuiop[]as", "1q2w3e4r5t6y",
        "1qaz2wsx3edc", "ada.lovelace2026", "Ada Lovelace 1815", "ada.lovelace@shop.example",
    ],
)  # fmt: skip
def test_what_everybody_tries_is_refused(password: str) -> None:
    assert len(password) >= SHORTEST
    assert is_expected(password, *ABOUT)


@pytest.mark.parametrize(
    "password",
    [
        "a wholly new one", "correct horse battery staple", "sunshine over the password", "mV8#kd02-pL1q",
        "ключ от всех дверей", "123456789012 and so on", "ada likes long walks", "😀🐴🔋📎 four pictures",
        "abcabcabcabd", "!#%&/()=?+*-", "the quick one, the quick one", "481516234208",
    ],
)  # fmt: skip
def test_what_is_not_expected_may_be_chosen(password: str) -> None:
    assert not is_expected(password, *ABOUT)


def test_what_nobody_has_said_is_no_word() -> None:
    assert not is_expected("481516234208", "", "")
