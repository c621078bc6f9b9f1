//! The block pool with its memory: which blocks are idle, in which order they are reused, what they hold.
//!
//! Only blocks that somebody may look for have names. Those that came to hold something one after the other are one piece,
//! found by the first of them, until a sequence shares a part of it; so a prompt costs a few pieces however long it is. All
//! others are alike, and are counted: those that hold nothing, those in use that are not full yet, and what a private
//! sequence has let go, which lies in the queue in one piece.
//!
//! A hash says all that comes before. So whoever has a block has those before it, copies of a piece hold the same from
//! its first block on, and of two prompts that agree in a block all before it agree. And a block is in one piece and its
//! copies only, which are of one length: what would make them differ cuts them all.

use super::piece::{Held, Piece, few};
use crate::base::{HashIndex, NONE, alike};
use alloc::vec;
use alloc::vec::Vec;

/// What a private sequence let go: a piece of the queue, if it is still there.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Left {
    piece: u32,
    past: u32,
}

/// What a lookup found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Hits {
    /// Blocks that can be reused.
    pub(in crate::engine) blocks: u32,
    /// Of those, the idle ones: using them takes them off the free blocks.
    pub(in crate::engine) idle: u32,
}

/// All blocks of an engine.
pub(in crate::engine) struct Pool {
    pieces: Vec<Piece>,
    /// Places of pieces that stand for nothing.
    spare: Vec<u32>,
    /// By the hash of the first block, the oldest copy; younger ones follow it.
    table: HashIndex,
    /// Blocks that hold nothing and are reused before all others: never taken, or let go empty.
    blank: u32,
    /// Whether blocks that hold nothing go there when let go, or queue with the others.
    empty_first: bool,
}

/// The piece that closes the queue of idle blocks into a ring: its `after` is the first to be reused.
const RING: u32 = 0;

impl Pool {
    pub(in crate::engine) fn new(total: u32, empty_first: bool) -> Self {
        let ring = Piece { users: 1, before: RING, after: RING, ..Piece::nameless(0) };
        Pool { pieces: vec![ring], spare: Vec::new(), table: HashIndex::new(), blank: total, empty_first }
    }

    /// How long a prefix of `hashes` is there.
    pub(in crate::engine) fn lookup(&self, hashes: &[u64]) -> Hits {
        let mut hits = Hits::default();
        while let Some(&next) = hashes.get(hits.blocks as usize) {
            let found = self.oldest(next);
            if found == NONE {
                break;
            }
            let Piece { hashes: held, users, .. } = &self.pieces[found as usize];
            let blocks = few(alike(held, &hashes[hits.blocks as usize..]));
            hits.blocks += blocks;
            hits.idle += if *users == 0 { blocks } else { 0 };
        }
        hits
    }

    /// Uses the blocks of these hashes, which a lookup found.
    pub(in crate::engine) fn adopt(&mut self, mut hashes: &[u64], held: &mut Held) {
        while let Some(&next) = hashes.first() {
            let piece = self.oldest_part(self.oldest(next), hashes);
            let Piece { users, blocks, .. } = &mut self.pieces[piece as usize];
            *users += 1;
            held.push(piece, *blocks);
            hashes = &hashes[*blocks as usize..];
            if *users == 1 {
                self.unlink(piece);
            }
        }
    }

    /// Takes `n` idle blocks, which lose what they hold. There must be as many.
    pub(in crate::engine) fn take(&mut self, n: u32) {
        let mut missing = n - n.min(self.blank);
        self.blank -= n - missing;
        while missing > 0 {
            let first = self.pieces[RING as usize].after;
            assert!(first != RING, "blocks are counted before they are taken");
            let taken = missing.min(self.pieces[first as usize].blocks);
            self.shrink(first, taken);
            missing -= taken;
        }
    }

    /// Blocks in use behind those that have names are full, and hold these hashes from now on.
    pub(in crate::engine) fn remember(&mut self, mut hashes: &[u64], held: &mut Held) {
        while let Some(&next) = hashes.first() {
            let oldest = self.oldest(next);
            if oldest == NONE {
                // Nobody has this block, so nobody has those behind it.
                return self.lengthen(hashes, held);
            }
            let oldest = self.oldest_part(oldest, hashes);
            let blocks = self.pieces[oldest as usize].blocks;
            let (same, rest) = hashes.split_at(blocks as usize);
            let copy = self.place(Piece { users: 1, ..Piece::named(same.to_vec(), held.blocks) });
            let mut last = oldest;
            while self.pieces[last as usize].younger != NONE {
                last = self.pieces[last as usize].younger;
            }
            self.pieces[last as usize].younger = copy;
            self.pieces[copy as usize].older = last;
            held.push(copy, blocks);
            hashes = rest;
        }
    }

    /// The same with hashes that nobody has: they lengthen the last piece, if nobody else uses it.
    fn lengthen(&mut self, hashes: &[u64], held: &mut Held) {
        let blocks = few(hashes.len());
        if let Some(&(last, _)) = held.pieces.last()
            && let piece = &mut self.pieces[last as usize]
            && piece.users == 1
            && piece.is_single()
        {
            piece.hashes.extend_from_slice(hashes);
            piece.blocks += blocks;
            held.blocks += blocks;
            return;
        }
        let piece = self.place(Piece { users: 1, ..Piece::named(hashes.to_vec(), held.blocks) });
        let pieces = &self.pieces;
        self.table.insert(hashes[0], piece, |p| pieces[p as usize].hashes[0]);
        held.push(piece, blocks);
    }

    /// Lets go of a sequence's blocks, the last first: `unnamed` of them that hold nothing, then those of names.
    /// Returns how many became idle.
    pub(in crate::engine) fn release(&mut self, unnamed: u32, held: &mut Held) -> u32 {
        self.lay_down_empty(unnamed);
        let mut idle = unnamed;
        held.blocks = 0;
        while let Some((mut piece, start)) = held.pieces.pop() {
            loop {
                let p = &mut self.pieces[piece as usize];
                p.users -= 1;
                let (whole, front) = (p.start == start, p.front);
                if p.users == 0 {
                    idle += p.blocks;
                    self.enqueue(piece);
                }
                if whole {
                    break;
                }
                piece = front;
            }
        }
        idle
    }

    /// Lets go of a private sequence's blocks, the last first; the first `full` hold something. Returns where to find
    /// those.
    pub(in crate::engine) fn release_private(&mut self, blocks: u32, full: u32) -> Option<Left> {
        self.lay_down_empty(blocks - full);
        (full > 0).then(|| {
            let piece = self.enqueue_nameless(full);
            Left { piece, past: self.pieces[piece as usize].past }
        })
    }

    /// How many of the first blocks of what a private sequence left are still there: it is reused from its end.
    pub(in crate::engine) fn survivors(&self, left: Option<Left>) -> u32 {
        let piece = left.map(|l| (&self.pieces[l.piece as usize], l.past));
        piece.filter(|(piece, past)| piece.past == *past).map_or(0, |(piece, _)| piece.blocks)
    }

    /// Uses the first `n` of them again, which are there.
    pub(in crate::engine) fn adopt_survivors(&mut self, left: Option<Left>, n: u32) {
        if let Some(left) = left.filter(|_| n > 0) {
            self.shrink(left.piece, n);
        }
    }

    /// The oldest piece that begins with this block.
    fn oldest(&self, hash: u64) -> u32 {
        self.table.get(hash, |p| self.pieces[p as usize].hashes[0])
    }

    /// Of this piece, the oldest of its copies, what begins as `hashes` do: cut off from the rest, if there is one.
    fn oldest_part(&mut self, oldest: u32, hashes: &[u64]) -> u32 {
        let held = &self.pieces[oldest as usize].hashes;
        match alike(held, hashes) {
            all if all == held.len() => oldest,
            part => self.cut(oldest, part),
        }
    }

    /// Cuts a piece, the oldest of its copies, and them after so many blocks. Each keeps its place for what is behind, and
    /// in the queue that goes first. Returns the oldest of what is in front.
    fn cut(&mut self, oldest: u32, at: usize) -> u32 {
        let (mut rest, mut older) = (oldest, NONE);
        while rest != NONE {
            let Piece { hashes, users, start, front, younger, .. } = &mut self.pieces[rest as usize];
            let (users, next) = (*users, *younger);
            let mut named = Piece::named(hashes[..at].to_vec(), *start);
            (named.users, named.front, named.older) = (users, *front, older);
            let first = self.place(named);
            if older == NONE {
                let pieces = &self.pieces;
                self.table.replace(pieces[rest as usize].hashes[0], rest, first, |p| pieces[p as usize].hashes[0]);
            } else {
                self.pieces[older as usize].younger = first;
            }
            let piece = &mut self.pieces[rest as usize];
            piece.hashes.drain(..at);
            piece.blocks -= few(at);
            piece.start += few(at);
            piece.front = first;
            if users == 0 {
                self.enqueue_after(rest, first);
            }
            (rest, older) = (next, first);
        }
        let pieces = &self.pieces;
        self.table.insert(pieces[oldest as usize].hashes[0], oldest, |p| pieces[p as usize].hashes[0]);
        self.pieces[oldest as usize].front
    }

    /// Puts a piece in a free place.
    fn place(&mut self, piece: Piece) -> u32 {
        if let Some(spare) = self.spare.pop() {
            self.pieces[spare as usize] = Piece { past: self.pieces[spare as usize].past, ..piece };
            return spare;
        }
        self.pieces.push(piece);
        few(self.pieces.len() - 1)
    }

    /// Takes blocks off the end of a piece of the queue; with the last of them it is given up.
    fn shrink(&mut self, piece: u32, blocks: u32) {
        let left = self.pieces[piece as usize].blocks - blocks;
        if left == 0 {
            return self.give_up(piece);
        }
        let p = &mut self.pieces[piece as usize];
        if p.is_single() {
            p.hashes.truncate(left as usize);
            p.blocks = left;
            return;
        }
        let mut oldest = piece;
        while self.pieces[oldest as usize].older != NONE {
            oldest = self.pieces[oldest as usize].older;
        }
        self.cut(oldest, left as usize);
        self.give_up(piece);
    }

    /// A piece of the queue is no more, and what it holds is forgotten; with the last copy its hashes are gone.
    fn give_up(&mut self, piece: u32) {
        self.unlink(piece);
        let p = &mut self.pieces[piece as usize];
        p.past = p.past.wrapping_add(1);
        p.blocks = 0;
        let (older, younger) = (p.older, p.younger);
        let hashes = core::mem::take(&mut p.hashes);
        if let Some(&first) = hashes.first() {
            if older == NONE {
                let hash_of = |p: u32| if p == piece { first } else { self.pieces[p as usize].hashes[0] };
                self.table.replace(first, piece, younger, hash_of);
            } else {
                self.pieces[older as usize].younger = younger;
            }
            if younger != NONE {
                self.pieces[younger as usize].older = older;
            }
        }
        self.spare.push(piece);
    }

    /// Blocks that hold nothing are idle.
    fn lay_down_empty(&mut self, blocks: u32) {
        if self.empty_first {
            self.blank += blocks;
        } else if blocks > 0 {
            self.enqueue_nameless(blocks);
        }
    }

    fn enqueue_nameless(&mut self, blocks: u32) -> u32 {
        let piece = self.place(Piece::nameless(blocks));
        self.enqueue(piece);
        piece
    }

    fn unlink(&mut self, piece: u32) {
        let Piece { before, after, .. } = self.pieces[piece as usize];
        self.pieces[before as usize].after = after;
        self.pieces[after as usize].before = before;
    }

    /// Puts a piece at the end of the queue.
    fn enqueue(&mut self, piece: u32) {
        self.enqueue_after(self.pieces[RING as usize].before, piece);
    }

    /// Puts a piece into the queue behind another.
    fn enqueue_after(&mut self, before: u32, piece: u32) {
        let after = core::mem::replace(&mut self.pieces[before as usize].after, piece);
        self.pieces[after as usize].before = piece;
        (self.pieces[piece as usize].before, self.pieces[piece as usize].after) = (before, after);
    }
}
