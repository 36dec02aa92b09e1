"""The catalog: one contract, kept on SQLite and on PostgreSQL. Secrets are kept as digests only."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from footfall.access import DEFAULT_PROJECT, SCOPES, Grant, Scope
from footfall.model.errors import BadRequest, Conflict, FolderDamaged, NotFound, Unavailable
from footfall.stores.catalog import (
    LIFE_MS,
    BoardDraft,
    Catalog,
    Draft,
    Note,
    ShareDraft,
    Tile,
    User,
    digest,
    sqlite_url,
)
from footfall.stores.catalog.audit import KEPT_MS
from footfall.stores.catalog.versions import MOST
from tests.support.moments import BASE, HOUR
from tests.support.postgres import Postgres, running_postgres

Open = Callable[..., Catalog]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as running:
        yield running


class CatalogContract:
    """Whatever database is behind it."""

    @pytest.fixture
    def open_(self, url: str) -> Iterator[Open]:
        """Opens the catalog, again and again; what is still open is closed at the end."""
        with ExitStack() as stack:
            yield lambda timezone="Europe/Berlin": stack.enter_context(closing(Catalog(url, BASE, timezone)))

    @pytest.fixture
    def catalog(self, open_: Open) -> Catalog:
        return open_()

    @pytest.fixture
    def other(self, catalog: Catalog) -> int:
        """The number of a second project."""
        return catalog.projects.create("other", BASE, timezone="Asia/Tokyo").id

    @pytest.fixture
    def ada(self, catalog: Catalog) -> User:
        user = catalog.people.create("ada@example.com", "Ada", BASE)
        catalog.people.set_role(user.id, DEFAULT_PROJECT, "owner")
        return catalog.people.get(user.id)

    # ── projects ─────────────────────────────────────────────────────────────────────────────────────────────

    def test_a_new_catalog_has_the_default_project_in_the_chosen_zone(self, catalog: Catalog) -> None:
        project = catalog.projects.get(DEFAULT_PROJECT)
        assert (project.id, project.timezone, project.week_start) == (DEFAULT_PROJECT, "Europe/Berlin", "monday")
        assert catalog.projects.list() == [project]

    def test_a_project_that_there_is_not_is_not_found(self, catalog: Catalog) -> None:
        for act in (catalog.projects.get, lambda number: catalog.projects.change(number, name="x")):
            with pytest.raises(NotFound):
                act(99)

    def test_a_projects_settings_change_and_stay(self, catalog: Catalog, open_: Open, other: int) -> None:
        changed = catalog.projects.change(
            other, name="Shop", timezone="UTC", week_start="sunday", origins=("https://shop.example",)
        )
        assert (changed.name, changed.timezone, changed.week_start, changed.origins) == (
            "Shop", "UTC", "sunday", ("https://shop.example",),
        )  # fmt: skip
        assert open_().projects.get(other) == changed
        assert catalog.projects.change(other, name="Store").timezone == "UTC", "what is not named stays"

    def test_an_archived_projects_keys_open_nothing_until_it_is_restored(self, catalog: Catalog, other: int) -> None:
        _, secret = catalog.keys.create(other, "write", "", BASE)
        user = catalog.people.create("b@example.com", "", BASE)
        catalog.people.set_role(user.id, other, "viewer")
        catalog.projects.archive(other, BASE)
        assert catalog.keys.grant_of(secret, BASE) is None
        closed = catalog.people.get(user.id)
        assert (closed.roles, closed.archived_roles, closed.role_in(other)) == ({}, {other: "viewer"}, "viewer")
        assert catalog.people.list(other) == [closed]
        assert catalog.projects.get(other).archived_at == BASE
        catalog.projects.archive(other, None)
        assert catalog.keys.grant_of(secret, BASE) is not None
        assert catalog.people.get(user.id).roles == {other: "viewer"}

    def test_the_default_project_is_not_archived(self, catalog: Catalog) -> None:
        with pytest.raises(Conflict):
            catalog.projects.archive(DEFAULT_PROJECT, BASE)

    # ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────

    def test_reopening_keeps_the_projects_zone_and_every_key(self, catalog: Catalog, open_: Open) -> None:
        _, secret = catalog.keys.create(DEFAULT_PROJECT, "read", "grafana", BASE)
        again = open_("Asia/Tokyo")
        assert again.projects.get(DEFAULT_PROJECT).timezone == "Europe/Berlin"
        assert again.keys.list(DEFAULT_PROJECT) == catalog.keys.list(DEFAULT_PROJECT)
        assert again.keys.grant_of(secret, BASE) is not None

    @pytest.mark.parametrize("scope", SCOPES)
    def test_a_key_grants_its_scope_in_its_project(self, catalog: Catalog, other: int, scope: Scope) -> None:
        shown, secret = catalog.keys.create(other, scope, "a name", BASE)
        expected = Grant(project_id=other, rights=SCOPES[scope], actor=shown.id)
        assert catalog.keys.grant_of(secret, BASE) == expected
        assert (shown.scope, shown.name, shown.created_at) == (scope, "a name", BASE)
        assert catalog.keys.list(other) == [shown]
        assert catalog.keys.list(DEFAULT_PROJECT) == []

    def test_made_keys_are_long_and_differ(self, catalog: Catalog) -> None:
        secrets = {catalog.keys.create(DEFAULT_PROJECT, "write", "", BASE)[1] for _ in range(20)}
        assert len(secrets) == 20
        assert min(map(len, secrets)) > 40

    def test_secrets_are_kept_as_digests_only(self, catalog: Catalog, ada: User, kept: Callable[[], str]) -> None:
        shown, secret = catalog.keys.create(DEFAULT_PROJECT, "admin", "", BASE)
        rotated = catalog.keys.rotate(DEFAULT_PROJECT, shown.id, BASE, 0)[1]
        tokens = [catalog.tokens.create(purpose, ada.id, BASE) for purpose in LIFE_MS]
        catalog.close()
        everything = kept()
        assert digest(secret) in everything
        assert [one for one in (secret, rotated, *tokens) if one in everything] == []
        assert secret.startswith(shown.hint.removesuffix("…"))
        assert len(shown.hint) < len(secret) / 2

    @pytest.mark.parametrize("value", ["WK_SEG", "x", "phc_😀", "shop.example", "a b:c/d?e", "é" * 500])
    def test_any_text_can_be_given_as_a_write_key(self, catalog: Catalog, value: str) -> None:
        shown, secret = catalog.keys.create(DEFAULT_PROJECT, "write", "", BASE, value=value)
        assert secret == value
        assert catalog.keys.grant_of(value, BASE) is not None
        assert catalog.keys.grant_of(value + " ", BASE) is None
        assert value not in shown.hint or len(value) == 1

    @pytest.mark.parametrize("scope", ["stats", "read", "admin"])
    def test_only_a_write_key_may_be_chosen(self, catalog: Catalog, scope: Scope) -> None:
        with pytest.raises(BadRequest) as refused:
            catalog.keys.create(DEFAULT_PROJECT, scope, "", BASE, value="secret")
        assert refused.value.path == "$.value"

    def test_a_key_cannot_be_given_twice_not_even_in_another_project(self, catalog: Catalog, other: int) -> None:
        first, _ = catalog.keys.create(DEFAULT_PROJECT, "write", "", BASE, value="WK")
        with pytest.raises(BadRequest) as refused:
            catalog.keys.create(other, "write", "", BASE, value="WK")
        assert refused.value.path == "$.value"
        assert catalog.keys.list(DEFAULT_PROJECT) == [first]

    def test_a_revoked_value_is_its_projects_to_give_again(self, catalog: Catalog, other: int) -> None:
        """Clients that still have it would send their events to whoever took it."""
        first, _ = catalog.keys.create(DEFAULT_PROJECT, "write", "", BASE, value="WK")
        catalog.keys.revoke(DEFAULT_PROJECT, first.id)
        with pytest.raises(BadRequest) as refused:
            catalog.keys.create(other, "write", "", BASE, value="WK")
        assert refused.value.path == "$.value"
        assert catalog.keys.grant_of("WK", BASE) is None
        for act in (catalog.keys.revoke, lambda project, key: catalog.keys.rotate(project, key, BASE, 0)):
            with pytest.raises(NotFound):
                act(DEFAULT_PROJECT, first.id)
        again, _ = catalog.keys.create(DEFAULT_PROJECT, "write", "", BASE, value="WK")
        assert catalog.keys.list(DEFAULT_PROJECT) == [again]
        assert catalog.keys.grant_of("WK", BASE) is not None

    def test_a_key_is_turned_over_once(self, catalog: Catalog) -> None:
        old, _ = catalog.keys.create(DEFAULT_PROJECT, "write", "", BASE)
        new, after = catalog.keys.rotate(DEFAULT_PROJECT, old.id, BASE, HOUR)
        with pytest.raises(Conflict, match=new.id):
            catalog.keys.rotate(DEFAULT_PROJECT, old.id, BASE, HOUR)
        assert [key.expires_at for key in catalog.keys.list(DEFAULT_PROJECT) if key.id == new.id] == [None]
        catalog.keys.rotate(DEFAULT_PROJECT, new.id, BASE, HOUR)
        assert catalog.keys.grant_of(after, BASE + HOUR) is None

    def test_a_key_may_be_bound_to_origins_and_a_rate(self, catalog: Catalog, open_: Open) -> None:
        origins = ("https://shop.example", "https://www.shop.example:8443")
        shown, secret = catalog.keys.create(
            DEFAULT_PROJECT, "stats", "", BASE, origins=origins, rate_limit="100/second"
        )
        assert (shown.origins, shown.rate_limit) == (origins, "100/second")
        grant = open_().keys.grant_of(secret, BASE)
        assert grant is not None
        assert (grant.origins, grant.rate_limit) == (origins, "100/second")

    @pytest.mark.parametrize(
        ("scope", "inherits"), [("write", True), ("stats", True), ("read", False), ("admin", False)]
    )
    def test_public_keys_take_their_projects_origins(
        self, catalog: Catalog, other: int, scope: Scope, inherits: bool
    ) -> None:
        _, secret = catalog.keys.create(other, scope, "", BASE)
        _, own = catalog.keys.create(other, scope, "", BASE, origins=("https://own.example",))
        catalog.projects.change(other, origins=("https://shop.example",))
        grants = [catalog.keys.grant_of(one, BASE) for one in (secret, own)]
        assert [grant and grant.origins for grant in grants] == [
            ("https://shop.example",) if inherits else (),
            ("https://own.example",),
        ]

    def test_a_key_is_good_until_its_time_and_not_at_it(self, catalog: Catalog) -> None:
        _, secret = catalog.keys.create(DEFAULT_PROJECT, "write", "", BASE, expires_at=BASE + HOUR)
        assert catalog.keys.grant_of(secret, BASE + HOUR - 1) is not None
        assert catalog.keys.grant_of(secret, BASE + HOUR) is None

    def test_the_last_use_is_shown_at_once_and_kept_when_it_is_written_down(
        self, catalog: Catalog, open_: Open
    ) -> None:
        shown, _ = catalog.keys.create(DEFAULT_PROJECT, "write", "", BASE)
        assert shown.last_used_at is None
        catalog.keys.used(shown.id, BASE + 5)
        assert [key.last_used_at for key in catalog.keys.list(DEFAULT_PROJECT)] == [BASE + 5]
        assert [key.last_used_at for key in open_().keys.list(DEFAULT_PROJECT)] == [None]
        catalog.keys.keep_uses()
        assert [key.last_used_at for key in open_().keys.list(DEFAULT_PROJECT)] == [BASE + 5]
        assert [key.last_used_at for key in catalog.keys.list(DEFAULT_PROJECT)] == [BASE + 5]

    def test_a_rotated_key_lives_for_its_grace_beside_one_like_it(self, catalog: Catalog) -> None:
        old, before = catalog.keys.create(
            DEFAULT_PROJECT, "write", "shop", BASE, value="WK", origins=("https://a.example",), rate_limit="9/second"
        )
        new, after = catalog.keys.rotate(DEFAULT_PROJECT, old.id, BASE, HOUR)
        assert (new.scope, new.name, new.origins, new.rate_limit) == (
            old.scope, old.name, old.origins, old.rate_limit,
        )  # fmt: skip
        assert after not in {before, "WK"}
        assert catalog.keys.grant_of(before, BASE + HOUR - 1) is not None
        assert catalog.keys.grant_of(before, BASE + HOUR) is None
        assert catalog.keys.grant_of(after, BASE + HOUR) is not None

    def test_without_a_grace_the_old_value_ends_at_once(self, catalog: Catalog) -> None:
        old, before = catalog.keys.create(DEFAULT_PROJECT, "read", "", BASE)
        catalog.keys.rotate(DEFAULT_PROJECT, old.id, BASE, 0)
        assert catalog.keys.grant_of(before, BASE) is None
        with pytest.raises(Conflict):
            catalog.keys.rotate(DEFAULT_PROJECT, old.id, BASE, 0)

    def test_a_revoked_key_opens_nothing_from_then_on(self, catalog: Catalog) -> None:
        shown, secret = catalog.keys.create(DEFAULT_PROJECT, "write", "", BASE)
        still, kept = catalog.keys.create(DEFAULT_PROJECT, "write", "", BASE)
        catalog.keys.revoke(DEFAULT_PROJECT, shown.id)
        assert catalog.keys.grant_of(secret, BASE) is None
        assert catalog.keys.grant_of(kept, BASE) is not None
        assert catalog.keys.list(DEFAULT_PROJECT) == [still]

    def test_a_key_of_another_project_is_not_to_be_had(self, catalog: Catalog, other: int) -> None:
        shown, secret = catalog.keys.create(DEFAULT_PROJECT, "write", "", BASE)
        for project, key_id in ((other, shown.id), (DEFAULT_PROJECT, "key_none")):
            with pytest.raises(NotFound):
                catalog.keys.revoke(project, key_id)
            with pytest.raises(NotFound):
                catalog.keys.rotate(project, key_id, BASE, 0)
        assert catalog.keys.grant_of(secret, BASE) is not None

    @pytest.mark.parametrize("nothing", ["", "unknown", "ff_write_", "\0", "\ud800", "x" * 100_000])
    def test_a_key_that_nobody_made_grants_nothing(self, catalog: Catalog, nothing: str) -> None:
        catalog.keys.create(DEFAULT_PROJECT, "write", "", BASE)
        assert catalog.keys.grant_of(nothing, BASE) is None

    def test_threads_make_and_ask_for_keys_beside_each_other(self, catalog: Catalog) -> None:
        def make(number: int) -> str:
            return catalog.keys.create(DEFAULT_PROJECT, "write", f"{number}", BASE)[1]

        with ThreadPoolExecutor(4) as threads:
            secrets = list(threads.map(make, range(16)))
        assert all(catalog.keys.grant_of(secret, BASE) is not None for secret in secrets)
        assert len(catalog.keys.list(DEFAULT_PROJECT)) == 16

    def test_a_change_of_another_process_is_seen_after_a_refresh(self, catalog: Catalog, open_: Open) -> None:
        elsewhere = open_()
        shown, secret = elsewhere.keys.create(DEFAULT_PROJECT, "write", "", BASE)
        catalog.refresh()
        assert catalog.keys.grant_of(secret, BASE) is not None
        elsewhere.keys.revoke(DEFAULT_PROJECT, shown.id)
        catalog.refresh()
        assert catalog.keys.grant_of(secret, BASE) is None

    # ── people ───────────────────────────────────────────────────────────────────────────────────────────────

    def test_a_person_is_found_by_address_subject_and_id(self, catalog: Catalog, ada: User) -> None:
        catalog.people.change(ada.id, subject="https://id.example 7")
        found = catalog.people.get(ada.id)
        assert found.roles == {DEFAULT_PROJECT: "owner"}
        assert catalog.people.by_email("ada@example.com") == catalog.people.by_subject("https://id.example 7") == found
        assert catalog.people.by_email("nobody@example.com") is None
        with pytest.raises(NotFound):
            catalog.people.get("user_none")

    def test_an_address_belongs_to_one_person(self, catalog: Catalog, ada: User) -> None:
        with pytest.raises(Conflict):
            catalog.people.create("ada@example.com", "", BASE)
        bob = catalog.people.create("bob@example.com", "", BASE)
        with pytest.raises(Conflict):
            catalog.people.change(bob.id, email="ada@example.com")
        catalog.people.change(ada.id, email="ada@example.com")

    def test_several_owners_may_have_said_no_address_yet(self, catalog: Catalog) -> None:
        assert catalog.people.create(None, "", BASE).id != catalog.people.create(None, "", BASE).id

    def test_roles_are_by_project(self, catalog: Catalog, ada: User, other: int) -> None:
        catalog.people.set_role(ada.id, other, "viewer")
        assert catalog.people.get(ada.id).roles == {DEFAULT_PROJECT: "owner", other: "viewer"}
        assert [one.id for one in catalog.people.list(other)] == [ada.id]
        catalog.people.remove(ada.id, other)
        assert catalog.people.list(other) == []
        assert catalog.people.get(ada.id).roles == {DEFAULT_PROJECT: "owner"}

    def test_who_joins_keeps_a_role_that_is_there(self, catalog: Catalog, ada: User, other: int) -> None:
        catalog.people.join(ada.id, other, "viewer")
        catalog.people.join(ada.id, other, "owner")
        catalog.people.join(ada.id, DEFAULT_PROJECT, "viewer")
        assert catalog.people.get(ada.id).roles == {DEFAULT_PROJECT: "owner", other: "viewer"}
        assert catalog.people.create("bob@example.com", "", BASE, role="admin", project_id=other).roles == {
            other: "admin"
        }

    def test_forgetting_leaves_the_account_at_a_provider_that_is_named(self, catalog: Catalog, ada: User) -> None:
        catalog.people.set_totp(ada.id, "SECRET", ("one",), 7)
        catalog.people.change(ada.id, password="a hash", subject="old")
        for subject in ("new", None):
            catalog.people.forget_credentials(ada.id, subject=subject)
            found = catalog.people.get(ada.id)
            assert (found.password, found.totp, found.totp_step, found.recovery) == (None, None, 0, ())
            assert found.subject == subject

    def test_a_project_keeps_an_owner(self, catalog: Catalog, ada: User) -> None:
        with pytest.raises(Conflict):
            catalog.people.set_role(ada.id, DEFAULT_PROJECT, "admin")
        with pytest.raises(Conflict):
            catalog.people.remove(ada.id, DEFAULT_PROJECT)
        bob = catalog.people.create("bob@example.com", "", BASE)
        catalog.people.set_role(bob.id, DEFAULT_PROJECT, "owner")
        catalog.people.set_role(ada.id, DEFAULT_PROJECT, "admin")
        with pytest.raises(Conflict):
            catalog.people.remove(bob.id, DEFAULT_PROJECT)

    def test_of_two_owners_who_leave_at_once_one_stays(self, catalog: Catalog, ada: User) -> None:
        bob = catalog.people.create("bob@example.com", "", BASE)
        catalog.people.set_role(bob.id, DEFAULT_PROJECT, "owner")

        def leave(user_id: str) -> bool:
            try:
                catalog.people.remove(user_id, DEFAULT_PROJECT)
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(2) as threads:
            assert sorted(threads.map(leave, [ada.id, bob.id])) == [False, True]
        assert len(catalog.people.list(DEFAULT_PROJECT)) == 1

    def test_who_has_no_role_left_is_forgotten_with_all_sessions(self, catalog: Catalog, ada: User) -> None:
        bob = catalog.people.create("bob@example.com", "", BASE)
        catalog.people.set_role(bob.id, DEFAULT_PROJECT, "analyst")
        session = catalog.tokens.create("session", bob.id, BASE)
        catalog.people.remove(bob.id, DEFAULT_PROJECT)
        assert catalog.people.find(bob.id) is None
        assert catalog.tokens.find("session", session, BASE) is None

    def test_an_owner_counts_once_they_can_sign_in(self, catalog: Catalog, ada: User) -> None:
        assert not catalog.people.has_owner(DEFAULT_PROJECT)
        catalog.people.change(ada.id, password="a hash")
        assert catalog.people.has_owner(DEFAULT_PROJECT)
        catalog.people.forget_credentials(ada.id)
        assert not catalog.people.has_owner(DEFAULT_PROJECT)

    def test_a_codes_step_is_taken_once_and_never_an_older_one(self, catalog: Catalog, ada: User) -> None:
        catalog.people.set_totp(ada.id, "SECRET", ("one", "two"), 10)
        assert [catalog.people.take_step(ada.id, step) for step in (10, 11, 11, 9, 12)] == [
            False, True, False, False, True,
        ]  # fmt: skip

    def test_a_recovery_code_is_taken_once(self, catalog: Catalog, ada: User) -> None:
        catalog.people.set_totp(ada.id, "SECRET", ("one", "two"))
        with ThreadPoolExecutor(4) as threads:
            taken = list(threads.map(lambda _: catalog.people.take_recovery(ada.id, "one"), range(4)))
        assert sorted(taken) == [False, False, False, True]
        assert not catalog.people.take_recovery(ada.id, "three")
        assert catalog.people.get(ada.id).recovery == ("two",)

    # ── tokens ───────────────────────────────────────────────────────────────────────────────────────────────

    def test_a_token_is_spent_once(self, catalog: Catalog, ada: User) -> None:
        token = catalog.tokens.create("link", ada.id, BASE)
        spent = catalog.tokens.spend("link", token, BASE)
        assert spent is not None
        assert spent.user_id == ada.id
        assert catalog.tokens.spend("link", token, BASE) is None

    def test_only_one_of_many_spends_a_token(self, catalog: Catalog) -> None:
        token = catalog.tokens.create("first", None, BASE)
        with ThreadPoolExecutor(4) as threads:
            spent = list(threads.map(lambda _: catalog.tokens.spend("first", token, BASE), range(8)))
        assert sum(one is not None for one in spent) == 1

    @pytest.mark.parametrize("purpose", LIFE_MS)
    def test_a_token_is_good_until_its_time_and_for_its_purpose(
        self, catalog: Catalog, ada: User, purpose: str
    ) -> None:
        token = catalog.tokens.create(purpose, ada.id, BASE)
        end = BASE + LIFE_MS[purpose]
        assert catalog.tokens.find(purpose, token, end - 1) is not None
        assert catalog.tokens.find(purpose, token, end) is None
        assert catalog.tokens.spend(purpose, token, end) is None
        for another in set(LIFE_MS) - {purpose}:
            assert catalog.tokens.find(another, token, BASE) is None
            assert catalog.tokens.spend(another, token, BASE) is None
        assert catalog.tokens.spend(purpose, token, BASE) is not None

    def test_all_of_a_persons_tokens_end_but_one(self, catalog: Catalog, ada: User) -> None:
        tokens = [catalog.tokens.create("session", ada.id, BASE) for _ in range(3)]
        link = catalog.tokens.create("link", ada.id, BASE)
        catalog.tokens.drop("session", ada.id, but=tokens[1])
        assert [catalog.tokens.find("session", one, BASE) is not None for one in tokens] == [False, True, False]
        assert catalog.tokens.find("link", link, BASE) is not None

    def test_an_invitation_says_which_role_and_ends_by_project(self, catalog: Catalog, ada: User, other: int) -> None:
        here, there = (
            catalog.tokens.create("invitation", ada.id, BASE, project_id=number, role="admin")
            for number in (DEFAULT_PROJECT, other)
        )
        catalog.tokens.drop("invitation", ada.id, project_id=other)
        assert catalog.tokens.look_at(there, BASE) is None
        found = catalog.tokens.spend("invitation", here, BASE)
        assert found is not None
        assert (found.user_id, found.project_id, found.role) == (ada.id, DEFAULT_PROJECT, "admin")

    # ── the audit log ────────────────────────────────────────────────────────────────────────────────────────

    def test_the_log_of_a_project_has_its_own_and_its_peoples_records(
        self, catalog: Catalog, ada: User, other: int
    ) -> None:
        catalog.audit.add(BASE, DEFAULT_PROJECT, "key_1", "saw", "GET /api/events")
        catalog.audit.add(BASE + 1, other, "key_2", "did", "POST /api/keys", "key_3")
        catalog.audit.add(BASE + 2, None, ada.id, "did", "signed in")
        catalog.audit.add(BASE + 3, None, "user_of nowhere", "did", "signed in")
        here = catalog.audit.list(DEFAULT_PROJECT, None, 10)
        assert [(one.actor, one.what) for one in here] == [(ada.id, "signed in"), ("key_1", "GET /api/events")]
        (there,) = catalog.audit.list(other, None, 10)
        assert (there.at, there.verb, there.subject) == (BASE + 1, "did", "key_3")
        assert catalog.audit.list(DEFAULT_PROJECT, here[0].id, 10) == here[1:]
        assert catalog.audit.list(DEFAULT_PROJECT, None, 1) == here[:1]

    def test_old_records_are_deleted(self, catalog: Catalog) -> None:
        for at in (BASE, BASE + 1):
            catalog.audit.add(at, DEFAULT_PROJECT, "key_1", "did", "something")
        catalog.audit.prune(BASE + KEPT_MS)
        assert [one.at for one in catalog.audit.list(DEFAULT_PROJECT, None, 10)] == [BASE + 1]

    # ── what is saved ────────────────────────────────────────────────────────────────────────────────────────

    def test_what_is_saved_stays_and_is_its_projects_alone(self, catalog: Catalog, open_: Open, other: int) -> None:
        made = catalog.saved.create(DEFAULT_PROJECT, DRAFT, "user_1", BASE)
        assert (made.name, made.question, made.owner, made.version) == ("b", "{}", "user_1", 1)
        again = open_()
        assert again.saved.get(DEFAULT_PROJECT, made.id) == made
        assert (again.saved.list(DEFAULT_PROJECT), again.saved.list(other)) == ([made], [])
        assert again.saved.some(DEFAULT_PROJECT, [made.id, "saved_none"]) == {made.id: made}
        assert again.saved.some(other, [made.id]) == again.saved.some(DEFAULT_PROJECT, []) == {}
        for act in (
            lambda: catalog.saved.get(other, made.id),
            lambda: catalog.saved.change(other, made.id, DRAFT, 1, BASE),
            lambda: catalog.saved.delete(other, made.id),
        ):
            with pytest.raises(NotFound):
                act()

    def test_a_change_names_the_version_that_it_changes(self, catalog: Catalog) -> None:
        made = catalog.saved.create(DEFAULT_PROJECT, DRAFT, "user_1", BASE)
        changed = catalog.saved.change(DEFAULT_PROJECT, made.id, draft("c"), 1, BASE + 1)
        assert (changed.name, changed.version, changed.created_at, changed.changed_at) == ("c", 2, BASE, BASE + 1)
        with pytest.raises(Conflict, match="version 2 is the newest"):
            catalog.saved.change(DEFAULT_PROJECT, made.id, DRAFT, 1, BASE + 2)
        assert catalog.saved.get(DEFAULT_PROJECT, made.id) == changed

    def test_of_many_who_change_one_version_one_wins(self, catalog: Catalog) -> None:
        made = catalog.saved.create(DEFAULT_PROJECT, DRAFT, "user_1", BASE)

        def change(name: str) -> bool:
            try:
                catalog.saved.change(DEFAULT_PROJECT, made.id, draft(name), 1, BASE)
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(change, "cdef")) == [False, False, False, True]

    def test_a_board_keeps_its_tiles_in_order_and_they_keep_what_they_show(self, catalog: Catalog, other: int) -> None:
        saved = catalog.saved.create(DEFAULT_PROJECT, DRAFT, "user_1", BASE)
        tiles = (tile("second", saved.id), tile("first", None), tile("third", saved.id))
        board = catalog.boards.create(DEFAULT_PROJECT, board_of(*tiles), "user_1", BASE)
        assert board.tiles == tiles
        assert catalog.boards.list(DEFAULT_PROJECT) == [board]
        with pytest.raises(Conflict, match="a board"):
            catalog.saved.delete(DEFAULT_PROJECT, saved.id)
        with pytest.raises(BadRequest) as refused:
            catalog.boards.create(other, board_of(tile("a", None), tile("b", saved.id)), "user_1", BASE)
        assert refused.value.path == "$.tiles[1].saved"
        assert catalog.boards.list(other) == []
        changed = catalog.boards.change(DEFAULT_PROJECT, board.id, board_of(tiles[1]), 1, BASE)
        assert (changed.tiles, changed.version) == ((tiles[1],), 2)
        with pytest.raises(Conflict):
            catalog.boards.change(DEFAULT_PROJECT, board.id, board_of(), 1, BASE)
        catalog.saved.delete(DEFAULT_PROJECT, saved.id)
        catalog.boards.delete(DEFAULT_PROJECT, board.id)
        assert catalog.boards.list(DEFAULT_PROJECT) == []

    def test_an_annotation_with_a_ref_is_made_once_in_a_project(self, catalog: Catalog, other: int) -> None:
        def make(project: int, text: str, ref: str | None = "r") -> tuple[str, bool]:
            note = Note(at=BASE, text=text, kind=None, tags=("x", "y\n"), ref=ref)
            made, is_new = catalog.annotations.create(project, note, "key_1", BASE)
            assert made.tags == ("x", "y\n")
            return made.text, is_new

        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda text: make(DEFAULT_PROJECT, text), "abcd"))
        assert sorted(is_new for _, is_new in made) == [False, False, False, True]
        assert len({text for text, _ in made}) == 1
        assert make(other, "theirs") == ("theirs", True)
        assert [make(other, "none", None)[1] for _ in range(2)] == [True, True]

    def test_there_is_an_end_to_what_a_project_keeps(
        self, catalog: Catalog, other: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for table in MOST:
            monkeypatch.setitem(MOST, table, 2)
        saved, _ = (catalog.saved.create(DEFAULT_PROJECT, DRAFT, "user_1", BASE) for _ in range(2))

        def note(ref: str | None) -> Note:
            return Note(at=BASE, text="x", kind=None, tags=(), ref=ref)

        kept: list[Callable[[int], object]] = [
            lambda project: catalog.boards.create(project, board_of(), "user_1", BASE),
            lambda project: catalog.annotations.create(project, note(None), "key_1", BASE),
            lambda project: catalog.shares.create(project, link_to(saved.id), "user_1", BASE),
        ]
        catalog.annotations.create(DEFAULT_PROJECT, note("c1"), "key_1", BASE)
        catalog.annotations.create(DEFAULT_PROJECT, note(None), "key_1", BASE)
        for create in (kept[0], kept[0], kept[2], kept[2]):
            create(DEFAULT_PROJECT)
        for create in (lambda project: catalog.saved.create(project, DRAFT, "user_1", BASE), *kept):
            with pytest.raises(Conflict, match="which is the most"):
                create(DEFAULT_PROJECT)
            create(other)
        assert catalog.annotations.create(DEFAULT_PROJECT, note("c1"), "key_1", BASE)[1] is False, "it is there"
        # What is over makes room.
        catalog.shares.create(DEFAULT_PROJECT, link_to(saved.id, BASE + 3 * HOUR), "user_1", BASE + 2 * HOUR)

    def test_annotations_are_listed_latest_first_from_a_range_and_a_place(self, catalog: Catalog, other: int) -> None:
        for at in (3, 1, 2, 2):
            note = Note(at=BASE + at, text=str(at), kind="release", tags=(), ref=None)
            catalog.annotations.create(DEFAULT_PROJECT, note, "key_1", BASE)
        listed = catalog.annotations.list
        whole = listed(DEFAULT_PROJECT, 10)
        assert [one.text for one in whole] == ["3", "2", "2", "1"]
        assert listed(DEFAULT_PROJECT, 2) == whole[:2]
        assert listed(DEFAULT_PROJECT, 10, before=(whole[1].at, whole[1].id)) == whole[2:]
        assert listed(DEFAULT_PROJECT, 10, start=BASE + 2, end=BASE + 3) == whole[1:3]
        assert listed(other, 10) == []
        with pytest.raises(NotFound):
            catalog.annotations.delete(other, whole[0].id)
        catalog.annotations.delete(DEFAULT_PROJECT, whole[0].id)
        assert listed(DEFAULT_PROJECT, 10) == whole[1:]

    def test_a_link_is_good_until_its_time_and_kept_as_a_digest(
        self, catalog: Catalog, other: int, kept: Callable[[], str]
    ) -> None:
        saved = catalog.saved.create(other, DRAFT, "user_1", BASE)
        share, token = catalog.shares.create(other, link_to(saved.id), "user_1", BASE)
        assert catalog.shares.find(token, BASE + HOUR - 1) == share
        assert catalog.shares.find(token, BASE + HOUR) is None
        assert catalog.shares.find(share.id, BASE) is None
        assert (catalog.shares.list(other, BASE), catalog.shares.list(DEFAULT_PROJECT, BASE)) == ([share], [])
        assert catalog.shares.list(other, BASE + HOUR) == []
        catalog.projects.archive(other, BASE)
        assert catalog.shares.find(token, BASE) is None
        catalog.projects.archive(other, None)
        assert catalog.shares.find(token, BASE) == share
        catalog.close()
        assert token not in kept()
        assert digest(token) in kept()

    def test_a_link_ends_when_it_is_revoked_and_with_what_it_shows(self, catalog: Catalog, other: int) -> None:
        saved = catalog.saved.create(other, DRAFT, "user_1", BASE)
        made = [catalog.shares.create(other, link_to(saved.id), "user_1", BASE) for _ in range(2)]
        with pytest.raises(NotFound):
            catalog.shares.revoke(DEFAULT_PROJECT, made[0][0].id)
        catalog.shares.revoke(other, made[0][0].id)
        assert [catalog.shares.find(token, BASE) is None for _, token in made] == [True, False]
        catalog.saved.delete(other, saved.id)
        assert catalog.shares.find(made[1][1], BASE) is None
        with pytest.raises(NotFound):
            catalog.shares.create(other, link_to(saved.id), "user_1", BASE)


def draft(name: str) -> Draft:
    return Draft(name=name, description="", kind="trend", question="{}")


DRAFT = draft("b")


def tile(title: str, saved_id: str | None) -> Tile:
    kind, question = (None, None) if saved_id else ("trend", "{}")
    return Tile(title=title, saved_id=saved_id, kind=kind, question=question, x=0, y=1, width=2, height=3)


def board_of(*tiles: Tile) -> BoardDraft:
    return BoardDraft(name="a board", description="", narrowing="{}", tiles=tiles)


def link_to(saved_id: str, expires_at: int = BASE + HOUR) -> ShareDraft:
    return ShareDraft(saved_id=saved_id, board_id=None, filters="[]", password=None, expires_at=expires_at)


class TestSQLite(CatalogContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return sqlite_url(tmp_path / "catalog.db")

    @pytest.fixture
    def kept(self, tmp_path: Path) -> Callable[[], str]:
        return lambda: b"".join(file.read_bytes() for file in tmp_path.glob("catalog.db*")).decode("latin-1")


class TestPostgreSQL(CatalogContract):
    @pytest.fixture
    def url(self, postgres: Postgres) -> str:
        return postgres.new_database()

    @pytest.fixture
    def kept(self, postgres: Postgres, url: str) -> Callable[[], str]:
        return lambda: postgres.text(url)

    def test_a_database_that_goes_away_is_said_to_and_keys_stay_known(
        self, catalog: Catalog, postgres: Postgres, url: str
    ) -> None:
        _, secret = catalog.keys.create(DEFAULT_PROJECT, "write", "", BASE)
        postgres.drop(url)
        for ask in (lambda: catalog.people.list(DEFAULT_PROJECT), catalog.refresh):
            with pytest.raises(Unavailable):
                ask()
        assert catalog.keys.grant_of(secret, BASE) is not None


# ── what cannot be opened ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("url", ["", "catalog.db", "mysql://canary@host/x", "postgresql+asyncpg://canary@h/x", "://"])
def test_a_database_of_another_kind_is_a_sentence_without_the_password(url: str) -> None:
    with pytest.raises(BadRequest) as refused:
        Catalog(url, BASE, "UTC")
    assert refused.value.path == "--database"
    assert "canary" not in refused.value.detail


def test_a_database_that_does_not_answer_is_a_sentence_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        Catalog(f"postgresql://ada:canary@/x?host={tmp_path}", BASE, "UTC")
    assert "canary" not in refused.value.detail


def test_a_file_that_is_no_catalog_is_named(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"somebody else's file, and not a short one" * 100)
    with pytest.raises(FolderDamaged, match=r"catalog\.db"):
        Catalog(sqlite_url(tmp_path / "catalog.db"), BASE, "UTC")
