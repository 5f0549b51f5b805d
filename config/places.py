"""Where this copy of Adroit keeps its files."""

from collections.abc import Mapping
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent


def var_folder(env: Mapping[str, str]) -> Path:
    """The folder of the embedded database, uploads, queue and logs.

    `ADROIT_VAR` names it (a relative path counts from the project root);
    otherwise it is `var/` in the project root. It need not exist yet.
    """
    named = env.get("ADROIT_VAR", "").strip()
    return (PROJECT_ROOT / (named or "var")).resolve()
