//! Tables that scroll in themselves where they are wider than their place: by keyboard too, so they can be focused and have
//! a name. They say that they are tables, which some browsers forget of those that styles lay out as blocks.

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
            <table role="table" data-testid=id.into()>
                <thead role="rowgroup">
                    <tr role="row">{heads}</tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
