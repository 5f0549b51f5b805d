from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        _imports()
        _quality()
        _streams_and_ways()
        _people()
        _files_for_platforms()
        _connections()


def _imports() -> None:
    """Files on their way in, and where a number came from."""
    from accounts.choices import Act
    from accounts.permissions import person
    from core import needs, outbox
    from core.shell import NavItem, register_nav, register_page
    from integrations.choices import IMPORT
    from integrations.selectors import quarantined_count, source_labels, waiting_imports
    from integrations.services.background import work
    from integrations.services.lineage import batch_runs, rows_behind
    from metrics.selectors import register_labels, register_origins

    register_nav(
        NavItem(
            "imports",
            "Imports",
            "file-import",
            "integrations:imports",
            group="Data",
            order=10,
            action=Act.UPLOAD_IMPORT,
        )
    )
    register_nav(
        NavItem(
            "quarantine",
            "Quarantine",
            "alert-triangle",
            "integrations:quarantine",
            group="Data",
            order=11,
            action=Act.CONFIRM_PARTIAL,
            badge=lambda request: quarantined_count(person(request)),
        )
    )
    # A file of invoices is read here, and belongs to the money.
    register_page("integrations:bill-file", "budgets")
    register_labels("source", source_labels)
    register_origins(batch_runs, rows_behind)
    needs.register(waiting_imports)
    outbox.register_handler(IMPORT, work)


def _quality() -> None:
    """What is wrong with the data of a source, and names that break the rules."""
    from accounts.choices import Act
    from accounts.permissions import person
    from campaigns.services import register_name_check
    from core import needs, outbox
    from core.shell import NavItem, register_nav
    from integrations.choices import QUALITY
    from integrations.selectors import name_problem, open_errors, waiting_issues
    from integrations.services.quality import source_look

    register_name_check(name_problem)
    register_nav(
        NavItem(
            "quality",
            "Data quality",
            "checks",
            "integrations:quality",
            group="Data",
            order=12,
            action=Act.VIEW_CAMPAIGNS,
            badge=lambda request: open_errors(person(request)),
        )
    )
    needs.register(waiting_issues)
    outbox.register_handler(QUALITY, source_look)


def _streams_and_ways() -> None:
    """Events that are sent in, and files that come by themselves."""
    from core import outbox
    from integrations.choices import FETCH, STREAM_FLUSH
    from integrations.selectors import invariants
    from integrations.services.stream import flush_events
    from integrations.services.ways import handle_fetch

    invariants.register()
    outbox.register_handler(STREAM_FLUSH, flush_events, is_quick=True)
    outbox.register_handler(FETCH, handle_fetch)


def _people() -> None:
    """Where what comes in says something about a person."""
    from core import personal
    from integrations.services import people
    from integrations.services.connections.pages import Pages
    from integrations.services.stream import StreamPeople

    for holder in (StreamPeople(), people.Files(), people.Checks(), Pages()):
        personal.register_holder(holder)
    for kept in people.KEPT:
        personal.register_kept(kept)


def _files_for_platforms() -> None:
    """Approved changes as files for the platforms' own editors."""
    from approvals.selectors import register_results
    from core import features, outbox
    from integrations.choices import PLATFORM_FILES
    from integrations.selectors import platform_files_of
    from integrations.services.bulk_files import make_bulk_files

    outbox.register_handler("bulk_file", make_bulk_files, leaves_the_house=True)
    features.register(
        features.Feature(
            PLATFORM_FILES,
            "Files for the platforms",
            "Makes the bulk-edit file of every platform when a budget move was carried out.",
            level=3,
        )
    )
    register_results(platform_files_of)


def _connections() -> None:
    """Accounts that are read through their platforms, and orders that go out to them."""
    from accounts.choices import Act
    from approvals.selectors import register_results
    from approvals.services import register_action
    from campaigns.services import register_follower
    from core import features, needs, outbox
    from core.shell import NavItem, register_nav
    from integrations.approval_actions import PlatformChange
    from integrations.choices import PLATFORM_ORDER, PLATFORM_ORDERS, SYNC
    from integrations.selectors import connections_in_need, orders_in_need, orders_of
    from integrations.services import connections
    from integrations.services.connections.checks import register_checks
    from integrations.services.connections.following import campaign_followed

    register_checks()
    register_action(PlatformChange())
    register_follower(campaign_followed)
    outbox.register_handler(SYNC, connections.work)
    # The kill switch is asked where the order is sent, so that the order says why it stopped.
    outbox.register_handler(PLATFORM_ORDER, connections.work_order, is_quick=True)
    features.register(
        features.Feature(
            PLATFORM_ORDERS,
            "Orders to the platforms",
            "Sends approved pauses, budgets, bids and rotations through connections that may write.",
            level=3,
            default=False,
        )
    )
    register_nav(
        NavItem(
            "connections",
            "Connections",
            "plug-connected",
            "integrations:connections",
            group="Data",
            order=13,
            action=(Act.VIEW_CAMPAIGNS, Act.WRITE_CREDENTIALS),
        )
    )
    needs.register(connections_in_need)
    needs.register(orders_in_need)
    register_results(orders_of)
