//! What the catalogue offers, in an order in which people look for it.

use crate::form::Choice;
use crate::say;
use playground_core::catalog::{Catalog, Model};

/// GPUs: first those whose kernels were measured.
pub(super) fn gpus(catalog: &Catalog) -> Vec<Choice> {
    let of = |measured: bool, group: &'static str| {
        let some = catalog.gpus.iter().filter(move |g| g.measured == measured);
        some.map(move |g| Choice::new(g.id.clone(), g.name.clone()).within(group))
    };
    of(true, "measured kernels").chain(of(false, "assumed efficiencies")).collect()
}

/// Models by publisher, the publisher of most models first; within one, the smallest first.
pub(super) fn models(catalog: &Catalog) -> Vec<Choice> {
    let count = |of: &str| catalog.models.iter().filter(|m| publisher(m) == of).count();
    let mut models: Vec<&Model> = catalog.models.iter().collect();
    models.sort_by_key(|m| (usize::MAX - count(publisher(m)), publisher(m), m.params));
    models.into_iter().map(|m| Choice::new(m.id.clone(), name(m)).within(publisher(m))).collect()
}

fn publisher(model: &Model) -> &str {
    model.hf_id.split_once('/').map_or("", |(publisher, _)| publisher)
}

/// Name and size, as in "Qwen3-30B-A3B · 30.5 B, 3.04 B active".
fn name(model: &Model) -> String {
    let name = model.hf_id.rsplit('/').next().unwrap_or(&model.hf_id);
    let size = |params: u64| format!("{} B", say::plain(params as f64 / 1e9));
    match model.experts() {
        Some(_) => format!("{name} · {}, {} active", size(model.params), size(model.params_active)),
        None => format!("{name} · {}", size(model.params)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_hold_together_and_nothing_is_lost() {
        let catalog = Catalog::builtin();
        for (choices, n) in [(gpus(&catalog), catalog.gpus.len()), (models(&catalog), catalog.models.len())] {
            assert_eq!(choices.len(), n);
            let mut groups: Vec<String> = choices.iter().map(|c| c.group.clone()).collect();
            groups.dedup();
            let runs = groups.len();
            groups.sort_unstable();
            groups.dedup();
            assert_eq!(groups.len(), runs, "a group appears twice");
        }
    }

    #[test]
    fn sizes_are_said_and_ascend() {
        let all = models(&Catalog::builtin());
        let qwen: Vec<&str> = all.iter().filter(|c| c.group == "Qwen").map(|c| c.label.as_str()).collect();
        assert_eq!(qwen.first(), Some(&"Qwen3-0.6B · 0.596 B"));
        assert!(qwen.contains(&"Qwen3-30B-A3B · 30.5 B, 3.04 B active"), "{qwen:?}");
    }
}
