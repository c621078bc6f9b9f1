//! Share: the whole experiment as a link, copied with one click, or as a frame for another page, with two. Nothing leaves the browser.

use super::embed;
use crate::browser;
use crate::form::names;
use crate::state::{Store, link};
use js_sys::Reflect;
use leptos::prelude::*;
use leptos::task::spawn_local;
use playground_core::scenario::Scenario;
use wasm_bindgen_futures::JsFuture;

/// Height of a frame, px, and what every control adds to it.
const HEIGHT: usize = 480;
const CONTROL_HEIGHT: usize = 72;

/// What is made of the experiment.
#[derive(Clone, Copy, PartialEq)]
enum What {
    Link,
    Frame,
}

/// A text that was made, and whether it is on the clipboard.
#[derive(Clone, PartialEq)]
pub(super) struct Made {
    what: What,
    text: String,
    copied: bool,
}

/// The link of the page. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Share {
    store: Store,
    made: RwSignal<Option<Made>>,
    /// Fields that readers of a frame may change.
    controls: RwSignal<Vec<String>>,
}

impl Share {
    pub(super) fn new(store: Store) -> Self {
        Share { store, made: RwSignal::new(None), controls: RwSignal::default() }
    }

    /// Makes the link, copies it where that is allowed, and shows it.
    pub(crate) fn copy_link(self) {
        self.copy(What::Link);
    }

    /// The same with the frame.
    pub(crate) fn copy_frame(self) {
        self.copy(What::Frame);
    }

    fn copy(self, what: What) {
        let experiment = self.store.experiment();
        let text = match what {
            What::Link => link::to_share(&experiment, ""),
            What::Frame => {
                let controls = self.controls.get_untracked();
                let query = format!("?embed=1{}", embed::query(&controls));
                frame(&link::to_share(&experiment, &query), &experiment.scenario.title, controls.len())
            }
        };
        spawn_local(async move {
            let copied = copy(&text).await;
            self.made.set(Some(Made { what, text, copied }));
        });
    }
}

pub(super) fn view(share: Share) -> AnyView {
    let Share { store, made, controls } = share;
    // The link of another scenario must not stay under the nose of whoever goes on editing.
    Effect::new(move |_| {
        store.followed();
        made.set(None);
        controls.set(Vec::new());
    });
    view! {
        <button type="button" class="primary" data-testid="share" on:click=move |_| share.copy_link()>"Share"</button>
        <div class="share-note" role="status" data-testid="share-note">
            {move || made.get().map(|m| note(m, share))}
        </div>
    }
    .into_any()
}

fn note(Made { what, text, copied }: Made, share: Share) -> AnyView {
    let length = text.chars().count();
    let name = if what == What::Link { "Link" } else { "Code of a frame" };
    let head = if copied {
        format!("{name} copied: {length} characters.")
    } else {
        format!("The browser does not let this page copy. Here is the {}, {length} characters:", name.to_lowercase())
    };
    let warning = match length {
        _ if what == What::Frame => None,
        link::TOO_LONG.. => {
            Some(" That is more than most programs pass on: send the scenario as a file instead (Export).")
        }
        link::LONG.. => Some(" Some chat programs cut links of more than 2,000 characters."),
        _ => None,
    };
    let (id, label) = match what {
        What::Link => ("share-link", "Link to this experiment"),
        What::Frame => ("share-frame", "HTML that shows this experiment in another page"),
    };
    let field = NodeRef::<leptos::html::Textarea>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get().filter(|_| !copied) {
            // Once its text is in it. Ready to be copied by hand; a field that cannot be focused can still be clicked.
            request_animation_frame(move || {
                let _ = field.focus();
                field.select();
            });
        }
    });
    let other = match what {
        What::Link => button("copy-frame", "Copy the code of a frame", move || share.copy_frame()),
        What::Frame => button("copy-link", "Copy the link", move || share.copy_link()),
    };
    view! {
        <div class="share-card">
            <p><strong>{head}</strong> <span class:long=warning.is_some()>{warning}</span></p>
            <textarea
                readonly
                rows="3"
                spellcheck="false"
                data-testid=id
                aria-label=label
                node_ref=field
                prop:value=text
                on:focus:target=|e| e.target().select()
            ></textarea>
            <p class="muted">"Nothing is uploaded. The link contains the scenario."</p>
            {(what == What::Frame).then(|| readers(share))}
            <div class="share-ways">
                {other}
                <button type="button" class="quiet" data-testid="share-close" on:click=move |_| share.made.set(None)>"Close"</button>
            </div>
        </div>
    }
    .into_any()
}

fn button(id: &'static str, text: &'static str, press: impl Fn() + 'static) -> AnyView {
    view! { <button type="button" class="quiet" data-testid=id on:click=move |_| press()>{text}</button> }.into_any()
}

/// What readers of the page around the frame may change there, besides the load.
fn readers(share: Share) -> AnyView {
    let free = move || {
        let all = share.store.scenario.with_untracked(Scenario::numbers);
        all.into_iter().filter(move |path| path.contains('.') && share.controls.with(|taken| !taken.contains(path)))
    };
    let option = |path: String| {
        let text = format!("{} ({path})", names::of(&path));
        view! { <option value=path>{text}</option> }
    };
    let chosen =
        move || share.controls.with(|all| all.iter().map(|path| names::of(path)).collect::<Vec<_>>().join(", "));
    let full = move || share.controls.with(|all| all.len() >= embed::CONTROLS_MAX);
    view! {
        <label>
            "Readers may change the load" {move || share.controls.with(|all| (!all.is_empty()).then_some(", "))} {chosen}
            <select
                data-testid="frame-controls"
                disabled=full
                on:change:target=move |e| {
                    let path = e.target().value();
                    share.controls.update(|all| all.push(path));
                    share.copy_frame();
                }
            >
                <option value="">"and …"</option>
                {free().map(option).collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// HTML that shows an address within another page; it may run and open windows, and reaches nothing of the page around it.
fn frame(address: &str, title: &str, controls: usize) -> String {
    let title = if title.is_empty() { "TTFT against load" } else { title };
    let height = HEIGHT + controls * CONTROL_HEIGHT;
    format!(
        concat!(
            r#"<iframe src="{}" title="{}, simulated by llm-d Playground" width="720" height="{}" loading="lazy" "#,
            r#"style="width:100%;max-width:960px;border:0" "#,
            r#"sandbox="allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads" "#,
            r#"allow="clipboard-write" referrerpolicy="strict-origin-when-cross-origin"></iframe>"#
        ),
        escaped(address),
        escaped(title),
        height
    )
}

/// As the value of an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

/// Whether the text is on the clipboard now.
async fn copy(text: &str) -> bool {
    let navigator = browser::window().navigator();
    // Absent where the page is not served securely.
    let there = Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|c| !c.is_undefined() && !c.is_null());
    there && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_says_what_it_shows_and_nothing_breaks_out_of_it() {
        let html = frame("https://example.org/sim/?embed=1#0.z.1.a.b&b=0.z.1.c.d", "\"quoted\" <b> & more", 2);
        assert!(html.starts_with("<iframe src=\"https://example.org/sim/?embed=1#0.z.1.a.b&amp;b=0.z.1.c.d\" title=\"&quot;quoted&quot; &lt;b> &amp; more, "));
        assert_eq!(html.matches('<').count(), 2);
        assert!(html.contains("height=\"624\""));
        assert!(frame("x", "", 0).contains("title=\"TTFT against load, "));
    }
}
