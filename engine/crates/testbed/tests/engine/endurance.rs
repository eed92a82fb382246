//! What happens to those who stay long, and to what is left of those who go.

use std::time::Duration;

use convivium_engine::{CloseReason, Event};
use convivium_testbed::world::{Guest, World};

use crate::support::{level_db, saying};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn sound_goes_on_over_the_wraps_of_all_numbers_in_both_directions() {
    let mut world = World::new().unwrap();
    world.begin_near_wraps();
    let ama = world.join(Guest::number(1)).unwrap();
    let ben = world.join(Guest::number(2)).unwrap();
    world.set_gate(ama, true).unwrap();
    world.people[ama].say(saying(3, 10));
    world.run(SECOND / 2);
    let begun = world.now();
    let before = world.people[ben].heard.len();
    world.run(8 * SECOND);

    let heard = &world.people[ben].heard[before..];
    assert!(heard.last().unwrap().sequence > 1 << 16);
    assert!(heard.last().unwrap().timestamp < heard[0].timestamp);
    assert!(world.controls().stats().voice_in.get() > 400);
    assert_eq!(world.controls().stats().dropped_invalid.get(), 0);
    for pair in heard.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence + 1);
        assert_eq!(pair[1].timestamp.wrapping_sub(pair[0].timestamp), 960);
    }
    for second in 0..8 {
        let from = begun + SECOND * second;
        let level = level_db(&world.people[ben], 3, from, from + SECOND);
        assert!(level > -30.0, "{level} dBFS in second {second}");
    }
}

#[test]
fn nothing_is_left_of_people_who_come_and_go() {
    let mut world = World::new().unwrap();
    let ended = |world: &World, reason| {
        let of = |event: &&Event| matches!(event, Event::Closed { why, .. } if *why == reason);
        world.events.iter().filter(of).count()
    };
    for n in 1..=60 {
        let guest = Guest::number(n);
        let place = world.invite(guest).unwrap();
        world.run(SECOND / 20);
        match n % 4 {
            // Told to go.
            0 => drop(world.controls().close_peer(guest.peer).unwrap()),
            // Moves, and is not heard of again.
            1 => world.people[place].seen_at = vec![([198, 51, 100, n], 7000).into()],
            // Restarts from elsewhere.
            2 => world
                .restart(place, ([203, 0, 113, n], 7000).into())
                .unwrap(),
            _ => {}
        }
    }
    world.run(5 * SECOND);
    assert!(world.left_of_peers() > 100);
    assert_eq!(world.controls().stats().peers.get(), 45);

    world.people.clear();
    world.run(20 * SECOND);
    assert_eq!(ended(&world, CloseReason::Silent), 45);
    assert_eq!(world.controls().stats().peers.get(), 0);
    assert_eq!(world.left_of_peers(), 0);
}
