"""Who shares a limit: addresses that belong together, of which one sender may have many."""

import ipaddress


def network_of(host: str) -> str:
    """Name the network a request came from: an IPv4 address, or the /64 of an IPv6 one."""
    return _around(host, 32, 64)


def provider_of(network: str) -> str:
    """Name what a network is a part of: a /24, or a /56; so many are rented as one."""
    return _around(network.partition("/")[0], 24, 56)


def _around(host: str, of_4: int, of_6: int) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    prefix = of_6 if isinstance(address, ipaddress.IPv6Address) else of_4
    around = ipaddress.ip_network((address, prefix), strict=False)
    return str(address) if around.num_addresses == 1 else str(around)
