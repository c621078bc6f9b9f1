//! What could be changed: one setting each, and what can be deployed of it.

use crate::panel;
use playground_core::catalog::Catalog;
use playground_core::scenario::{Diagnostic, Edit, Plan, Scenario, resolve};

/// One change of one setting.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    /// As in "Replicas 4 → 5".
    pub(super) label: String,
    pub(super) scenario: Scenario,
}

/// A change that cannot be deployed, and why.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Impossible {
    pub(super) label: String,
    pub(super) why: String,
}

/// Every change with its plan, and those that cannot be deployed.
pub(super) fn all(base: &Scenario, plan: &Plan, catalog: &Catalog) -> (Vec<(Change, Plan)>, Vec<Impossible>) {
    let (mut possible, mut impossible) = (Vec::new(), Vec::new());
    for change in candidates(base, plan) {
        match resolve(&change.scenario, catalog) {
            Ok(plan) => possible.push((change, plan)),
            Err(found) => {
                let first = found.iter().find(|d| d.is_error()).map(|d: &Diagnostic| d.message.clone());
                impossible.push(Impossible { label: change.label, why: first.unwrap_or_default() });
            }
        }
    }
    (possible, impossible)
}

fn candidates(base: &Scenario, plan: &Plan) -> Vec<Change> {
    let several = base.topology.pools.len() > 1;
    let mut all = Vec::new();
    for (i, (pool, planned)) in base.topology.pools.iter().zip(plan.pools()).enumerate() {
        let of = if several { format!("{}: ", pool.name) } else { String::new() };
        let mut set = |what: &str, field: &str, from: String, to: serde_json::Value| {
            let label = format!("{of}{what} {from} → {}", shown(&to));
            let edit = Edit::new(&label, &format!("topology.pools[{i}].{field}"), to);
            // A value of the field's own kind.
            all.extend(edit.apply(base).ok().map(|scenario| Change { label, scenario }));
        };
        let replicas = pool.replicas;
        for to in [replicas.checked_add(1), replicas.checked_sub(1).filter(|n| *n > 0)].into_iter().flatten() {
            set("Replicas", "replicas", replicas.to_string(), to.into());
        }
        let tp = pool.engine.tensor_parallel_size;
        for to in [tp.checked_mul(2), (tp > 1).then_some(tp / 2)].into_iter().flatten() {
            set("Tensor parallel", "engine.tensor_parallel_size", tp.to_string(), to.into());
        }
        let tokens = planned.engine.max_num_batched_tokens;
        for to in [tokens.checked_mul(2), (tokens > 1).then_some(tokens / 2)].into_iter().flatten() {
            set("Max batched tokens", "engine.max_num_batched_tokens", tokens.to_string(), to.into());
        }
        let cached = planned.engine.prefix_caching;
        set("Prefix caching", "engine.enable_prefix_caching", on(cached).into(), (!cached).into());
    }
    let (policies, _) = panel::rival(&base.policies);
    if policies != base.policies {
        let label = format!("Routing {} → {}", panel::summary(&base.policies), panel::summary(&policies));
        all.push(Change { label, scenario: Scenario { policies, ..base.clone() } });
    }
    all
}

fn on(yes: bool) -> &'static str {
    if yes { "on" } else { "off" }
}

fn shown(value: &serde_json::Value) -> String {
    value.as_bool().map_or_else(|| value.to_string(), |yes| on(yes).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::study::compare::{obstacles, settings};

    fn found(change: impl FnOnce(&mut Scenario)) -> (Scenario, Vec<Change>, Vec<Impossible>) {
        let mut s = Scenario::default();
        change(&mut s);
        let catalog = Catalog::builtin();
        let plan = resolve(&s, &catalog).expect("is sound");
        let (possible, impossible) = all(&s, &plan, &catalog);
        (s, possible.into_iter().map(|(c, _)| c).collect(), impossible)
    }

    #[test]
    fn each_changes_one_setting_and_makes_pairs() {
        let (s, all, _) = found(|_| ());
        let labels: Vec<&str> = all.iter().map(|c| c.label.as_str()).collect();
        for start in
            ["Replicas 4 → 5", "Replicas 4 → 3", "Tensor parallel 1 → 2", "Prefix caching on → off", "Routing "]
        {
            assert!(labels.iter().any(|l| l.starts_with(start)), "{start} in {labels:?}");
        }
        for change in &all {
            assert_eq!(obstacles(&[&s, &change.scenario]), []);
            let settings = settings(&[&s, &change.scenario]);
            assert!(
                settings.iter().all(|(path, ..)| path.starts_with("policies")) || settings.len() == 1,
                "{settings:?}"
            );
        }
    }

    #[test]
    fn nothing_shrinks_below_one_and_what_does_not_fit_says_why() {
        let (_, all, impossible) = found(|s| {
            s.topology.pools[0].replicas = 1;
            s.topology.pools[0].engine.tensor_parallel_size = 8;
        });
        assert!(all.iter().all(|c| !c.label.contains("→ 0")));
        assert!(
            impossible.iter().any(|i| i.label.starts_with("Tensor parallel 8 → 16") && !i.why.is_empty()),
            "{impossible:?}"
        );
    }
}
