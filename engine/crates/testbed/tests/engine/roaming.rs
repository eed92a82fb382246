//! Somebody moves while they listen: sound follows to where they are, and nowhere else.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use convivium_testbed::peer::Datagram;
use convivium_testbed::world::{Guest, World};

use crate::forger::{sent_to, with_forger};
use crate::support::{ama_and_ben, saying};

const SECOND: Duration = Duration::from_secs(1);

fn elsewhere(n: u8) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, n], 7000))
}

/// Ama talks and Ben listens, both for a while.
fn conversation() -> (World, usize, usize) {
    let (mut world, ama, ben) = ama_and_ben();
    world.people[ama].say(saying(3, 60));
    world.run(5 * SECOND);
    (world, ama, ben)
}

/// The longest time in which a person heard nothing.
fn longest_gap(world: &World, place: usize, from: Instant) -> Duration {
    let heard = world.people[place].heard.iter().map(|packet| packet.at);
    let times: Vec<_> = std::iter::once(from)
        .chain(heard.filter(|at| *at > from))
        .chain([world.now()])
        .collect();
    let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
    gaps.max().unwrap()
}

fn moves(world: &World) -> u64 {
    world.controls().stats().moves.get()
}

fn is_media(datagram: &Datagram) -> bool {
    datagram.bytes[0] >= 20
}

/// How much more than answers and questions was sent there.
fn media_to(world: &World, address: SocketAddr) -> usize {
    let to = |datagram: &&(Instant, Datagram)| datagram.1.to == address && is_media(&datagram.1);
    world.sent.iter().filter(to).count()
}

#[test]
fn sound_follows_a_listener_whose_address_changes_without_a_word() {
    let (mut world, _, ben) = conversation();
    let begun = world.now();
    world.people[ben].seen_at = vec![elsewhere(1)];
    world.run(10 * SECOND);

    // A client notices nothing of it: it is found by its next check.
    let gap = longest_gap(&world, ben, begun);
    assert!(gap < 5 * SECOND, "{gap:?}");
    assert_eq!(moves(&world), 1);
    assert!(!world.people[ben].broken);
    assert!(world.people[ben].heard.len() > 300);
}

#[test]
fn a_speaker_whose_address_changes_is_heard_and_hears_on() {
    let (mut world, ama, ben) = conversation();
    let begun = world.now();
    world.people[ama].seen_at = vec![elsewhere(1)];
    world.run(10 * SECOND);
    let before = world.people[ben].heard.len();
    world.run(5 * SECOND);

    assert_eq!(moves(&world), 1);
    assert!(world.people[ben].heard.len() - before > 240);
    assert!(longest_gap(&world, ama, begun) < 5 * SECOND);
}

#[test]
fn sound_changes_over_within_a_round_trip_of_the_first_check() {
    let (mut world, mallory, forger) = with_forger();
    world.people[mallory].seen_at.push(elsewhere(1));
    world.sent.clear();
    let begun = world.now();
    world.throw(elsewhere(1), &forger.check(true));

    assert_eq!(moves(&world), 1);
    assert_eq!(sent_to(&world, elsewhere(1)), 2, "a question and an answer");
    world.run(SECOND);
    assert!(media_to(&world, elsewhere(1)) >= 2);
    assert!(longest_gap(&world, mallory, begun) < SECOND / 2);
}

#[test]
fn a_forged_source_gets_three_packets_and_no_sound() {
    let (mut world, mallory, forger) = with_forger();
    let victim = elsewhere(66);
    world.people[0].say(saying(3, 60));
    world.run(SECOND);
    world.sent.clear();
    let begun = world.now();
    for _ in 0..19 {
        world.throw(victim, &forger.check(true));
        world.run(SECOND / 10);
    }
    assert_eq!(sent_to(&world, victim), 3);

    for _ in 0..280 {
        world.throw(victim, &forger.check(true));
        world.run(SECOND / 10);
    }
    // Asked again after 2 s, 4 s, 8 s and 16 s.
    assert!(sent_to(&world, victim) <= 7, "{}", sent_to(&world, victim));
    assert_eq!(media_to(&world, victim), 0);
    assert_eq!(moves(&world), 0);
    assert!(longest_gap(&world, mallory, begun) < SECOND / 10);
}

#[test]
fn a_forged_source_gets_no_sound_after_a_restart_either() {
    let (mut world, mallory, _) = with_forger();
    let (victim, home) = (elsewhere(66), world.people[mallory].guest.address);
    // All it sends bears the victim's address; what goes to its own still comes.
    world.restart(mallory, home).unwrap();
    world.people[mallory].seen_at = vec![victim];
    world.arrives = Box::new(move |datagram| datagram.to != victim);
    world.sent.clear();
    world.run(60 * SECOND);

    assert_eq!(media_to(&world, victim), 0);
    assert!(sent_to(&world, victim) <= 8);
    assert_eq!(moves(&world), 0);
}

#[test]
fn sound_from_a_forged_source_proves_nothing() {
    let (mut world, ama, _) = conversation();
    let (victim, home) = (elsewhere(66), world.people[ama].guest.address);
    // Checks and voice both come from there, but nothing that goes there is received.
    world.people[ama].seen_at = vec![victim, home];
    world.arrives = Box::new(move |datagram| datagram.to != victim);
    world.sent.clear();
    let heard = world.controls().stats().voice_in.get();
    world.run(10 * SECOND);

    assert!(world.controls().stats().voice_in.get() > heard + 300);
    assert_eq!(media_to(&world, victim), 0);
    assert!(sent_to(&world, victim) <= 6);
}

#[test]
fn an_answer_that_is_not_from_there_proves_nothing() {
    let (mut world, mallory, forger) = with_forger();
    let victim = elsewhere(66);
    world.throw(victim, &forger.check(true));
    let question = world.sent.iter().find(|(_, sent)| sent.to == victim);
    let mut answer = question.unwrap().1.bytes.clone();
    // Its own question sent back, as a request and made an answer.
    world.throw(victim, &answer);
    answer[0] = 1;
    world.throw(victim, &answer);
    world.run(SECOND);

    assert_eq!(moves(&world), 0);
    assert!(!world.people[mallory].broken);
}

/// Two addresses of one client are both in order, and it asks for both by turns.
#[test]
fn a_client_that_asks_for_two_addresses_by_turns_settles_on_one() {
    let (mut world, mallory, forger) = with_forger();
    let home = world.people[mallory].guest.address;
    world.people[mallory].seen_at.push(elsewhere(1));
    world.people[0].say(saying(3, 60));
    world.run(SECOND);
    let begun = world.now();
    for _ in 0..100 {
        for address in [home, elsewhere(1)] {
            world.throw(address, &forger.check(true));
            world.run(SECOND / 20);
        }
    }

    assert!(moves(&world) <= 1, "{} moves", moves(&world));
    assert!(longest_gap(&world, mallory, begun) < SECOND / 10);
}

/// As clients do that check all their addresses, and those most often that they do not use yet.
#[test]
fn many_checks_without_a_wish_move_nothing_while_the_address_in_use_is_alive() {
    let (mut world, mallory, forger) = with_forger();
    world.people[mallory].seen_at.push(elsewhere(1));
    for _ in 0..200 {
        world.throw(elsewhere(1), &forger.check(false));
        world.run(SECOND / 10);
    }

    assert_eq!(moves(&world), 0);
}

#[test]
fn a_client_that_nominates_once_is_followed_by_its_plain_checks() {
    let (mut world, mallory, forger) = with_forger();
    let (home, moved) = (world.people[mallory].guest.address, elsewhere(1));
    world.people[mallory].seen_at.push(moved);
    // Nothing of its own comes any more.
    world.arrives = Box::new(move |datagram| datagram.from != home);
    for _ in 0..4 {
        world.run(2 * SECOND);
        world.throw(moved, &forger.check(false));
    }

    assert_eq!(moves(&world), 1);
}

#[test]
fn an_address_that_changes_to_and_fro_with_each_packet_is_no_loss() {
    let (mut world, ama, ben) = conversation();
    world.people[ama].seen_at.push(elsewhere(1));
    world.people[ben].seen_at.push(elsewhere(2));
    let begun = world.now();
    let heard = world.people[ben].heard.len();
    for _ in 0..330 {
        world.people[ama].seen_at.swap(0, 1);
        world.people[ben].seen_at.swap(0, 1);
        world.run(Duration::from_millis(30));
    }

    assert!(moves(&world) <= 6, "{} moves", moves(&world));
    assert!(longest_gap(&world, ben, begun) < SECOND / 10);
    assert!(world.people[ben].heard.len() - heard > 480);
}

#[test]
fn a_listener_who_comes_back_to_where_it_was_is_followed_again() {
    let (mut world, _, ben) = conversation();
    let home = world.people[ben].guest.address;
    for to in [elsewhere(1), home, elsewhere(1)] {
        world.people[ben].seen_at = vec![to];
        world.run(15 * SECOND);
        world.sent.clear();
        world.run(SECOND);
        assert!(media_to(&world, to) >= 45);
    }
    assert_eq!(moves(&world), 3);
}

#[test]
fn somebody_can_change_addresses_all_day() {
    let (mut world, _, ben) = conversation();
    for n in 1..=20 {
        world.people[ben].seen_at = vec![elsewhere(n)];
        world.run(10 * SECOND);
    }

    assert_eq!(moves(&world), 20);
    assert!(!world.people[ben].broken);
}

#[test]
fn a_lost_question_is_asked_again() {
    let (mut world, mallory, forger) = with_forger();
    let moved = elsewhere(1);
    world.people[mallory].seen_at.push(moved);
    let mut lost = 0;
    world.arrives = Box::new(move |datagram| {
        let is_question = datagram.to == moved && datagram.bytes[..2] == [0, 1];
        lost += u8::from(is_question);
        !is_question || lost > 1
    });
    world.throw(moved, &forger.check(true));
    assert_eq!(moves(&world), 0);
    world.run(SECOND / 2);

    assert_eq!(moves(&world), 1);
}

#[test]
fn events_reach_a_listener_who_has_moved() {
    let (mut world, _, ben) = conversation();
    let peer = world.people[ben].guest.peer;
    world.controls().send_snapshot(peer, "{}").unwrap();
    world.run(SECOND);
    // Longer than the session remembers an address without checks.
    world.people[ben].seen_at = vec![elsewhere(1)];
    world.run(30 * SECOND);
    world.controls().send(vec![peer], "later").unwrap();
    world.run(SECOND);

    assert_eq!(world.people[ben].messages, ["{}", "later"]);
}

#[test]
fn sound_goes_on_to_the_old_address_until_a_restart_is_proven() {
    let (mut world, _, ben) = conversation();
    let begun = world.now();
    let moved = elsewhere(1);
    let home = world.people[ben].guest.address;
    world.restart(ben, moved).unwrap();
    world.people[ben].seen_at = vec![moved, home];
    world.run(10 * SECOND);
    assert!(longest_gap(&world, ben, begun) < SECOND / 10);
    assert_eq!(moves(&world), 1);
}

#[test]
fn an_address_out_of_use_is_free_for_somebody_else_after_a_while() {
    let (mut world, _, ben) = conversation();
    let left = world.people[ben].guest.address;
    world.people[ben].seen_at = vec![elsewhere(1)];
    world.run(50 * SECOND);
    let chidi = world.join(Guest {
        address: left,
        ..Guest::number(3)
    });

    assert!(chidi.is_ok());
}
