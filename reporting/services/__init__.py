"""Reports: made, frozen, signed, sent; and the subscriptions that say to whom."""

from reporting.services.annotations import (
    annotation_add,
    annotation_delete,
    annotation_edit,
    annotation_undelete,
)
from reporting.services.making import MAKE, OPEN, make_report_item, report_request
from reporting.services.packs import board_pack, performance_review
from reporting.services.schedule import monthly_board_pack, monthly_reviews
from reporting.services.sending import MAIL, report_mail, report_send, send_report_item
from reporting.services.signing import report_sign
from reporting.services.subscriptions import subscription_remove, subscription_set

__all__ = [
    "MAIL",
    "MAKE",
    "OPEN",
    "annotation_add",
    "annotation_delete",
    "annotation_edit",
    "annotation_undelete",
    "board_pack",
    "make_report_item",
    "monthly_board_pack",
    "monthly_reviews",
    "performance_review",
    "report_mail",
    "report_request",
    "report_send",
    "report_sign",
    "send_report_item",
    "subscription_remove",
    "subscription_set",
]
