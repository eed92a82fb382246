//! Messages that many send alike are counted, and told as sums.

use std::time::Duration;

use convivium_engine::{Event, SpaceId};
use convivium_testbed::world::{COUNTED, World};

use crate::support::ama_and_ben;

const SECOND: Duration = Duration::from_secs(1);

fn say(world: &mut World, person: usize, message: &str) {
    let now = world.now();
    world.people[person].peer().write(message, now).unwrap();
}

/// The sums told since this was asked last, and in how many events.
fn told(world: &mut World) -> (Vec<u32>, usize) {
    let mut sums = vec![0; COUNTED.len()];
    let mut times = 0;
    for event in world.events.drain(..) {
        if let Event::Counted {
            space: SpaceId(1),
            counts,
        } = event
        {
            times += 1;
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum += count;
            }
        }
    }
    (sums, times)
}

#[test]
fn what_many_say_alike_is_told_as_sums_twice_a_second() {
    let (mut world, ama, ben) = ama_and_ben();
    for _ in 0..4 {
        say(&mut world, ama, COUNTED[0]);
        say(&mut world, ben, COUNTED[0]);
        say(&mut world, ben, COUNTED[1]);
        world.run(SECOND / 20);
    }
    world.run(SECOND);

    // They live on different shards, and each tells once.
    assert_eq!(told(&mut world), (vec![8, 4], 2));
}

#[test]
fn what_is_not_among_the_texts_is_not_told() {
    let (mut world, ama, _) = ama_and_ben();
    let long = COUNTED[0].repeat(20);
    for message in ["hello", &long, &COUNTED[0][1..]] {
        say(&mut world, ama, message);
        world.run(SECOND / 20);
    }
    world.run(SECOND);

    assert_eq!(told(&mut world), (vec![0, 0], 0));
    assert_eq!(world.controls().stats().messages_in.get(), 3);
}

#[test]
fn whoever_taps_without_end_counts_as_often_as_one_person_may() {
    let (mut world, ama, ben) = ama_and_ben();
    for _ in 0..100 {
        say(&mut world, ama, COUNTED[0]);
        world.run(SECOND / 100);
    }
    say(&mut world, ben, COUNTED[1]);
    world.run(SECOND);

    let (sums, times) = told(&mut world);
    assert!((10..=13).contains(&sums[0]), "{sums:?}");
    assert_eq!(sums[1], 1);
    assert!(times <= 6, "{times} events");
}
