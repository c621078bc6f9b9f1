//! What prompts have in common, from names and from hashes of blocks.
//!
//! A replayed prompt is two pieces: what it begins with, and the rest. Names fit that. Chains of hashes form a tree, in
//! which a prompt may leave what others say more than once; every path is cut into the branches that most prompts
//! follow, the first of them is the first piece, and the others together are the second. What that loses is counted.

use std::collections::BTreeMap;

/// Content ids keep clear of the two bits that mark their kind.
const MASK: u64 = (1 << 62) - 1;

/// The content that a name stands for, apart for each kind of name.
pub(super) fn named(kind: &str, name: &str) -> u64 {
    // FNV-1a, then spread.
    let bytes = kind.bytes().chain([0]).chain(name.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    spread(hash) & MASK
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
fn spread(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Prompts as paths of a tree of blocks.
#[derive(Default)]
pub(super) struct Tree {
    /// Children by (parent, hash); the root is 0.
    children: BTreeMap<(u32, u64), u32>,
    /// Of each node but the root: its parent, and how many prompts go through it.
    nodes: Vec<(u32, u32)>,
    /// The last node of each prompt.
    ends: Vec<u32>,
}

/// What two pieces keep of what prompts have in common, blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sharing {
    /// Blocks that an earlier prompt had too.
    pub(super) repeated: u64,
    /// Of those, the ones that the two pieces have in common with it too.
    pub(super) kept: u64,
}

/// A prompt in two pieces: the content and blocks of the first, the content of the second.
pub(super) type Pieces = (u64, u32, u64);

impl Tree {
    /// Blocks of all prompts that are different.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Adds a prompt; its place among them.
    pub(super) fn add(&mut self, hashes: &[u64]) -> u32 {
        let mut at = 0;
        for hash in hashes {
            let fresh = self.nodes.len() as u32 + 1;
            let next = *self.children.entry((at, *hash)).or_insert(fresh);
            if next == fresh {
                self.nodes.push((at, 0));
            }
            self.nodes[next as usize - 1].1 += 1;
            at = next;
        }
        self.ends.push(at);
        self.ends.len() as u32 - 1
    }

    /// Every prompt in two pieces, and what they keep.
    pub(super) fn pieces(&self) -> (Vec<Pieces>, Sharing) {
        let heavy = self.heavy_children();
        let mut sharing = Sharing::default();
        // Blocks seen so far: in the tree, and as the pieces have them.
        let mut seen = vec![false; self.nodes.len() + 1];
        let mut first_seen: BTreeMap<u64, u32> = BTreeMap::new();
        let mut second_seen: BTreeMap<(u64, u32, u64), u32> = BTreeMap::new();
        let mut all = Vec::with_capacity(self.ends.len());
        for &end in &self.ends {
            let mut path = Vec::new();
            let mut at = end;
            while at != 0 {
                path.push(at);
                at = self.nodes[at as usize - 1].0;
            }
            path.reverse();
            let leaves = |i: &usize| *i == path.len() || heavy[path[i - 1] as usize] != path[*i];
            let first_blocks = (1..=path.len()).find(leaves).unwrap_or(0) as u32;
            let first = path.first().map_or(0, |node| spread(u64::from(*node)) & MASK);
            // The rest is told apart by the branches it goes through.
            let turns = (first_blocks as usize..path.len())
                .filter(|&i| i == first_blocks as usize || heavy[path[i - 1] as usize] != path[i]);
            let second = turns.fold(1, |hash: u64, i| spread(hash ^ u64::from(path[i]).rotate_left(17))) & MASK;
            let repeated = path.iter().take_while(|node| seen[**node as usize]).count() as u32;
            path.iter().for_each(|node| seen[*node as usize] = true);
            let blocks = path.len() as u32;
            let before = first_seen.entry(first).or_default();
            let in_first = (*before).min(first_blocks).min(repeated);
            *before = (*before).max(first_blocks);
            let before = second_seen.entry((first, first_blocks, second)).or_default();
            let in_second = if in_first == first_blocks { (*before).min(blocks - first_blocks) } else { 0 };
            *before = (*before).max(blocks - first_blocks);
            sharing.repeated += u64::from(repeated);
            sharing.kept += u64::from(in_first + in_second);
            all.push((first, first_blocks, second));
        }
        (all, sharing)
    }

    /// The child that most prompts go on to, by node; 0: none.
    fn heavy_children(&self) -> Vec<u32> {
        let mut heavy = vec![0_u32; self.nodes.len() + 1];
        for (i, (parent, prompts)) in self.nodes.iter().enumerate() {
            let best = &mut heavy[*parent as usize];
            if *best == 0 || self.nodes[*best as usize - 1].1 < *prompts {
                *best = i as u32 + 1;
            }
        }
        heavy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_different_kinds_are_different_contents() {
        assert_eq!(named("prefix", "a"), named("prefix", "a"));
        assert_ne!(named("prefix", "a"), named("prompt", "a"));
        assert_ne!(named("prefix", "a"), named("prefix", "b"));
        assert!(named("prefix", "a") <= MASK);
    }

    #[test]
    fn a_system_prompt_and_growing_conversations_are_kept_whole() {
        let mut tree = Tree::default();
        let prompts: [&[u64]; 5] = [&[1, 2, 10], &[1, 2, 20], &[1, 2, 10, 11, 12], &[1, 2, 20, 21], &[7, 8]];
        prompts.iter().for_each(|p| {
            tree.add(p);
        });
        let (pieces, sharing) = tree.pieces();
        assert_eq!(sharing, Sharing { repeated: 8, kept: 8 });
        assert_eq!(pieces[0].0, pieces[1].0, "they begin alike");
        assert_ne!(pieces[0].0, pieces[4].0);
        assert_eq!((tree.len(), pieces[4].1), (9, 2));
    }

    #[test]
    fn what_two_pieces_cannot_say_is_counted() {
        let mut tree = Tree::default();
        // Three levels of branching: a system prompt, a document, a question.
        for document in 0..3_u64 {
            for question in 0..3_u64 {
                tree.add(&[1, 10 + document, 100 + 10 * document + question]);
            }
        }
        let (_, sharing) = tree.pieces();
        assert_eq!(sharing.repeated, 8 + 6);
        assert!(sharing.kept >= 8 && sharing.kept < sharing.repeated, "{sharing:?}");
    }
}
