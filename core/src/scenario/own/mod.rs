//! Models and GPUs of a scenario's own: rows as the catalogue has them, carried by the scenario.
//!
//! [`Topology::catalog`] is the one place where they come in: the catalogue with the scenario's rows before its own.
//! Whatever looks a key up looks there, so a pool's model or GPU is found the same way wherever its row stands.

mod blocks;
mod gpu;
mod model;

pub use blocks::{BLOCK_KINDS, BlockColumn, BlockKind, OwnBlocks};
pub use gpu::OwnGpu;
pub use model::OwnModel;

use super::check::own;
use super::topology::Topology;
use crate::catalog::Catalog;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// What the rows give as their source.
pub const SOURCE: &str = "scenario";
/// Longest key that a number is put behind, characters.
const NUMBERED_MAX: usize = 70;

impl Topology {
    /// What the keys of this deployment mean: its own rows that are sound, then the catalogue's.
    #[must_use]
    pub fn catalog<'c>(&self, builtin: &'c Catalog) -> Cow<'c, Catalog> {
        own::catalog(self, builtin, &mut Vec::new())
    }

    /// The same without one of its models; pools that name it name the usual one.
    #[must_use]
    pub fn without_model(&self, index: usize) -> Topology {
        let mut changed = self.clone();
        let gone = changed.models.remove(index).id;
        let usual = super::Pool::default().model;
        for pool in changed.pools.iter_mut().filter(|p| p.model == gone) {
            pool.model.clone_from(&usual);
        }
        changed
    }

    /// The same without one of its GPUs; pools that name it name the one it was made from.
    #[must_use]
    pub fn without_gpu(&self, index: usize, builtin: &Catalog) -> Topology {
        let mut changed = self.clone();
        let gone = changed.gpus.remove(index);
        let like = builtin.gpu(&gone.based_on).map_or_else(|| super::Pool::default().gpu, |g| g.id.clone());
        for pool in changed.pools.iter_mut().filter(|p| p.gpu == gone.id) {
            pool.gpu.clone_from(&like);
        }
        changed
    }

    /// The same with another key for one of its models, in the row and in the pools that name it.
    #[must_use]
    pub fn with_model_id(&self, index: usize, id: &str) -> Topology {
        let mut changed = self.clone();
        let old = core::mem::replace(&mut changed.models[index].id, id.into());
        // Where another row has the old key, pools mean that one.
        if changed.models.iter().all(|m| m.id != old) {
            for pool in changed.pools.iter_mut().filter(|p| p.model == old) {
                pool.model = id.into();
            }
        }
        changed
    }

    /// The same with another key for one of its GPUs.
    #[must_use]
    pub fn with_gpu_id(&self, index: usize, id: &str) -> Topology {
        let mut changed = self.clone();
        let old = core::mem::replace(&mut changed.gpus[index].id, id.into());
        if changed.gpus.iter().all(|g| g.id != old) {
            for pool in changed.pools.iter_mut().filter(|p| p.gpu == old) {
                pool.gpu = id.into();
            }
        }
        changed
    }

    /// A key like this one that neither the catalogue nor a row of this deployment has.
    #[must_use]
    pub fn free_id(&self, wish: &str, builtin: &Catalog) -> String {
        let taken = |id: &str| {
            builtin.model(id).is_some()
                || builtin.gpu(id).is_some()
                || self.models.iter().any(|m| m.id == id)
                || self.gpus.iter().any(|g| g.id == id)
        };
        let slug = own::slug(wish);
        let mut names = (1..).map(|n| match n {
            1 => slug.clone(),
            n => alloc::format!("{}-{n}", &slug[..slug.len().min(NUMBERED_MAX)]),
        });
        names.find(|id| !taken(id)).expect("rows are finitely many")
    }
}
