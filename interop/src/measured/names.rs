//! What records call models and GPUs, in the catalogue's words.

use super::sheet::Sheet;
use playground_core::catalog::Catalog;
use std::collections::BTreeMap;
use std::path::Path;

/// Names of a kind of thing, by what records call it.
#[derive(Clone, Debug, Default)]
pub struct Names {
    models: BTreeMap<String, String>,
    /// Of models whose name says so: how narrow their weights are, as records' columns of precision call it.
    precisions: BTreeMap<String, String>,
    gpus: BTreeMap<String, String>,
}

impl Names {
    /// Reads a table of `kind,name_in_data,catalogue_id`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(path: &Path) -> Result<Names, String> {
        let sheet = Sheet::read(path)?;
        let mut names = Names::default();
        for record in sheet.records() {
            let table = if record.text("kind") == "gpu" { &mut names.gpus } else { &mut names.models };
            table.insert(record.text("name_in_data").into(), record.text("catalogue_id").into());
            if let Some(precision) = record.text("note").strip_prefix("weights ") {
                names.precisions.insert(record.text("name_in_data").into(), precision.trim_start_matches("nv").into());
            }
        }
        Ok(names)
    }

    /// The catalogue's id of a model: by the table, or by its own id or repository.
    ///
    /// # Errors
    /// When neither knows it.
    pub fn model(&self, catalog: &Catalog, name: &str) -> Result<String, String> {
        let id = self.models.get(name).map_or(name, String::as_str);
        let found = catalog.models.iter().find(|m| m.id.eq_ignore_ascii_case(id) || m.hf_id == name);
        found.map(|m| m.id.clone()).ok_or_else(|| unknown("model", name, id))
    }

    /// How narrow the weights of a model of this name are; empty where the name says nothing.
    #[must_use]
    pub fn precision(&self, name: &str) -> &str {
        self.precisions.get(name).map_or("", String::as_str)
    }

    /// The catalogue's id of a GPU.
    ///
    /// # Errors
    /// When neither the table nor the catalogue knows it.
    pub fn gpu(&self, catalog: &Catalog, name: &str) -> Result<String, String> {
        // Records add in brackets where a name is a guess of theirs.
        let plain = name.split(" (").next().unwrap_or(name);
        let id = self.gpus.get(name).or_else(|| self.gpus.get(plain)).map_or(plain, String::as_str);
        let found = catalog.gpus.iter().find(|g| g.id == id);
        found.map(|g| g.id.clone()).ok_or_else(|| unknown("GPU", name, id))
    }
}

fn unknown(kind: &str, name: &str, id: &str) -> String {
    let known = if id == name { String::new() } else { format!(" (“{id}” by the table of names)") };
    format!("the catalogue has no {kind} “{name}”{known}; add a row to the table of names or to the catalogue")
}
