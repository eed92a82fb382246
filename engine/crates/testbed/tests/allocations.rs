//! What is done for each packet needs no memory.
//!
//! A binary of its own: it counts what this one allocates.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]
#![expect(unsafe_code, reason = "an allocator is unsafe by its interface")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use convivium_engine::SteppedEngine;
use convivium_testbed::voice::Voice;
use convivium_testbed::world::{Guest, World};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting for each thread.
struct Counting;

// SAFETY: all is done by the system's allocator; the count uses no memory of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(act: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    act();
    ALLOCATIONS.get() - before
}

/// What a second of a voice, played to so many, allocates; and how many packets were sent.
fn second_of_voice(listeners: u8) -> (u64, u64) {
    let mut world = World::new().unwrap();
    for n in 1..=listeners {
        world.join(Guest::number(n)).unwrap();
    }
    let (guest, voice) = (Guest::number(200), Voice::new(3).packets(200).unwrap());
    let controls = world.controls();
    controls.play(guest.space, guest.source, voice).unwrap();
    world.run(Duration::from_secs(1));
    let now = world.now();
    let mut engine = world.into_engine();
    let sent = engine.controls().stats().packets_out.get();
    let count = allocations(|| engine.advance(now + Duration::from_secs(1)));
    (count, engine.controls().stats().packets_out.get() - sent)
}

#[test]
fn a_packet_to_one_more_listener_allocates_nothing() {
    let (few, sent_to_few) = second_of_voice(2);
    let (many, sent_to_many) = second_of_voice(22);

    assert!(sent_to_many >= sent_to_few + 20 * 50);
    // A deadline or a buffer may grow now and then.
    assert!(many <= few + 20, "{many} among 22, {few} among 2");
}

/// An engine with a listener, and a check and a report of that one.
fn check_and_report() -> (SteppedEngine, Guest, Vec<u8>, Vec<u8>) {
    let mut world = World::new().unwrap();
    let guest = Guest::number(1);
    world.join(guest).unwrap();
    let kept = Rc::new(RefCell::new(Vec::new()));
    let keeper = Rc::clone(&kept);
    world.arrives = Box::new(move |datagram| {
        let is_report = (192..224).contains(&datagram.bytes[1]) && datagram.bytes[0] >= 128;
        let is_wanted = datagram.from == guest.address && (is_report || datagram.bytes[0] == 0);
        if is_wanted {
            keeper.borrow_mut().push(datagram.bytes.clone());
        }
        !is_wanted || !is_report
    });
    world.run(Duration::from_secs(12));
    let kept = kept.take();
    let last = |least: u8| {
        kept.iter()
            .rfind(|bytes| (bytes[0] >= 128) == (least >= 128))
    };
    let (check, report) = (last(0).unwrap().clone(), last(128).unwrap().clone());
    (world.into_engine(), guest, check, report)
}

#[test]
fn a_check_and_a_report_allocate_nothing() {
    let (mut engine, guest, check, report) = check_and_report();
    engine.receive(guest.address, &check);
    let stats = |engine: &SteppedEngine| {
        let stats = engine.controls().stats();
        (stats.checks_answered.get(), stats.reports_in.get())
    };
    let before = stats(&engine);
    let count = allocations(|| {
        engine.receive(guest.address, &check);
        engine.receive(guest.address, &report);
    });

    assert_eq!(stats(&engine), (before.0 + 1, before.1 + 1));
    assert_eq!(count, 0);
}
