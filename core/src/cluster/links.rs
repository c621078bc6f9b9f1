//! Keys and values on their way: every instance sends and receives at most as much as its network allows, and transfers
//! share it fairly.
//!
//! Fair is max-min: all transfers grow alike until one end of some is full, those stay as they are, and the rest goes on
//! growing. The shares are worked out anew whenever a transfer begins or ends, and only then; between, each moves at its
//! rate. Rates are whole bytes per second and amounts whole units of 10⁻¹² byte, so that a rate times picoseconds is
//! exact and the order of ends never depends on rounding.

use crate::base::{Dur, Id, PS_PER_S, Time};
use alloc::vec;
use alloc::vec::Vec;

/// One transfer under way, of somebody's `T`.
struct Transfer<T> {
    who: Id<T>,
    from: u32,
    to: u32,
    /// What is left, 10⁻¹² bytes.
    left: u128,
    /// Bytes per second.
    rate: u64,
}

/// All transfers of a fleet.
pub(super) struct Links<T> {
    /// What each instance sends at most, and receives at most, bytes per second.
    ports: Vec<u64>,
    /// In order of their beginning.
    transfers: Vec<Transfer<T>>,
    /// The moment that what is left is of.
    at: Time,
    /// Grows whenever the next end may have changed.
    epoch: u32,
}

impl<T> Links<T> {
    /// For instances whose networks carry this much in either direction, bytes per second.
    pub(super) fn new(bytes_per_s: Vec<u64>) -> Self {
        Links { ports: bytes_per_s, transfers: Vec::new(), at: Time::ZERO, epoch: 0 }
    }

    /// A transfer begins.
    pub(super) fn begin(&mut self, now: Time, who: Id<T>, (from, to): (u32, u32), bytes: u64) {
        self.move_to(now);
        let left = u128::from(bytes) * u128::from(PS_PER_S);
        self.transfers.push(Transfer { who, from, to, left, rate: 0 });
        self.share();
    }

    /// A transfer is given up, if it is under way.
    pub(super) fn cancel(&mut self, now: Time, who: Id<T>) {
        if let Some(place) = self.transfers.iter().position(|t| t.who == who) {
            self.move_to(now);
            self.transfers.remove(place);
            self.share();
        }
    }

    /// When the next transfer ends, and the epoch that this holds for.
    pub(super) fn next_end(&self) -> Option<(Time, u32)> {
        let ends = self.transfers.iter().map(|t| t.left.div_ceil(u128::from(t.rate)));
        let soonest = u64::try_from(ends.min()?).unwrap_or(u64::MAX / 2);
        Some((self.at + Dur::from_ps(soonest), self.epoch))
    }

    /// Whether `epoch` is the present one.
    pub(super) fn holds(&self, epoch: u32) -> bool {
        self.epoch == epoch
    }

    /// Takes out those that have ended by now, in order of their beginning.
    pub(super) fn ended(&mut self, now: Time) -> Vec<Id<T>> {
        self.move_to(now);
        let ended = self.transfers.iter().filter(|t| t.left == 0).map(|t| t.who).collect();
        self.transfers.retain(|t| t.left > 0);
        self.share();
        ended
    }

    fn move_to(&mut self, now: Time) {
        let passed = u128::from(now.since(self.at).as_ps());
        for t in &mut self.transfers {
            t.left = t.left.saturating_sub(u128::from(t.rate) * passed);
        }
        self.at = now;
    }

    /// Gives every transfer its rate: again and again, the end with the least to give to each of those that are not
    /// settled settles them.
    fn share(&mut self) {
        self.epoch += 1;
        let n = self.ports.len();
        // Sending ends, then receiving ends: what is left of each, and among how many.
        let mut room: Vec<u64> = self.ports.iter().chain(&self.ports).copied().collect();
        let mut sharers = vec![0u64; 2 * n];
        let ends = |t: &Transfer<T>| [t.from as usize, n + t.to as usize];
        for t in &mut self.transfers {
            t.rate = 0;
            for end in ends(t) {
                sharers[end] += 1;
            }
        }
        let least = |room: &[u64], sharers: &[u64]| {
            let shares = room.iter().zip(sharers).enumerate().filter(|(_, (_, k))| **k > 0);
            shares.map(|(end, (room, k))| (room / k, end)).min()
        };
        while let Some((share, tightest)) = least(&room, &sharers) {
            for t in self.transfers.iter_mut().filter(|t| t.rate == 0 && ends(t).contains(&tightest)) {
                // At least something, or it would never end.
                t.rate = share.max(1);
                for end in ends(t) {
                    room[end] = room[end].saturating_sub(share);
                    sharers[end] -= 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GB: u64 = 1_000_000_000;

    enum Who {}

    /// Runs transfers of (begin ms, from, to, GB) and returns when each ended, ms.
    fn ends_ms(ports: &[u64], transfers: &[(u64, u32, u32, u64)]) -> Vec<f64> {
        let mut links = Links::<Who>::new(ports.iter().map(|p| p * GB).collect());
        let mut ends = vec![0.0; transfers.len()];
        let mut next = 0;
        loop {
            let begin = transfers.get(next).map(|t| Time::from_ps(t.0 * 1_000_000_000));
            let end = links.next_end().map(|(at, _)| at);
            match (begin, end) {
                (None, None) => return ends,
                (Some(at), end) if end.is_none_or(|end| at < end) => {
                    let (_, from, to, gb) = transfers[next];
                    links.begin(at, Id::new(next as u32), (from, to), gb * GB);
                    next += 1;
                }
                (_, end) => {
                    let end = end.expect("one of them is there");
                    for who in links.ended(end) {
                        ends[who.index() as usize] = end.as_ps() as f64 / 1e9;
                    }
                }
            }
        }
    }

    fn close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}, not {expected:?}");
    }

    #[test]
    fn alone_it_goes_at_the_slower_end() {
        close(&ends_ms(&[10, 50], &[(0, 0, 1, 20)]), &[2000.0]);
        close(&ends_ms(&[10, 50], &[(0, 1, 0, 20)]), &[2000.0]);
    }

    #[test]
    fn who_comes_later_takes_half_and_gives_it_back() {
        // Alone for 1 s: 10 of 20 GB. Then 5 GB/s each: the second's 5 GB last until 2 s, the first's other 5 until 2.5 s.
        close(&ends_ms(&[10, 50, 50], &[(0, 0, 1, 20), (1000, 0, 2, 5)]), &[2500.0, 2000.0]);
    }

    #[test]
    fn what_one_cannot_use_goes_to_the_others() {
        // Sender 0 (10 GB/s) serves receivers 1 (2 GB/s) and 2 (50 GB/s): 2 and 8 GB/s, not 5 and 5.
        close(&ends_ms(&[10, 2, 50], &[(0, 0, 1, 2), (0, 0, 2, 8)]), &[1000.0, 1000.0]);
        // Receiver 3 (9 GB/s) reads from 0 (2 GB/s), 1 and 2: 2, 3.5 and 3.5 GB/s for a second; of 7 GB half is left, at
        // 4.5 GB/s each.
        let late = 1000.0 + 3.5 / 4.5 * 1000.0;
        close(&ends_ms(&[2, 10, 10, 9], &[(0, 0, 3, 2), (0, 1, 3, 7), (0, 2, 3, 7)]), &[1000.0, late, late]);
    }

    #[test]
    fn one_given_up_leaves_its_share() {
        let mut links = Links::<Who>::new(vec![10 * GB; 3]);
        links.begin(Time::ZERO, Id::new(0), (0, 1), 10 * GB);
        links.begin(Time::ZERO, Id::new(1), (0, 2), 10 * GB);
        links.cancel(Time::ZERO + Dur::from_us(1_000_000), Id::new(1));
        assert_eq!(links.next_end().expect("one is left").0, Time::ZERO + Dur::from_us(1_500_000));
    }

    #[test]
    fn no_end_is_asked_for_more_than_it_has_and_none_waits_for_nothing() {
        use crate::base::{Purpose, Stream};
        let mut draws = Stream::new(3, 0, Purpose::Route, 0);
        for round in 0..300 {
            let mut at = round * 1000;
            let mut below = |n: u32| {
                at += 1;
                draws.below(at, n)
            };
            let ports: Vec<u64> = (0..6).map(|_| (1 + u64::from(below(50))) * GB).collect();
            let mut links = Links::<Who>::new(ports.clone());
            for i in 0..below(20) {
                links.begin(Time::ZERO, Id::new(i), (below(6), below(6)), GB);
            }
            let sum = |end: &dyn Fn(&Transfer<Who>) -> u32, port: usize| -> u64 {
                links.transfers.iter().filter(|t| end(t) as usize == port).map(|t| t.rate).sum()
            };
            let full = |of: u64, port: usize| of + 20 >= ports[port];
            for (port, most) in ports.iter().enumerate() {
                assert!(sum(&|t| t.from, port) <= *most && sum(&|t| t.to, port) <= *most);
            }
            for t in &links.transfers {
                let (from, to) = (t.from as usize, t.to as usize);
                assert!(full(sum(&|t| t.from, from), from) || full(sum(&|t| t.to, to), to), "somebody could go faster");
            }
        }
    }
}
