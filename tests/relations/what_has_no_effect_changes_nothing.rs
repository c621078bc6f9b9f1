//! Titles, notes, unknown settings and plugins that no profile refers to leave every number alone.

use playground_core::catalog::Catalog;
use playground_core::policy::pick::PICKERS;
use playground_core::scenario::{OwnModel, Plugin, Scenario};
use playground_core::study::{Fidelity, LoadCurve};
use playground_tests::fleet;

/// A change of a scenario.
type Change = fn(&mut Scenario);

const IDLE: [(&str, Change); 7] = [
    ("a title", |s| s.title = "Another".into()),
    ("a note", |s| s.note = "Remember this.".into()),
    ("an unknown setting", |s| {
        s.topology.pools[0].engine.extra.insert("kv_cache_dtype".into(), "auto".into());
    }),
    ("an unknown plugin", |s| s.policies.plugins.push(Plugin::new("quantum-scorer"))),
    ("plugins that no profile uses", |s| {
        s.policies.plugins.extend(PICKERS.iter().map(|kind| Plugin::new(kind.meta.id)))
    }),
    ("the same model as one of its own", |s| {
        let catalog = Catalog::builtin();
        let model = catalog.model(&s.topology.pools[0].model).expect("the landing scenario is sound");
        s.topology.models.push(OwnModel::of(model, "mine"));
        s.topology.pools[0].model = "mine".into();
    }),
    ("a price", |s| s.topology.pools[0].price_usd_per_gpu_hour = Some(2.95)),
];

#[test]
fn same_digest() {
    let digest = |s: &Scenario| LoadCurve::run(&fleet::plan(s), Fidelity::Draft).study_digest;
    let mut base = Scenario::default();
    (base.run.requests, base.run.replications, base.run.load.points) = (200, 2, 2);
    let want = digest(&base);
    for (what, change) in IDLE {
        let mut s = base.clone();
        change(&mut s);
        assert_ne!(s, base, "{what} is a change");
        assert_eq!(digest(&s), want, "{what}");
    }
}
