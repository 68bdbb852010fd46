//! `leitai key`: the key that signs, and the keys that are trusted.

use std::path::{Path, PathBuf};

use leitai_proving::key::{KeyError, PublicKey, SecretKey, TrustStore, public_path};
use serde::Serialize;
use serde_json::json;

use crate::arguments::KeyAction;
use crate::context::{Context, program};
use crate::failure::{Exit, Failure};
use crate::text::Table;

/// A public key file is below 150 bytes; what is much longer is not one.
const MOST_BYTES: u64 = 4096;

/// Acts on keys.
pub fn run(context: &Context, action: &KeyAction) -> Result<Exit, Failure> {
    match action {
        KeyAction::New { file } => new(context, file.as_deref()),
        KeyAction::Show { file } => show(context, file.as_deref()),
        KeyAction::Trust { file, name } => trust(context, file, name.as_deref()),
        KeyAction::List => list(context),
    }?;
    Ok(Exit::Good)
}

/// The user's own signing key, if there is one at the usual place.
pub fn own(context: &Context) -> Result<Option<SecretKey>, Failure> {
    match default_file(context) {
        Ok(path) if path.exists() => read(context, &path).map(Some),
        _ => Ok(None),
    }
}

/// Reads a signing key.
pub fn read(context: &Context, path: &Path) -> Result<SecretKey, Failure> {
    SecretKey::read(path).map_err(|error| failure(context, &error))
}

/// The keys that are trusted: those of `key trust`, and the user's own.
pub fn trusted(context: &Context) -> Result<TrustStore, Failure> {
    let Ok(folder) = settings(context) else { return Ok(TrustStore::default()) };
    let store = TrustStore::open(&folder.join("trusted")).map_err(|error| failure(context, &error))?;
    let own = read_public(&public_path(&folder.join(FILE)));
    Ok(match own {
        Some(key) => store.with(yourself(context), &key),
        None => store,
    })
}

/// The name under which the user's own key is trusted.
pub fn yourself(context: &Context) -> &'static str {
    context.say("自己", "yourself")
}

const FILE: &str = "signing-key";

/// The folder of the user's settings.
fn settings(context: &Context) -> Result<PathBuf, Failure> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = if cfg!(windows) { variable("APPDATA") } else { variable("XDG_CONFIG_HOME") };
    let base = base.or_else(|| variable("HOME").map(|home| home.join(".config")));
    base.map(|base| base.join("leitai")).ok_or_else(|| {
        Failure::usage(
            context.say("找不到用户的设置文件夹：HOME 未设置", "there is no settings folder: HOME is not set"),
            context.say("设置 HOME，或写明密钥文件的路径", "set HOME, or give the path of the key file"),
        )
    })
}

fn default_file(context: &Context) -> Result<PathBuf, Failure> {
    Ok(settings(context)?.join(FILE))
}

fn new(context: &Context, file: Option<&Path>) -> Result<(), Failure> {
    let path = match file {
        Some(path) => path.to_path_buf(),
        None => {
            let path = default_file(context)?;
            let folder = path.parent().expect("a file in a folder");
            std::fs::create_dir_all(folder).map_err(|source| failure(context, &KeyError::Io { file: folder.into(), source }))?;
            path
        }
    };
    let key = SecretKey::create(&path).map_err(|error| failure(context, &error))?;
    let (id, public) = (key.public().id(), public_path(&path));
    let sign = if file.is_some() { format!(" --key {}", path.display()) } else { String::new() };
    let text = format!(
        "{}\n  {}  {}\n  {}  {}\n  id  {id}\n{}\n  {} prove ur20 con-block-palletizing{sign}\n",
        context.say("已生成签名密钥：", "made a signing key:"),
        path.display(),
        context.say("（私钥，权限 0600，请勿外传）", "(secret, mode 0600; keep it to yourself)"),
        public.display(),
        context.say("（公钥，发给需要信任它的人）", "(public; give it to those who should trust it)"),
        context.say("之后用它签署：", "sign with it:"),
        program(),
    );
    context.print(&json!({ "id": id, "secret": path, "public": public }), &text)
}

fn show(context: &Context, file: Option<&Path>) -> Result<(), Failure> {
    let path = match file {
        Some(path) => path.to_path_buf(),
        None => {
            let path = default_file(context)?;
            if !path.exists() {
                let what = context.say("你还没有签名密钥", "you have no signing key yet");
                return Err(Failure::usage(format!("{}: {what}", path.display()), format!("{} key new", program())));
            }
            path
        }
    };
    let key = match read_public(&path) {
        Some(key) => key,
        None => read(context, &path)?.public(),
    };
    let text = format!("id  {}\n{}", key.id(), key.to_pem());
    context.print(&json!({ "id": key.id(), "public_pem": key.to_pem(), "file": path }), &text)
}

fn trust(context: &Context, file: &Path, name: Option<&str>) -> Result<(), Failure> {
    let key = read_public(file).ok_or_else(|| match std::fs::metadata(file) {
        Ok(_) => failure(context, &KeyError::Format { file: file.into(), label: "PUBLIC KEY" }),
        Err(source) => failure(context, &KeyError::Io { file: file.into(), source }),
    })?;
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = name.map(str::to_string).or(stem).unwrap_or_default();
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', ':']) {
        return Err(Failure::usage(
            format!("`{name}`: {}", context.say("不能作为名称", "not usable as a name")),
            context.say("用 --name 给一个不含斜杠的名称", "give one without slashes with --name"),
        ));
    }
    let folder = settings(context)?.join("trusted");
    let target = folder.join(format!("{name}.pub"));
    let io = |source| failure(context, &KeyError::Io { file: target.clone(), source });
    std::fs::create_dir_all(&folder).map_err(io)?;
    match read_public(&target) {
        Some(known) if known == key => {}
        _ if target.exists() => {
            let what = context.say("这个名称已用于另一把密钥", "this name already stands for another key");
            let next =
                context.say("用 --name 换一个名称，或先删除该文件", "choose another with --name, or delete that file first");
            return Err(Failure::usage(format!("{}: {what}", target.display()), next));
        }
        _ => std::fs::write(&target, key.to_pem()).map_err(io)?,
    }
    let text = format!("{} {name}  {}\n", context.say("已信任", "trusted:"), key.id());
    context.print(&json!({ "name": name, "id": key.id(), "file": target }), &text)
}

fn list(context: &Context) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Entry {
        name: String,
        id: String,
        own: bool,
    }
    let mut entries = Vec::new();
    if let Some(key) = own(context)? {
        entries.push(Entry { name: yourself(context).to_string(), id: key.public().id(), own: true });
    }
    if let Ok(folder) = settings(context) {
        let store = TrustStore::open(&folder.join("trusted")).map_err(|error| failure(context, &error))?;
        entries.extend(store.iter().map(|(id, name)| Entry { name: name.to_string(), id: id.to_string(), own: false }));
    }
    let mut table = Table::new(context.say(&["名称", "密钥编号"], &["name", "key id"]));
    entries.iter().for_each(|entry| table.row(vec![entry.name.clone(), entry.id.clone()]));
    let text = if table.is_empty() {
        format!("{} {} key new\n", context.say("还没有任何密钥。先运行", "no keys yet. Start with"), program())
    } else {
        table.render()
    };
    context.print(&entries, &text)
}

/// The public key in a file; none if it is something else or cannot be read.
fn read_public(path: &Path) -> Option<PublicKey> {
    use std::io::Read;
    let mut text = String::new();
    std::fs::File::open(path).ok()?.take(MOST_BYTES).read_to_string(&mut text).ok()?;
    PublicKey::from_pem(&text)
}

fn failure(context: &Context, error: &KeyError) -> Failure {
    let exit = match error {
        KeyError::Entropy(_) => Exit::Failed,
        _ => Exit::Usage,
    };
    let next = match error {
        KeyError::Exists(_) => {
            context.say("换一个路径，或用 key show 查看已有的密钥", "choose another path, or look at that key with `key show`")
        }
        KeyError::Exposed(_) => context.say("chmod 600 该文件", "run chmod 600 on that file"),
        KeyError::Format { .. } => context.say("给出由 leitai key new 生成的文件", "give a file made by `leitai key new`"),
        KeyError::Io { .. } | KeyError::Entropy(_) => context.say("检查路径和权限", "check the path and its permissions"),
    };
    Failure::from_error(exit, context.language, "密钥无法使用", error, next)
}
