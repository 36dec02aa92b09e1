"""Making one person of two users, and two again: look what stands, say what would change, write it down (R23).

One at a time, so that no merge is made by what another one is about to change.
"""

import asyncio
from collections.abc import Callable

import msgspec

from footfall.insights import merges
from footfall.insights.question import Query, Rows
from footfall.insights.sql import Context
from footfall.model.errors import NotFound, Unavailable
from footfall.protocols.ids import new_event_id
from footfall.services.ingest import Ingest
from footfall.services.turns import Turns
from footfall.services.writer import Writer
from footfall.stores.warehouse import Warehouse

PATIENCE = 10.0
"""Seconds that a merge waits for what was said before it, and then until it is in every answer."""

Plan = Callable[[merges.Standing, str], merges.Step]
"""What is to be done, as things stand; the second is the id of what will be written."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, or would be."""

    change: merges.Change
    shows: bool = True
    """Whether every answer says so already. If not it is written all the same, and they will."""


class Merging:
    def __init__(self, warehouse: Warehouse, writer: Writer, ingest: Ingest, turns: Turns) -> None:
        self._warehouse = warehouse
        self._writer = writer
        self._ingest = ingest
        self._turns = turns
        self._one_at_a_time = asyncio.Lock()

    async def standing(self, context: Context) -> merges.Answer:
        """The merges in force."""
        await self._writer.settled(PATIENCE)
        return merges.shape(merges.standing_of(await self._select(merges.build(context))))

    async def merge(self, user: str, into: str, context: Context, *, preview: bool) -> Made:
        """`user` counts as `into` from now on, for the past too. Raises `NotFound`, `Conflict`, `Unavailable`."""
        return await self._change(
            lambda standing, made: merges.merge(standing, user, into, made, context.now), context, preview
        )

    async def unmerge(self, user: str, context: Context, *, preview: bool) -> Made:
        """As if `user` had not been merged. Raises `NotFound`, `Unavailable`."""
        return await self._change(lambda standing, _: merges.unmerge(standing, user), context, preview)

    async def _change(self, plan: Plan, context: Context, preview: bool) -> Made:
        shows = True
        async with self._one_at_a_time:
            if not await self._writer.settled(PATIENCE):
                raise Unavailable("What arrived before is not stored yet. Ask again later.")
            standing = merges.standing_of(await self._select(merges.build(context)))
            event_id = new_event_id(context.now)
            step = plan(standing, event_id)
            known = (await self._select(merges.build_known([*step.moving, *step.staying], context))).rows
            for user, _, is_known in known:
                if not is_known and user in {step.user, step.into} and user not in standing.words:
                    raise NotFound(f"There is no user “{user}”.", path="$.user_id" if user == step.user else "$.into")
            rows = {name: await self._select(query) for name, query in merges.build_sides(step, context).items()}
            if not preview:
                events = merges.events_of(step, standing, event_id, context.now)
                await self._ingest.keep(events, context.project_id, context.now)
                shows = await self._writer.settled(PATIENCE)
        merge_id = step.words[step.user].merge
        return Made(
            change=merges.shape_change(
                step,
                {user: key for user, key, _ in known},
                rows,
                None if preview and merge_id == event_id else merge_id,
            ),
            shows=shows,
        )

    async def _select(self, query: Query) -> Rows:
        return await self._turns.take(self._warehouse.select, query)
