"""Events of a Python application, for a Footfall server. `docs/guide/python.md` is its guide.

>>> from footfall_client import Footfall
>>> client = Footfall("https://analytics.example", "WRITE_KEY")
>>> client.track("project.created", user_id="42", properties={"models": 3})

`asgi` and `django` have middleware. Nothing else is public, and nothing is needed but the standard library.
"""

from footfall_client.client import Analytics, Client, Footfall, Recording, Told, analytics, configure
from footfall_client.event import Event, Fields, Properties
from footfall_client.settings import Hook, Options
from footfall_client.version import __version__

__all__ = [
    "Analytics",
    "Client",
    "Event",
    "Fields",
    "Footfall",
    "Hook",
    "Options",
    "Properties",
    "Recording",
    "Told",
    "__version__",
    "analytics",
    "configure",
]
