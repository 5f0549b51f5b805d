"""Reports composed from what is stored: every figure comes from the one query, the ledger or the log."""

from reporting.selectors.pack.brief import Brief, open_brief
from reporting.selectors.pack.documents import pack_content, review_content

__all__ = ["Brief", "open_brief", "pack_content", "review_content"]
