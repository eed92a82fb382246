"""Which addresses share a limit."""

import pytest

from convivium.core.network import network_of, provider_of


@pytest.mark.parametrize(
    ("host", "network", "provider"),
    [
        ("203.0.113.7", "203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:0:1ff::7", "2001:db8:0:1ff::/64", "2001:db8:0:100::/56"),
        ("", "unknown", "unknown"),
        ("a name", "unknown", "unknown"),
    ],
)
def test_a_network_is_a_household_and_a_part_of_something(
    host: str, network: str, provider: str
) -> None:
    """An IPv4 address and its /24, the /64 of an IPv6 one and its /56."""
    assert network_of(host) == network
    assert provider_of(network) == provider
