//! Keys: made once, private, shown, trusted.

mod common;

use std::fs;

use common::{home, run};

#[cfg(unix)]
fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).expect("the file").permissions().mode() & 0o777
}

#[test]
fn a_new_key_is_private_and_never_overwritten() {
    let home = home();
    let ran = run(home.path(), "key new --json");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let secret = home.path().join(".config/leitai/signing-key");
    #[cfg(unix)]
    assert_eq!(mode(&secret), 0o600);
    let before = fs::read(&secret).expect("the key");
    let again = run(home.path(), "key new");
    assert!(again.code == Some(2) && again.stderr.contains("already exists"), "{}", again.stderr);
    assert_eq!(fs::read(&secret).expect("the key"), before);

    let shown = run(home.path(), "key show --json").json();
    assert_eq!(shown["id"], ran.json()["id"]);
    assert!(shown["public_pem"].as_str().is_some_and(|pem| pem.starts_with("-----BEGIN PUBLIC KEY-----")));
}

#[test]
fn a_key_goes_where_it_is_told() {
    let home = home();
    assert_eq!(run(home.path(), "key new lab").code, Some(0));
    #[cfg(unix)]
    assert_eq!(mode(&home.path().join("lab")), 0o600);
    assert!(!home.path().join(".config").exists());
    let (secret, public) = (run(home.path(), "key show lab"), run(home.path(), "key show lab.pub"));
    assert!(secret.code == Some(0) && secret.stdout == public.stdout, "{}", secret.stderr);
    fs::write(home.path().join("text"), "no key").expect("writes");
    let ran = run(home.path(), "key show text");
    assert!(ran.code == Some(2) && ran.stderr.contains("not an Ed25519"), "{}", ran.stderr);
    let ran = run(home.path(), "key new no/such/folder/key");
    assert!(ran.code == Some(2) && ran.stderr.contains("no/such/folder/key"), "{}", ran.stderr);
}

#[test]
fn trust_is_by_name_and_never_replaced() {
    let home = home();
    run(home.path(), "key new lab");
    run(home.path(), "key new other");
    assert_eq!(run(home.path(), "key trust lab.pub").code, Some(0));
    assert_eq!(run(home.path(), "key trust lab.pub").code, Some(0), "again is no error");
    let ran = run(home.path(), "key trust other.pub --name lab");
    assert!(ran.code == Some(2) && ran.stderr.contains("another key"), "{}", ran.stderr);
    assert_eq!(run(home.path(), "key trust other.pub --name ../x").code, Some(2));
    // A secret key is not handed around.
    let ran = run(home.path(), "key trust other");
    assert!(ran.code == Some(2) && ran.stderr.contains("PUBLIC KEY"), "{}", ran.stderr);
    let list = run(home.path(), "key list --json").json();
    assert_eq!(list.as_array().map(|l| l.iter().map(|k| k["name"].clone()).collect::<Vec<_>>()), Some(vec!["lab".into()]));
}

#[test]
fn without_a_key_the_next_step_is_to_make_one() {
    let home = home();
    let ran = run(home.path(), "key show");
    assert!(ran.code == Some(2) && ran.stderr.ends_with("next: leitai key new\n"), "{}", ran.stderr);
    assert!(run(home.path(), "key list").stdout.contains("leitai key new"));
    assert!(run(home.path(), "key list --lang zh").stdout.contains("还没有任何密钥"));
}
