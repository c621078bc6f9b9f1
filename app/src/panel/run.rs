//! The experiment: chance, length, loads.

use crate::browser;
use crate::form::{Choice, Number, Select};
use crate::state::{Gesture, Store};
use leptos::prelude::*;

pub(super) fn view(store: Store) -> AnyView {
    let reseed = move |_| {
        let drawn = browser::random_seed().ok_or_else(|| "this browser gives no random numbers".to_owned());
        if let Err(reason) = drawn.and_then(|seed| store.set("run.seed", seed, Gesture::Done)) {
            browser::complain(&reason);
        }
    };
    let rules = [("residences", "residences"), ("mser-5", "MSER-5")].map(|(id, label)| Choice::new(id, label));
    let automatic = Signal::stored("automatic".to_owned());
    view! {
        <div class="row seed">
            {Number::new("run.seed")
                .help("Every random draw follows from it: the same link gives the same numbers, to the last digit, in every browser.")
                .view(store)}
            <button type="button" class="quiet" data-testid="new-seed" on:click=reseed>"New seed"</button>
        </div>
        <div class="row two">
            {Number::new("run.replications")
                .within(1.0, 64.0)
                .help("Independent runs of each load. The 95 % intervals come from how much they differ.")
                .view(store)}
            {Number::new("run.requests")
                .within(10.0, 10_000_000.0)
                .step("500")
                .help("Requests measured in each repetition at the nominal capacity; a lower load measures fewer in the same time.")
                .view(store)}
        </div>
        <div class="row two">
            {Number::new("run.warmup_s")
                .unit("s")
                .within(0.0, 86_400.0)
                .or_default(automatic)
                .help("Simulated time before measuring. Empty: three times as long as a request stays.")
                .view(store)}
            {Select::new("run.warmup_rule", rules.into())
                .help("Residences: from the time that a request stays. MSER-5: from a first run at each load, which takes twice as long.")
                .view(store)}
        </div>
        <div class="row three">
            {Number::new("run.load.points").within(2.0, 64.0).help("Loads on the curve.").view(store)}
            {Number::new("run.load.min_frac").unit("× capacity").within(0.01, 3.0).step("0.05").view(store)}
            {Number::new("run.load.max_frac").unit("× capacity").within(0.01, 3.0).step("0.05").view(store)}
        </div>
    }
    .into_any()
}
