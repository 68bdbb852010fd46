//! `leitai serve`: the hub, in this process.

use std::path::Path;
use std::sync::Arc;

use leitai_hub::{Hub, Models, OpenError, Options, ServeError, Slurm, serve};
use leitai_package::urdf;
use leitai_proving::packages::manifest_path;
use leitai_proving::report::{self, Data};
use serde_json::json;

use super::{hub, key, view};
use crate::arguments::{Executor, Kind, Serve, threads};
use crate::catalog::Catalog;
use crate::context::Context;
use crate::description;
use crate::failure::{Exit, Failure};
use crate::stop;

/// Serves until Ctrl-C.
pub fn run(context: &Context, arguments: &Serve) -> Result<Exit, Failure> {
    let folder = hub::folder(context, arguments.data.as_deref())?;
    let catalog = Catalog::open(context)?;
    let options = Options {
        folder: folder.clone(),
        sample: arguments.sample,
        jobs: threads(arguments.jobs),
        models: models(context.clone(), catalog.clone()),
        proxied: arguments.behind_proxy,
        rate: (arguments.rate > 0).then(|| f64::from(arguments.rate)),
        slurm: slurm(context, arguments, &folder)?,
    };
    let opened = Hub::open(options, catalog.files.clone(), key::trusted(context)?);
    let open = opened.map_err(|error| match &error {
        OpenError::Catalog(_) => {
            let mut failure = Failure::from_error(Exit::Usage, context.language, "目录无法采用", &error, "");
            failure.what = catalog.where_it_is(&failure.what);
            failure
        }
        _ => Failure::from_error(Exit::Failed, context.language, "存储无法打开", &error, ""),
    })?;
    let stop = stop::flag(|| {});
    let mut told = Ok(());
    let served = serve(&open, arguments.address, stop, |address| {
        let (home, entry) = (format!("http://{address}/"), format!("http://{address}{}", open.entry()));
        let opened = !arguments.no_open && view::open(std::path::Path::new(&entry));
        let text = context.say(
            format!("服务站：{home}\n存储：{}\n用此链接登录（只能用一次）：{entry}\n按 Ctrl-C 停止。\n", folder.display()),
            format!(
                "hub: {home}\nstore: {}\nsign in by this link (it works once): {entry}\nCtrl-C stops it.\n",
                folder.display()
            ),
        );
        let document = json!({ "hub": home, "store": folder, "link": entry, "token": open.token_file(), "opened": opened });
        told = context.print(&document, &text);
    });
    told?;
    match served {
        Ok(()) => Ok(Exit::Good),
        Err(error @ ServeError::Listen { .. }) => {
            let next = context.say(
                "用 --address 换一个端口，或停止占用它的程序",
                "choose another port with --address, or stop what uses this one",
            );
            Err(Failure::from_error(Exit::Failed, context.language, "无法监听", &error, next))
        }
        Err(error) => Err(Failure::from_error(Exit::Failed, context.language, "服务站停止运行", &error, "")),
    }
}

/// How Slurm is used, if it is.
fn slurm(context: &Context, arguments: &Serve, store: &Path) -> Result<Option<Slurm>, Failure> {
    if arguments.executor == Executor::Threads {
        return Ok(None);
    }
    let wanted = &arguments.slurm;
    let folder = wanted.slurm_folder.clone().unwrap_or_else(|| store.join("units"));
    let wrong = |what: &Path, error: std::io::Error| {
        let next =
            context.say("用 --slurm-folder 指定各节点共享的文件夹", "name a folder that all nodes share with --slurm-folder");
        Failure::usage(format!("{}: {error}", what.display()), next)
    };
    // Tasks run elsewhere, so paths are whole.
    let made = std::fs::create_dir_all(&folder).and_then(|()| folder.canonicalize());
    let slurm = Slurm {
        folder: made.map_err(|error| wrong(&folder, error))?,
        partition: wanted.slurm_partition.clone(),
        tasks: wanted.slurm_tasks.get(),
        trials: wanted.slurm_trials.get(),
        program: std::env::current_exe().map_err(|error| wrong(Path::new("leitai"), error))?,
    };
    slurm.available().map_err(|what| {
        let next = context.say(
            "安装 Slurm 的命令（Debian：slurm-client），或不带 --executor slurm 运行",
            "install Slurm's commands (Debian: slurm-client), or run without --executor slurm",
        );
        Failure::usage(what, next)
    })?;
    Ok(Some(slurm))
}

/// The pages of this catalog's models, as `leitai view` makes them. What is asked for is a stranger's word: it is looked up among
/// the ids of the catalog and never taken for a path.
fn models(context: Context, catalog: Catalog) -> Models {
    Arc::new(move |id, language| {
        let has = |kind: Kind| catalog.files.contains_key(&manifest_path(kind.about().word, id)).then_some(kind);
        let kind = has(Kind::Robot).or_else(|| has(Kind::Scenario))?;
        let found = description::packaged(&context, &catalog, (kind, id), id, &urdf::Options::default()).ok()?;
        let model = found.model(&context).ok()?;
        let page = view::model_page(&found, model, language);
        Some(report::render(&Data::Model(Box::new(page))))
    })
}
