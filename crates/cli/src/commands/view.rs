//! `leitai view`: a bundle's report or a model in the browser.

mod model;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use leitai_proving::bundle::Bundle;
use leitai_proving::report::{self, Data};
use leitai_proving::verdict::Language;
use leitai_proving::whole::{self, Readers};
use serde_json::json;

pub use model::page as model_page;

use super::key;
use crate::arguments::View;
use crate::catalog::{KINDS, is_path};
use crate::context::{Context, program};
use crate::failure::{Exit, Failure};
use crate::{description, evidence};

/// Opens.
pub fn run(context: &Context, arguments: &View) -> Result<Exit, Failure> {
    let word = &arguments.target;
    if !is_bundle(context, word) {
        let found = description::read(context, word, &arguments.urdf)?;
        let page = model::page(&found, found.model(context)?, page_language(context));
        return show(context, arguments, &report::render(&Data::Model(Box::new(page))));
    }
    let bundle = evidence::read(context, Path::new(word))?;
    let html = report_page(context, &bundle)?.ok_or_else(|| {
        let what = context.say("这个证据包没有报告，或报告出自其他版本", "this bundle has no report, or one of another version");
        Failure::usage(format!("{word}: {what}"), format!("{} verify {word}", program()))
    })?;
    show(context, arguments, &html)
}

/// Whether a word means a bundle: a file that ends so, or a folder that is no package.
fn is_bundle(context: &Context, word: &str) -> bool {
    let path = Path::new(word);
    if path.is_dir() {
        let package = KINDS.iter().any(|kind| path.join(kind.manifest).exists());
        return !package && (is_path(word) || evidence::find(context, path).is_ok());
    }
    path.extension().is_some_and(|extension| extension == "leitai")
}

/// The report of a bundle, with its signature as the user's trust has it. None if the bundle has no report that this version can
/// read.
pub fn report_page(context: &Context, bundle: &Bundle) -> Result<Option<String>, Failure> {
    let signer = bundle
        .signer(&key::trusted(context)?)
        .map_err(|error| Failure::from_error(Exit::Refused, context.language, "证据包的签名有误", &error, ""))?;
    Ok(report::render_bundle(bundle, signer, page_language(context)))
}

/// The language a page opens in.
pub fn page_language(context: &Context) -> report::Language {
    match context.language {
        Language::Zh => report::Language::Zh,
        Language::En => report::Language::En,
    }
}

/// Writes a file that others may read, whole or not at all.
pub fn write_file(context: &Context, target: &Path, text: &str) -> Result<(), Failure> {
    whole::write(target, text.as_bytes(), Readers::Everyone).map_err(|error| Failure {
        exit: Exit::Failed,
        what: format!("{}: {error}", target.display()),
        next: context.say("检查文件夹是否存在、可写", "check that the folder exists and can be written").to_string(),
    })
}

/// Writes the page where it is wanted and opens it if there is somebody to look at it.
fn show(context: &Context, arguments: &View, html: &str) -> Result<Exit, Failure> {
    let path = match &arguments.out {
        Some(path) => {
            write_file(context, path, html)?;
            path.clone()
        }
        None => keep(context, html)?,
    };
    let opened = arguments.out.is_none() && !arguments.no_open && open(&path);
    if !opened && arguments.out.is_none() && !arguments.no_open {
        context.note(context.say(
            "没有可用的浏览器；把下面的文件复制到有浏览器的机器上打开，它不需要其他文件",
            "no browser here; open the file below on a machine that has one, it needs no other file",
        ));
    }
    context.print(&json!({ "page": path, "opened": opened }), &format!("{}\n", path.display()))?;
    Ok(Exit::Good)
}

/// Writes a page to a new file of its own among the temporary ones.
fn keep(context: &Context, html: &str) -> Result<PathBuf, Failure> {
    let write = || -> std::io::Result<PathBuf> {
        let mut file = tempfile::Builder::new().prefix("leitai-").suffix(".html").tempfile()?;
        file.write_all(html.as_bytes())?;
        file.keep().map(|(_, path)| path).map_err(|e| e.error)
    };
    write().map_err(|error| Failure {
        exit: Exit::Failed,
        what: format!("{}: {error}", std::env::temp_dir().display()),
        next: context.say("用 -o 指定写到何处", "say where to write it with -o").to_string(),
    })
}

/// Asks the desktop to open a file or an address; whether somebody took it.
pub fn open(path: &Path) -> bool {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("explorer");
        command.arg(path);
        command
    } else if cfg!(target_os = "macos") {
        let mut command = Command::new("open");
        command.arg(path);
        command
    } else {
        let display = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if !display("DISPLAY") && !display("WAYLAND_DISPLAY") {
            return false;
        }
        let mut command = Command::new("xdg-open");
        command.arg(path);
        command
    };
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().is_ok()
}
