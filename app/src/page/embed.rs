//! The page inside another one: the sentence, one chart, one control, and the way out to the whole page. A link of
//! several scenarios shows their comparison.

use super::{Parts, banners, rate, stage, status, verdict};
use crate::chart::CHARTS;
use crate::compare;
use crate::draw::figure_view;
use crate::state::link;
use leptos::prelude::*;

pub(super) fn view(parts: Parts) -> AnyView {
    let Parts { store, compare, bundle, palette, .. } = parts;
    stage::stamp(store);
    let address = move || link::address(&store.followed());
    let compared = Memo::new(move |_| store.beside.with(Option::is_some));
    let body = move || {
        if compared.get() {
            return compare::embedded(compare, bundle, palette);
        }
        view! {
            {verdict::view(store)}
            <div class="result">{figure_view(store, &CHARTS[0], bundle, palette, true, None)}</div>
        }
        .into_any()
    };
    view! {
        <div class="app embed">
            {banners::view(store)}
            <main class="stage" id="stage" tabindex="-1">
                {body}
                <div class="load-bar">{rate::view(store, "")}</div>
            </main>
            <footer class="status" aria-label="Status" data-testid="status">
                {status::fidelity_view(store)}
                {status::standing(store)}
                {status::facts(store)}
                <a class="open" data-testid="open-full" target="_blank" rel="noopener" href=address>
                    "Open\u{a0}" <span aria-hidden="true">"↗"</span> <span class="visually-hidden">" the whole simulation in a new tab"</span>
                </a>
            </footer>
        </div>
    }
    .into_any()
}
