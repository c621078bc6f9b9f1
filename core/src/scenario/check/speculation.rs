//! Speculative decoding: a drafter that is known, and chances that can be.

use super::super::speculation::{DRAFTS_MAX, METHODS, SpeculativeConfig};
use super::super::topology::Pool;
use super::super::{Diagnostic, Edit};
use super::{one_of, within};
use crate::base::Order;
use crate::catalog::Catalog;
use alloc::format;
use alloc::vec::Vec;
use serde_json::Value;

pub(super) fn check(path: &str, pool: &Pool, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let Some(config) = &pool.engine.speculative_config else { return };
    let at = |field: &str| format!("{path}.{field}");
    one_of(found, &at("method"), "way of drafting", &config.method, METHODS.into_iter());
    let drafts = config.num_speculative_tokens;
    within(found, &at("num_speculative_tokens"), drafts, 1..=DRAFTS_MAX, "drafts");
    check_chances(&at, config, found);
    if config.method == "draft_model" {
        check_model(&at("model"), config, pool, catalog, found);
    } else if config.model.as_ref().is_some_and(|model| catalog.model(model).is_some()) {
        found.push(
            Diagnostic::warning(
                &at("model"),
                format!("has no effect: {} drafts with a layer beside the model, or without any", config.method),
            )
            .fix(Edit::new("Leave it out", &at("model"), Value::Null)),
        );
    }
}

fn check_chances(at: &impl Fn(&str) -> alloc::string::String, config: &SpeculativeConfig, found: &mut Vec<Diagnostic>) {
    let drafts = config.num_speculative_tokens;
    let (rates, length) = (at("synthetic_acceptance_rates"), at("synthetic_acceptance_length"));
    if let Some(tokens) = config.synthetic_acceptance_length {
        within(found, &length, tokens, 1.0..=f64::from(drafts.clamp(1, DRAFTS_MAX)) + 1.0, "tokens");
    }
    let Some(given) = &config.synthetic_acceptance_rates else {
        if config.rates().is_none() && METHODS.contains(&config.method.as_str()) {
            let message = format!(
                "is missing: how many drafts of {} are accepted depends on the text, and nobody has published a usual number; give the tokens that a step yields on average",
                config.method
            );
            found.push(Diagnostic::error(&length, message).fix(Edit::new("Set to 2 tokens", &length, 2.0)));
        }
        return;
    };
    if config.synthetic_acceptance_length.is_some() {
        let message = "are given, and synthetic_acceptance_length too; one of them says it all";
        found.push(Diagnostic::error(&rates, message.into()).fix(Edit::new("Leave them out", &rates, Value::Null)));
        return;
    }
    let sound = given.iter().all(|rate| (0.0..=1.0).contains(rate)) && given.windows(2).all(|pair| pair[1] <= pair[0]);
    if !sound || given.len() != drafts as usize {
        let message = format!(
            "must be {drafts} chances from 0 to 1, none above the one before it: each is that of a draft and all before it"
        );
        let mut usual = config.clone();
        usual.synthetic_acceptance_rates = None;
        usual.num_speculative_tokens = drafts.clamp(1, DRAFTS_MAX);
        let fix = if usual.rates().is_some() {
            Edit::new("Use what was measured", &rates, Value::Null)
        } else {
            let halves: Vec<f64> = (0..usual.num_speculative_tokens).map(|_| 0.5).collect();
            Edit::new("Set all to 0.5", &rates, halves)
        };
        found.push(Diagnostic::error(&rates, message).fix(fix));
    }
}

/// A smaller model for the same words, which splits as the large one does.
fn check_model(path: &str, config: &SpeculativeConfig, pool: &Pool, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let Some(target) = catalog.model(&pool.model) else { return };
    let tp = pool.engine.tensor_parallel_size;
    let suits = |id: &str| {
        catalog.model(id).is_some_and(|m| {
            m.id != target.id
                && m.vocab_size == target.vocab_size
                && m.params < target.params
                && m.unsplittable(tp).is_none()
        })
    };
    let name = config.model.as_deref().unwrap_or_default();
    if suits(name) {
        return;
    }
    let reason = match catalog.model(name) {
        None if name.is_empty() => "is missing: say which smaller model drafts".into(),
        None => format!("“{name}” is not in the catalogue of models"),
        Some(m) if m.vocab_size != target.vocab_size => format!(
            "is {name}, which knows {} tokens, and {} knows {}: vLLM wants the same words",
            m.vocab_size, target.id, target.vocab_size
        ),
        Some(m) if m.params >= target.params => format!("is {name}, which is no smaller than {}", target.id),
        Some(_) => format!("is {name}, which does not split over {tp} GPUs"),
    };
    let mut offers: Vec<_> = catalog.models.iter().filter(|m| suits(&m.id)).collect();
    offers.order_by_key(|m| m.params);
    let mut finding = Diagnostic::error(path, reason);
    for model in offers.into_iter().take(3) {
        finding = finding.fix(Edit::new(&format!("Use {}", model.id), path, model.id.clone()));
    }
    if finding.fixes.is_empty() {
        let method = path.replace(".model", ".method");
        finding = finding.fix(Edit::new("Use EAGLE-3", &method, "eagle3"));
    }
    found.push(finding);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    fn findings(change: impl FnOnce(&mut Pool, &mut SpeculativeConfig)) -> Vec<Diagnostic> {
        let mut config = SpeculativeConfig::default();
        let mut pool = Pool::default();
        change(&mut pool, &mut config);
        pool.engine.speculative_config = Some(config);
        let mut s = Scenario::default();
        s.topology.pools[0] = pool;
        s.workload.arrival.rate_rps = 0.1;
        super::super::check(&s, &Catalog::builtin())
    }

    fn refused(field: &str, change: impl FnOnce(&mut Pool, &mut SpeculativeConfig)) {
        let found = findings(change);
        let path = format!("topology.pools[0].engine.speculative_config.{field}");
        let finding = found.iter().find(|d| d.path == path && d.is_error());
        let finding = finding.unwrap_or_else(|| panic!("{path}: {found:#?}"));
        assert!(!finding.fixes.is_empty(), "{finding:#?}");
    }

    #[test]
    fn sound_ones_are_let_through() {
        assert_eq!(findings(|_, _| ()), []);
        assert_eq!(findings(|_, c| c.method = "mtp".into()), []);
        let lookup = |c: &mut SpeculativeConfig| c.method = "ngram".into();
        assert_eq!(
            findings(|_, c| {
                lookup(c);
                c.synthetic_acceptance_length = Some(1.5)
            }),
            []
        );
        let drafted = |_: &mut Pool, c: &mut SpeculativeConfig| {
            (c.method, c.model) = ("draft_model".into(), Some("qwen3-0.6b".into()));
            c.synthetic_acceptance_rates = Some([0.8, 0.6, 0.0].into());
        };
        assert_eq!(findings(drafted), []);
    }

    #[test]
    fn others_are_told_why() {
        refused("method", |_, c| c.method = "medusa".into());
        refused("num_speculative_tokens", |_, c| c.num_speculative_tokens = 0);
        refused("num_speculative_tokens", |_, c| c.num_speculative_tokens = u32::MAX);
        refused("synthetic_acceptance_length", |_, c| c.method = "ngram".into());
        refused("synthetic_acceptance_length", |_, c| c.synthetic_acceptance_length = Some(f64::NAN));
        refused("synthetic_acceptance_length", |_, c| c.synthetic_acceptance_length = Some(9.0));
        for rates in [&[0.5, 0.6, 0.1][..], &[0.5], &[1.1, 0.5, 0.5], &[f64::NAN; 3]] {
            refused("synthetic_acceptance_rates", |_, c| c.synthetic_acceptance_rates = Some(rates.into()));
        }
        refused("synthetic_acceptance_rates", |_, c| {
            (c.synthetic_acceptance_rates, c.synthetic_acceptance_length) = (Some([0.5; 3].into()), Some(2.0));
        });
        refused("model", |_, c| c.method = "draft_model".into());
        for model in ["qwen3-14b", "qwen3-32b", "llama-3.1-8b", "gpt-5"] {
            refused("model", |_, c| (c.method, c.model) = ("draft_model".into(), Some(model.into())));
        }
    }
}
