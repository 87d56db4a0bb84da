from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.roles import OTHER, natures, nearest_code, roles, zone_roles

# DOMAIN 4.2, the codes a layer may have.
CODES = [
    "ECO_RED",
    "PA_CORE",
    "PA_GEN",
    "OLD_HX",
    "OLD_HC",
    "OLD_SY",
    "SCENIC_CORE",
    "SCENIC",
    "WET_NAT",
    "WET_PROV",
    "WET_GEN",
    "WS1",
    "WS2",
    "WSQ",
    "PBF",
    "UDB_IN",
    "UDB_OUT",
    "EUM_P",
    "EUM_K",
    "EUM_G",
    "RIVER_MGMT",
    "SPRING",
    "SPRING_KEY",
    "SLOPE25",
    "WSP_KEYPREV",
    "WSP_KEYTREAT",
    "SALTLAKE_CORE",
    "SALTLAKE_GEN",
    "FOREST_PWL",
    "GRASS_BASIC",
    "SOIL_LIST",
    "FARM_A",
    "FARM_C",
    "LIVESTOCK_BAN",
    "DISASTER",
    "COAL_BAN",
    "BANK_YELLOW",
]


def test_the_zone_roles_are_those_of_the_domain() -> None:
    assert set(zone_roles()) == set(CODES)


def test_natures_are_those_of_the_domain_and_other() -> None:
    expected = [
        "ECO",
        "LIN",
        "WAT",
        "WWTP",
        "PIPE",
        "AGR",
        "LIV",
        "IND",
        "MINE",
        "WASTE",
        "RES",
        "VIL",
        "TOUR",
        "PV",
        "NATL",
        "REM",
        "MON",
    ]
    assert set(natures()) == {*expected, OTHER}


def test_ties_are_broken_by_an_order_without_ties() -> None:
    orders = [role.order for role in zone_roles().values()]
    assert len(set(orders)) == len(orders)


def test_no_contact_with_redline_or_farmland_is_dismissed() -> None:
    assert {code for code, role in zone_roles().items() if not role.noise_dismissible} == {"ECO_RED", "PBF"}


def test_colours_and_names_are_complete() -> None:
    for role in roles().values():
        assert re.fullmatch("#[0-9A-F]{6}", role.style.fill), role.code
        assert re.fullmatch("#[0-9A-F]{6}", role.style.edge), role.code
        assert 0 <= role.style.fill_opacity <= 1
        assert role.name("zh") != role.name("en")
        assert role.confidence in {"H", "M", "L"}


@pytest.mark.parametrize(("typed", "meant"), [("ECO-RED", "ECO_RED"), ("eco_red", "ECO_RED"), ("PBFF", "PBF")])
def test_nearest_code(typed: str, meant: str) -> None:
    assert nearest_code(typed, roles()) == meant


@given(st.text(max_size=30))
def test_there_is_always_a_nearest_code(typed: str) -> None:
    assert nearest_code(typed, natures()) in natures()
