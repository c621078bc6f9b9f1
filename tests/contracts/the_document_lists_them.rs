//! `docs/plugins.md` is what the registries say.

use playground_core::policy::markdown;
use std::path::Path;

#[test]
fn is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/plugins.md");
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == markdown(), "run `playground policies > docs/plugins.md`");
}
