//! Sorting with one copy of the code for whatever is sorted, so that the module which browsers fetch is smaller.
//!
//! Places are sorted, by the standard library, and what is in them then moved. It is for lists that are short or seldom
//! sorted: where time counts, a sort that knows its type is quicker.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// What can be sorted so.
pub trait Order<T> {
    /// As `sort_by` of slices: what compares equal stays in its order.
    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering);

    /// As `sort_by_key` of slices.
    fn order_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        self.order_by(|a, b| key(a).cmp(&key(b)));
    }
}

impl<T> Order<T> for [T] {
    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        let all = &*self;
        let mut places = sorted(all.len(), &|a, b| compare(&all[a], &all[b]));
        for first in 0..places.len() {
            // Places that have changed hands form rings; what belongs into this place is in the next one.
            let mut place = first;
            loop {
                let next = core::mem::replace(&mut places[place], place);
                if next == first {
                    break;
                }
                self.swap(place, next);
                place = next;
            }
        }
    }
}

/// For each place, the one whose content belongs there.
#[inline(never)]
fn sorted(len: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..len).collect();
    places.sort_by(|&a, &b| compare(a, b));
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cmp::Reverse;

    #[test]
    fn the_order_is_that_of_the_standard_library() {
        for len in [0, 1, 2, 3, 10, 100, 1000] {
            // Pairs of which many compare equal, told apart by where they were.
            let mut ours: Vec<(usize, usize)> = (0..len).map(|i| (i * 7919 % 37, i)).collect();
            let mut theirs = ours.clone();
            ours.order_by_key(|pair| pair.0);
            theirs.sort_by_key(|pair| pair.0);
            assert_eq!(ours, theirs);
            ours.order_by(|a, b| b.0.cmp(&a.0));
            theirs.sort_by_key(|pair| Reverse(pair.0));
            assert_eq!(ours, theirs);
        }
    }
}
