//! Splits the page's module: what every visit needs, and parts that come when they are first used (app/src/part.rs).
//!
//! Trunk links, then runs `wasm-bindgen`, and offers no step in between. So it finds a link to this program under that
//! name: that one takes the linked module apart with `wasm-split-cli`, has the real wasm-bindgen do its work on the main
//! part, and puts the others where Trunk copies from. Their loaders become part of the glue, so that no visit asks for one more file.

use crate::{
    Outcome,
    paths::Paths,
    sh::{MINUTE, Run},
};
use std::{
    env,
    ffi::OsStr,
    fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
};

/// The name under which Trunk calls this program.
const NAME: &str = "wasm-bindgen";
/// Where the wasm-bindgen is that does the work.
const REAL: &str = "PLAYGROUND_WASM_BINDGEN";
/// Where what makes modules small is; unset: they stay as they are.
const OPT: &str = "PLAYGROUND_WASM_OPT";
/// How, as data-wasm-opt of app/index.html says for the main part.
const OPT_LEVEL: &str = "-O3";
/// The folder that Trunk copies besides the module and its glue.
const FOLDER: &str = "snippets";
/// How the loaders make a part of what comes: only of what the server says is WebAssembly.
const INSTANTIATE: &str = "WebAssembly.instantiateStreaming(src, imports)";
/// How they do it here: like wasm-bindgen's own glue, whatever the server says it is.
const FORGIVING: &str = "(async () => {
        const response = await src;
        const streams = response.ok && response.headers.get(\"Content-Type\") === \"application/wasm\";
        return streams ? WebAssembly.instantiateStreaming(response, imports) : WebAssembly.instantiate(await response.arrayBuffer(), imports);
    })()";
/// What wasm-split calls the loaders, and wasm-bindgen imports.
const LOADERS: &str = "./__wasm_split.js";

/// Puts this program in wasm-bindgen's place: in front of `folders`, which hold the real one unless PATH does.
pub(crate) fn step_in(paths: &Paths, folders: &mut Vec<PathBuf>, run: Run, optimise: bool) -> Outcome<Run> {
    let real = find(NAME, folders).ok_or("wasm-bindgen is nowhere on PATH")?;
    let opt = optimise.then(|| find("wasm-opt", folders).ok_or("wasm-opt is nowhere on PATH")).transpose()?;
    let folder = paths.target.join("instead");
    let (own, place) = (env::current_exe().map_err(fail(&"this program"))?, folder.join(exe(NAME)));
    fs::create_dir_all(&folder).map_err(fail(&folder.display()))?;
    let _ = fs::remove_file(&place); // Absent the first time.
    // A copy where hard links cannot be made.
    fs::hard_link(&own, &place).or_else(|_| fs::copy(&own, &place).map(drop)).map_err(fail(&place.display()))?;
    folders.insert(0, folder);
    let run = run.path(folders).env(REAL, real);
    Ok(match opt {
        Some(opt) => run.env(OPT, opt),
        None => run.without_env(OPT),
    })
}

/// Whether this program was called in wasm-bindgen's place; then that is all it is to do.
pub(crate) fn called_as_bindgen() -> bool {
    env::args_os().next().is_some_and(|own| Path::new(&own).file_stem() == Some(OsStr::new(NAME)))
}

/// Does what wasm-bindgen was asked for, and splits the module before.
pub(crate) fn bindgen(words: &[String]) -> Outcome {
    let real = env::var_os(REAL).ok_or_else(|| format!("{REAL} does not say where wasm-bindgen is"))?;
    let option = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
    let input = words.iter().position(|word| word.ends_with(".wasm"));
    let (Some(input), Some(out), Some(name)) = (input, option("--out-dir="), option("--out-name=")) else {
        // Its version, say.
        return Run::new(real).args(words).pass();
    };
    let (linked, out) = (Path::new(&words[input]), Path::new(out));
    let work = out.join("split");
    let _ = fs::remove_dir_all(&work); // What an earlier build left, where there was one.
    let out_name = format!("--out-name={name}");
    Run::new("wasm-split-cli").arg(linked).arg(&work).arg(out_name).limit(10 * MINUTE).show()?;
    let mut words = words.to_vec();
    words[input] = work.join(format!("{name}.wasm")).display().to_string();
    // Parts find each other's functions in the linker's table.
    words.push("--keep-lld-exports".into());
    Run::new(real).args(&words).limit(10 * MINUTE).pass()?;
    let parts = place(linked, &work, &out.join(FOLDER))?;
    let glue = out.join(format!("{name}.js"));
    let (text, loaders) = (read(&glue)?, read(&work.join("__wasm_split.js"))?);
    fs::write(&glue, with_loaders(&text, &loaders, &parts)?).map_err(fail(&glue.display()))
}

/// A part's file as wasm-split calls it, and as the page does.
struct Part {
    split: String,
    page: String,
}

/// Puts the parts into `folder`, and nothing else, under names that change with the module.
fn place(linked: &Path, work: &Path, folder: &Path) -> Outcome<Vec<Part>> {
    let _ = fs::remove_dir_all(folder); // As above.
    fs::create_dir_all(folder).map_err(fail(&folder.display()))?;
    let module = fs::read(linked).map_err(fail(&linked.display()))?;
    let mut parts = Vec::new();
    for entry in fs::read_dir(work).map_err(fail(&work.display()))?.flatten() {
        let split = entry.file_name().to_string_lossy().into_owned();
        if !(split.starts_with("split_") || split.starts_with("chunk_")) {
            continue;
        }
        // A part fits the module that it was cut from and no other, whether or not it changed itself.
        let mut hash = DefaultHasher::new();
        hash.write(&module);
        hash.write(split.as_bytes());
        let stem = split.trim_start_matches("split_").trim_end_matches(".wasm").replace('_', "-");
        let page = format!("{stem}-{:016x}.wasm", hash.finish());
        make_small(&entry.path(), &folder.join(&page))?;
        parts.push(Part { split, page });
    }
    parts.sort_by(|a, b| a.page.cmp(&b.page));
    Ok(parts)
}

fn make_small(from: &Path, to: &Path) -> Outcome {
    match env::var_os(OPT) {
        Some(opt) => Run::new(opt).arg(OPT_LEVEL).arg(from).arg("-o").arg(to).limit(10 * MINUTE).show(),
        None => fs::copy(from, to).map(drop).map_err(fail(&to.display())),
    }
}

/// The glue with the loaders in it, instead of an import of them; it also names the parts, for who keeps the page.
fn with_loaders(glue: &str, loaders: &str, parts: &[Part]) -> Outcome<String> {
    let changed =
        |what: &str| format!("{what} of wasm-bindgen and wasm-split do not look as expected: see {}", file!());
    // One import for each loader, all of the same.
    let imports: Vec<(&str, &str)> = glue
        .lines()
        .filter(|line| line.contains(LOADERS))
        .filter_map(|line| Some((line, line.strip_prefix("import * as ")?.split_once(" from ")?.0)))
        .collect();
    let ((line, name), others) = imports.split_first().ok_or_else(|| changed("imports"))?;
    // The glue itself is where they import from.
    let (import, body) = loaders.split_once('\n').ok_or_else(|| changed("loaders"))?;
    if !import.starts_with("import { initSync } from") || !body.contains(INSTANTIATE) {
        return Err(changed("loaders"));
    }
    let exported: Vec<&str> =
        body.lines().filter_map(|line| Some(line.strip_prefix("export const ")?.split_once(" = ")?.0)).collect();
    let mut body = body.replace("export const ", "const ").replace(INSTANTIATE, FORGIVING);
    for Part { split, page } in parts {
        body = body.replace(&format!("\"./{split}\""), &format!("\"./{FOLDER}/{page}\""));
    }
    let names: Vec<String> = parts.iter().map(|part| format!("\"./{FOLDER}/{}\"", part.page)).collect();
    let here = format!(
        "const {name} = (() => {{\n{body}\nreturn {{ {} }};\n}})();\nexport const parts = [{}];",
        exported.join(", "),
        names.join(", ")
    );
    let glue = glue.replacen(line, &here, 1);
    Ok(others.iter().fold(glue, |glue, (line, other)| glue.replacen(line, &format!("const {other} = {name};"), 1)))
}

fn find(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let own = folders.iter().map(|folder| folder.join(exe(name))).find(|file| file.is_file());
    own.or_else(|| crate::sh::which(&exe(name)))
}

fn exe(name: &str) -> String {
    format!("{name}{}", env::consts::EXE_SUFFIX)
}

fn read(file: &Path) -> Outcome<String> {
    fs::read_to_string(file).map_err(fail(&file.display()))
}

fn fail(what: &dyn ToString) -> impl FnOnce(std::io::Error) -> String + use<> {
    let what = what.to_string();
    move |error| format!("{what}: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOADED: &str = "import { initSync } from \"./page.js\";\n\nfunction load(url) { WebAssembly.instantiateStreaming(src, imports) }\nexport const __wasm_split_load_a = load(\"./split_a.wasm\");\nexport const __wasm_split_load_b = load(\"./split_b.wasm\");\n";

    fn part(name: &str) -> Part {
        Part { split: format!("split_{name}.wasm"), page: format!("{name}-0123.wasm") }
    }

    #[test]
    fn loaders_become_part_of_the_glue() {
        let glue =
            "import * as import1 from \"./__wasm_split.js\"\nimport * as import2 from \"./__wasm_split.js\"\nrest();\n";
        let made = with_loaders(glue, LOADED, &[part("a"), part("b")]).expect("is as expected");
        assert!(made.contains("await response.arrayBuffer()"), "{made}");
        assert!(!made.contains("import *") && !made.contains("split_a.wasm"), "{made}");
        assert!(made.contains("load(\"./snippets/b-0123.wasm\")"), "{made}");
        assert!(made.contains("return { __wasm_split_load_a, __wasm_split_load_b };"), "{made}");
        assert!(
            made.contains("export const parts = [\"./snippets/a-0123.wasm\", \"./snippets/b-0123.wasm\"];"),
            "{made}"
        );
        assert!(made.ends_with("const import2 = import1;\nrest();\n"), "{made}");
    }

    #[test]
    fn what_looks_otherwise_is_an_error() {
        assert!(with_loaders("rest();", LOADED, &[]).is_err());
        let glue = "import * as import1 from \"./__wasm_split.js\"\n";
        assert!(with_loaders(glue, "const other = 1;\nexport const x = 2;\n", &[]).is_err());
        assert!(with_loaders(glue, &LOADED.replace("Streaming", ""), &[part("a")]).is_err());
    }
}
