"""Ways by which files come in without anybody uploading them: folders, mail addresses, URLs."""

from integrations.services.ways.fetches import fetch_way, fetches_due, handle_fetch
from integrations.services.ways.folders import folder_look, folders_look
from integrations.services.ways.keeping import WayInput, way_create, way_edit, way_switch
from integrations.services.ways.mail import Delivery, mail_take
from integrations.services.ways.now import way_take_now
from integrations.services.ways.taking import Taken, take_in

__all__ = [
    "Delivery",
    "Taken",
    "WayInput",
    "fetch_way",
    "fetches_due",
    "folder_look",
    "folders_look",
    "handle_fetch",
    "mail_take",
    "take_in",
    "way_create",
    "way_edit",
    "way_switch",
    "way_take_now",
]
