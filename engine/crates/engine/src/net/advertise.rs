//! Which addresses clients are told.

use std::io;
use std::net::{IpAddr, Ipv6Addr};

use super::sys;
use crate::config::MAX_ADVERTISED;

/// The addresses under which a socket bound to `bind` can be reached from this machine's networks.
///
/// Loopback comes last: a browser on the same machine needs it, and Firefox, which gathers no
/// loopback candidate itself, must find another before it.
pub(crate) fn own_addresses(bind: IpAddr) -> io::Result<Vec<IpAddr>> {
    if !bind.is_unspecified() {
        return Ok(vec![bind]);
    }
    Ok(usable(bind, sys::interface_addresses()?))
}

fn usable(bind: IpAddr, mut found: Vec<IpAddr>) -> Vec<IpAddr> {
    found.retain(|address| address.is_ipv4() == bind.is_ipv4() && !is_link_local(*address));
    found.sort_by_key(|address| (address.is_loopback(), *address));
    found.dedup();
    let loopback = found.iter().copied().find(IpAddr::is_loopback);
    found.retain(|address| !address.is_loopback());
    found.truncate(MAX_ADVERTISED - 1);
    found.extend(loopback);
    found
}

/// Addresses that mean something only together with an interface.
fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => is_unicast_link_local(address),
    }
}

fn is_unicast_link_local(address: Ipv6Addr) -> bool {
    address.segments()[0] & 0xFFC0 == 0xFE80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    const ANY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

    #[test]
    fn loopback_is_told_last_and_foreign_families_and_link_local_not_at_all() {
        let found = addresses(&["127.0.0.1", "fe80::1", "::1", "192.0.2.7", "169.254.3.4"]);

        assert_eq!(usable(ANY, found), addresses(&["192.0.2.7", "127.0.0.1"]));
    }

    #[test]
    fn many_addresses_are_cut_and_loopback_stays() {
        let found = (0..20)
            .map(|n| IpAddr::from([10, 0, 0, n]))
            .chain(addresses(&["127.0.0.1"]));
        let told = usable(ANY, found.collect());

        assert_eq!(told.len(), MAX_ADVERTISED);
        assert!(told.last().unwrap().is_loopback());
    }

    #[test]
    fn a_socket_bound_to_one_address_is_told_as_that() {
        let address = IpAddr::from([127, 0, 0, 1]);

        assert_eq!(own_addresses(address).unwrap(), vec![address]);
    }
}
