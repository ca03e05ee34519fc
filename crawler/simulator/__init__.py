"""The outside world in a box: a portal of invented public bodies, served on loopback over virtual time.

>>> from crawler.simulator import Simulator
>>> with Simulator(seed=7) as world:
...     truth = world.truth()            # every report with its figures, every look-alike with its class
...     edit = world.edit()              # one figure of the newest report changes in silence
...     world.advance(days=30)
...     world.break_("*", "412")         # the whole host answers a challenge
...     world.log                        # every request, to test manners

:class:`Country` is many such portals behind one server, of many content systems.

It knows nothing of the programs that are tested with it: only the standard library is imported.
"""

from crawler.simulator.country import Country
from crawler.simulator.desk import Edit
from crawler.simulator.sheet import Expected, Planted
from crawler.simulator.truth import AttachmentTruth, ReportTruth, Truth
from crawler.simulator.world import Simulator

__all__ = ["AttachmentTruth", "Country", "Edit", "Expected", "Planted", "ReportTruth", "Simulator", "Truth"]
