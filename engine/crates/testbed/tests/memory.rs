//! What the engine keeps of a listener: octets of heap, counted exactly. A file of its own, since
//! an allocator that counts is the whole program's.
#![expect(
    unsafe_code,
    reason = "an allocator cannot be made without; this one only counts and passes on"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use convivium_testbed::peer::Offer;
use convivium_testbed::world::{Guest, World, WorldError};
use str0m::media::Direction;

/// Passes everything on to the system's allocator, and counts what is not given back. What the
/// cryptographic library keeps, some 4 kB of expanded keys, it gets elsewhere.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on as it came, and its result is given back as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promised us.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promised us; the pointer came from there.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Let so many join one after another, the client of each thrown away when it is in.
fn let_in(
    world: &mut World,
    numbers: std::ops::Range<u8>,
    with_channel: bool,
) -> Result<(), WorldError> {
    for number in numbers {
        let guest = Guest {
            offer: Offer {
                direction: Direction::RecvOnly,
                with_channel,
            },
            ..Guest::number(number)
        };
        let place = world.join(guest)?;
        drop(world.people.remove(place));
        world.events = Vec::new();
        world.sent = Vec::new();
    }
    Ok(())
}

/// Octets that each of a hundred listeners adds.
fn kept_of_each(with_channel: bool) -> Result<usize, WorldError> {
    let mut world = World::new()?;
    // The first ones make queues and maps grow to their sizes.
    let_in(&mut world, 1..33, with_channel)?;
    let before = IN_USE.load(Ordering::Relaxed);
    let_in(&mut world, 33..133, with_channel)?;
    let after = IN_USE.load(Ordering::Relaxed);
    assert_eq!(world.controls().stats().peers.get(), 132, "all are there");
    Ok(after.saturating_sub(before) / 100)
}

/// With a data channel it is 16.6 kB, without 12.9; what was kept of it before the handshakes were
/// ours was 54.6 and 52.2.
#[test]
fn a_listener_costs_the_heap_no_more_than_it_has_to() {
    let (with, without) = (kept_of_each(true).unwrap(), kept_of_each(false).unwrap());

    assert!((5_000..18_000).contains(&with), "{with}");
    assert!((5_000..14_000).contains(&without), "{without}");
}
