//! Tables that scroll in themselves where they are wider than their place: by keyboard too, so they can be focused and have
//! a name.

use leptos::prelude::*;

/// A table with this name for those who do not see it, under this test id.
pub(crate) fn table(
    label: impl Into<String>,
    id: impl Into<String>,
    heads: impl IntoView + 'static,
    rows: impl IntoView + 'static,
) -> AnyView {
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=label.into()>
            <table data-testid=id.into()>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
