"""Whether tests draw other examples each time, and more of them: `AEO_LEDGER_THOROUGH=1 scripts/test`."""

import os
from typing import Final

THOROUGH: Final = bool(os.environ.get("AEO_LEDGER_THOROUGH"))
