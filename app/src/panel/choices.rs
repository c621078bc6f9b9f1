//! What the catalogue offers, in an order in which people look for it.

use crate::form::Choice;
use crate::say;
use playground_core::base::Order;
use playground_core::catalog::{Catalog, Model};
use playground_core::scenario::Topology;

/// Heading of what the scenario has of its own.
const OWN: &str = "this scenario's own";

/// Models and GPUs of a deployment's own.
pub(super) fn own(topology: &Topology, builtin: &Catalog) -> [Vec<Choice>; 2] {
    let all = topology.catalog(builtin);
    // What is not sound has no size, and can be chosen all the same.
    let models = topology.models.iter().map(|own| {
        let row = all.models.iter().find(|m| m.id == own.id);
        Choice::new(own.id.clone(), row.map_or_else(|| own.id.clone(), name)).within(OWN)
    });
    let gpus = topology.gpus.iter().map(|own| {
        let name = if own.name.is_empty() { &own.id } else { &own.name };
        Choice::new(own.id.clone(), name.clone()).within(OWN)
    });
    [models.collect(), gpus.collect()]
}

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
    models.order_by_key(|m| (usize::MAX - count(publisher(m)), publisher(m), m.params));
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
    fn ones_own_are_there_whether_sound_or_not() {
        let catalog = Catalog::builtin();
        let mut topology = Topology::default();
        let model = catalog.model("qwen3-30b-a3b").expect("is known");
        topology.models = vec![playground_core::scenario::OwnModel::of(model, "mine")];
        assert_eq!(own(&topology, &catalog)[0][0].label, "Qwen3-30B-A3B · 30.5 B, 3.04 B active");
        topology.models[0].hidden_size = 0;
        assert_eq!(own(&topology, &catalog)[0][0].label, "mine");
    }

    #[test]
    fn sizes_are_said_and_ascend() {
        let all = models(&Catalog::builtin());
        let qwen: Vec<&str> = all.iter().filter(|c| c.group == "Qwen").map(|c| c.label.as_str()).collect();
        assert_eq!(qwen.first(), Some(&"Qwen3-0.6B · 0.596 B"));
        assert!(qwen.contains(&"Qwen3-30B-A3B · 30.5 B, 3.04 B active"), "{qwen:?}");
    }
}
