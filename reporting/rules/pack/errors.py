"""What can be wrong with a document before it is drawn."""

from __future__ import annotations

from core.errors import AdroitError


class PackError(AdroitError):
    """The document cannot be drawn truthfully, so it is not drawn at all."""

    status = 500
    code = "pack_error"


class UndefinedFigure(PackError):
    """Something is to be printed that has no figure or no provenance."""

    code = "pack_undefined_figure"


class UnusedFigure(PackError):
    """A figure or a provenance was given but is printed nowhere."""

    code = "pack_unused_figure"


class NumberWithoutFigure(PackError):
    """A number was typed into a sentence instead of coming from the store."""

    code = "pack_number_without_figure"


class PartsDoNotAddUp(PackError):
    """Printed parts do not sum to the printed total."""

    code = "pack_parts_do_not_add_up"


class DoesNotFit(PackError):
    """A figure would be cut off or leave the page."""

    code = "pack_does_not_fit"


class FontsMissing(PackError):
    """The prepared fonts are not there."""

    code = "pack_fonts_missing"
