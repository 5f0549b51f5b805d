"""Printed reports as pure functions: content in, PDF bytes out; no database, no clock.

``drawing.draw_pack`` the board pack, ``review.draw_review`` the monthly performance review,
``sheet.draw_table_pdf`` any table a screen shows, ``companion.pack_companion_csv`` the same figures
for readers who cannot see the page. What they say is composed of ``content`` and a ``book.FigureBook``.
Fonts come from ``python tools/fonts.py``.
"""
