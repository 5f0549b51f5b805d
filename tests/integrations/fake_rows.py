"""How each platform writes a row: the shapes of the answers of ``fake_platform``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Row = dict[str, str]


def google_row(row: Row) -> dict[str, Any]:
    metrics = {
        "costMicros": str(int(Decimal(row["spend"]) * 10**6)),
        "impressions": row["impressions"], "clicks": row["clicks"],
        "conversions": float(row["conversions"]), "conversionsValue": float(row["value"]),
    }  # fmt: skip
    return {
        "campaign": {"id": row["campaign"], "name": row["name"], "status": "ENABLED"},
        "segments": {"date": row["day"]},
        # Google leaves out what is zero.
        "metrics": {key: value for key, value in metrics.items() if value not in ("0", 0.0)},
    }


def of_event(row: Row) -> tuple[str, str, str]:
    """Its event, how often, and what it was worth."""
    return row.get("event", "0"), row["conversions"], row["value"]


def google_action(row: Row) -> dict[str, Any]:
    event, times, value = of_event(row)
    return {
        "campaign": {"id": row["campaign"]},
        "segments": {"date": row["day"], "conversionAction": f"customers/1/conversionActions/{event}"},
        "metrics": {"allConversions": float(times), "allConversionsValue": float(value)},
    }  # fmt: skip


def linkedin_conversion(row: Row) -> dict[str, Any]:
    event, times, value = of_event(row)
    return {
        **linkedin_row(row), "externalWebsiteConversions": int(times),
        "conversionValueInLocalCurrency": value,
        "pivotValues": [f"urn:li:sponsoredCampaign:{row['campaign']}",
                        f"urn:lla:llaPartnerConversion:{event}"],
    }  # fmt: skip


def meta_row(row: Row, account: Mapping[str, str]) -> dict[str, Any]:
    purchase = "offsite_conversion.fb_pixel_purchase"
    actions = [
        {"action_type": purchase, "value": row["conversions"], "7d_click": row["conversions"]},
        {"action_type": "omni_purchase", "value": row["conversions"]},
        {"action_type": "onsite_conversion.lead_grouped", "value": row.get("leads", "0")},
    ]
    return {
        "account_id": "12345", "account_name": account["name"],
        "account_currency": account["currency"], "campaign_id": row["campaign"],
        "campaign_name": row["name"], "adset_id": f"2{row['campaign']}", "adset_name": "Set",
        "ad_id": f"3{row['campaign']}", "ad_name": "Ad", "date_start": row["day"],
        "date_stop": row["day"], "impressions": row["impressions"],
        "clicks": str(int(row["clicks"]) + 5), "inline_link_clicks": row["clicks"],
        "spend": row["spend"], "actions": actions,
        "action_values": [{"action_type": purchase, "value": row["value"]}],
    }  # fmt: skip


def linkedin_row(row: Row) -> dict[str, Any]:
    year, month, day = (int(part) for part in row["day"].split("-"))
    at = {"year": year, "month": month, "day": day}
    return {
        "pivotValues": [f"urn:li:sponsoredCampaign:{row['campaign']}"],
        "dateRange": {"start": at, "end": at}, "clicks": int(row["clicks"]),
        "impressions": int(row["impressions"]), "costInLocalCurrency": row["spend"],
        "costInUsd": "1.00", "externalWebsiteConversions": int(row["conversions"]),
        "oneClickLeads": int(row.get("leads", "0")), "conversionValueInLocalCurrency": row["value"],
    }  # fmt: skip


def tiktok_row(row: Row) -> dict[str, Any]:
    if "asked" in row:
        event, times, _ = of_event(row)
        asked = json.loads(row["asked"])
        return {
            "dimensions": {
                "campaign_id": row["campaign"],
                "stat_time_day": f"{row['day']} 00:00:00",
            },
            "metrics": {name: times if name == event else "0" for name in asked},
        }
    return {
        "dimensions": {"campaign_id": row["campaign"], "stat_time_day": f"{row['day']} 00:00:00"},
        "metrics": {
            "campaign_name": row["name"], "spend": row["spend"], "impressions": row["impressions"],
            "clicks": row["clicks"], "conversion": row["conversions"],
            "total_purchase_value": row["value"], "total_sales_lead_value": "0",
        },
    }  # fmt: skip


def hubspot_deal(row: Row) -> dict[str, Any]:
    return {
        "dealname": f"Deal {row['campaign']}", "dealstage": row["name"], "amount": row["value"],
        "pipeline": "default", "createdate": "2026-10-01T08:00:00Z",
        "closedate": f"{row['day']}T12:00:00Z",
        "hs_is_closed": str("closed" in row["name"]).lower(),
        "hs_is_closed_won": str(row["name"] == "closedwon").lower(),
        "hs_primary_associated_company": row.get("company"),
    }  # fmt: skip


def roles(row: Row) -> dict[str, Any] | None:
    if "people" not in row:
        return None
    people = row["people"].split(";")
    return {"totalSize": len(people), "records": [{"ContactId": one} for one in people]}


def salesforce_deal(row: Row) -> dict[str, Any]:
    return {
        "Id": row["campaign"], "Name": f"Deal {row['campaign']}", "StageName": row["name"],
        "Amount": float(row["value"]), "CreatedDate": "2026-10-01T08:00:00.000+0000",
        "CloseDate": row["day"], "IsClosed": "closed" in row["name"],
        "IsWon": row["name"] == "closedwon", "AccountId": row.get("company"),
        "OpportunityContactRoles": roles(row),
    }  # fmt: skip


def hubspot_company(row: Row) -> dict[str, Any]:
    return {
        "name": row["name"], "industry": "Textiles", "country": "Germany", "annualrevenue": row["value"],
        "createdate": "2026-10-01T08:00:00Z",
    }  # fmt: skip


def hubspot_contact(row: Row) -> dict[str, Any]:
    first, _, last = row["name"].partition(" ")
    return {
        "hs_object_id": row["campaign"], "firstname": first, "lastname": last, "email": row["email"],
        "phone": row.get("phone"), "lifecyclestage": row.get("lifecycle", "customer"),
        "hs_lead_status": None, "hs_analytics_source": "PAID_SEARCH",
        "associatedcompanyid": row.get("company"), "createdate": "2026-10-01T08:00:00Z",
    }  # fmt: skip


def salesforce_account(row: Row) -> dict[str, Any]:
    return {
        "Id": row["campaign"], "Name": row["name"], "Industry": "Textiles", "BillingCountry": "Germany",
        "AnnualRevenue": float(row["value"]), "CreatedDate": "2026-10-01T08:00:00.000+0000",
    }  # fmt: skip


def salesforce_contact(row: Row) -> dict[str, Any]:
    return {
        "Id": row["campaign"], "Name": row["name"], "Email": row["email"], "Phone": row.get("phone"),
        "AccountId": row.get("company"), "LeadSource": "Web",
        "CreatedDate": "2026-10-01T08:00:00.000+0000",
    }  # fmt: skip


# By HubSpot's name of the kind: what its latest change is called, and its properties.
HUBSPOT: dict[str, tuple[str, Callable[[Row], dict[str, Any]]]] = {
    "companies": ("hs_lastmodifieddate", hubspot_company),
    "contacts": ("lastmodifieddate", hubspot_contact),
    "deals": ("hs_lastmodifieddate", hubspot_deal),
}
SALESFORCE: dict[str, tuple[str, Callable[[Row], dict[str, Any]]]] = {
    "Account": ("companies", salesforce_account),
    "Contact": ("contacts", salesforce_contact),
    "Opportunity": ("deals", salesforce_deal),
}
