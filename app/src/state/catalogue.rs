//! The catalogue, read once: every form and every check asks it.

use playground_core::catalog::Catalog;
use std::sync::OnceLock;

/// What the simulator knows of hardware, models and engines.
pub(crate) fn catalogue() -> &'static Catalog {
    static CATALOGUE: OnceLock<Catalog> = OnceLock::new();
    CATALOGUE.get_or_init(Catalog::builtin)
}
