from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "customers"

    def ready(self) -> None:
        from accounts.choices import Act
        from core import personal, search
        from core.shell import NavItem, register_nav
        from customers.selectors import find_accounts
        from customers.services import holders, keeping

        # People last: until then the others still find whose touches and deals they are.
        personal.register_holder(holders.Journeys())
        personal.register_holder(holders.Deals())
        personal.register_holder(holders.History())
        personal.register_holder(holders.People())
        for kept in keeping.KEPT:
            personal.register_kept(kept)
        search.register(find_accounts)
        register_nav(
            NavItem(
                "customers",
                "Customers",
                "building",
                "customers:accounts",
                order=50,
                action=Act.VIEW_CAMPAIGNS,
            )
        )
        register_nav(
            NavItem(
                "privacy",
                "Personal data",
                "shield-lock",
                "customers:privacy",
                group="Data",
                order=70,
                action=Act.VIEW_AUDIT,
            )
        )
