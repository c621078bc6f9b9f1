//! Typed indices: `u32` whatever the platform, so that stored and hashed bytes are the same everywhere.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Index, IndexMut};

/// An index that can only be used on columns of its own kind.
pub struct Id<T>(u32, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// The id with this number.
    #[must_use]
    pub const fn new(index: u32) -> Self {
        Id(index, PhantomData)
    }

    /// The number.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.0
    }

    const fn at(self) -> usize {
        self.0 as usize
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// Values indexed by [`Id`] alone.
pub struct Column<T, V>(Vec<V>, PhantomData<fn() -> T>);

impl<T, V> Column<T, V> {
    /// A column holding `values` in id order.
    #[must_use]
    pub fn from_vec(values: Vec<V>) -> Self {
        Column(values, PhantomData)
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> u32 {
        u32::try_from(self.0.len()).expect("a column holds fewer than 2^32 rows")
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every id in order.
    pub fn ids(&self) -> impl Iterator<Item = Id<T>> + use<T, V> {
        (0..self.len()).map(Id::new)
    }

    /// Every value in id order.
    pub fn iter(&self) -> core::slice::Iter<'_, V> {
        self.0.iter()
    }

    /// Every value in id order, to change.
    pub fn iter_mut(&mut self) -> core::slice::IterMut<'_, V> {
        self.0.iter_mut()
    }
}

impl<T, V> Index<Id<T>> for Column<T, V> {
    type Output = V;
    fn index(&self, id: Id<T>) -> &V {
        &self.0[id.at()]
    }
}
impl<T, V> IndexMut<Id<T>> for Column<T, V> {
    fn index_mut(&mut self, id: Id<T>) -> &mut V {
        &mut self.0[id.at()]
    }
}

/// Rows that come and go, with places reused: memory follows what is alive, not what ever was.
pub struct Slab<T> {
    rows: Vec<T>,
    free: Vec<u32>,
}

impl<T: Copy> Slab<T> {
    /// No rows.
    #[must_use]
    pub fn new() -> Self {
        Slab { rows: Vec::new(), free: Vec::new() }
    }

    /// Puts a row in a free place and says where.
    ///
    /// # Panics
    /// Beyond 2^32 rows alive at once.
    pub fn insert(&mut self, row: T) -> Id<T> {
        if let Some(place) = self.free.pop() {
            self.rows[place as usize] = row;
            return Id::new(place);
        }
        let place = u32::try_from(self.rows.len()).expect("fewer than 2^32 rows are alive at once");
        self.rows.push(row);
        Id::new(place)
    }

    /// Gives the place of a row back.
    pub fn remove(&mut self, id: Id<T>) {
        self.free.push(id.index());
    }

    /// How many rows are alive.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len() - self.free.len()
    }

    /// Whether no row is alive.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Copy> Default for Slab<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Index<Id<T>> for Slab<T> {
    type Output = T;
    fn index(&self, id: Id<T>) -> &T {
        &self.rows[id.at()]
    }
}
impl<T> IndexMut<Id<T>> for Slab<T> {
    fn index_mut(&mut self, id: Id<T>) -> &mut T {
        &mut self.rows[id.at()]
    }
}
