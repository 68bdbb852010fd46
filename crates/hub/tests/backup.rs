//! Backups: taken while the hub works, whole or not there, and a store again only from what is intact.

mod service;

use std::io::Write;
use std::path::Path;

use leitai_hub::{BackupError, backup, check, restore};
use service::{Service, bundle, short_catalog};
use zip::write::SimpleFileOptions;

fn good(folder: &Path) {
    let checked = check(folder, true, &mut |_, _, _| {}).expect("opens");
    assert!(checked.findings.is_empty(), "{:?}", checked.findings);
}

/// Nothing but `kept` is in the folder.
fn only(folder: &Path, kept: &[&str]) {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    assert_eq!(names, kept);
}

#[test]
fn a_backup_under_load_becomes_a_store_that_holds_good() {
    let service = Service::new(short_catalog());
    let place = tempfile::tempdir().expect("a folder");
    let digest = service.publish(bundle()).json()["digest"].as_str().expect("a digest").to_string();
    let of = |file: &str| place.path().join(file);
    std::thread::scope(|scope| {
        // Checks are made and entries written meanwhile.
        let working = scope.spawn(|| service.hub.work_off().expect("works"));
        for i in 0..4 {
            backup(service.folder.path(), &of(&format!("{i}.backup")), &mut |_, _| {}).expect("backs up");
        }
        working.join().expect("no panic");
    });
    for i in 0..4 {
        let made = restore(&of(&format!("{i}.backup")), &of(&format!("{i}")), &mut |_, _| {}).expect("restores");
        assert_eq!(made.bundles, 1);
        good(&of(&format!("{i}")));
    }
    assert!(matches!(backup(service.folder.path(), &of("0.backup"), &mut |_, _| {}), Err(BackupError::Occupied(_))));
    assert!(matches!(restore(&of("0.backup"), &of("1"), &mut |_, _| {}), Err(BackupError::Occupied(_))));
    // The same records, the same token.
    let again = tempfile::tempdir_in(place.path()).expect("a folder");
    restore(&of("3.backup"), again.path(), &mut |_, _| {}).expect("an empty folder will do");
    let restored = Service::again(short_catalog(), again.into());
    assert_eq!(restored.get(&format!("/evidence/{digest}/bundle")).body, bundle());
    assert_eq!((restored.token(), restored.publish(bundle()).status.as_u16()), (service.token(), 200));
}

#[test]
fn what_is_cut_short_or_altered_is_refused_and_leaves_nothing() {
    let service = Service::new(short_catalog());
    service.publish(bundle());
    let place = tempfile::tempdir().expect("a folder");
    let (whole, other, store) = (place.path().join("whole"), place.path().join("other"), place.path().join("store"));
    let made = backup(service.folder.path(), &whole, &mut |_, _| {}).expect("backs up");
    let bytes = std::fs::read(&whole).expect("reads");
    assert!(made.bytes < bytes.len() as u64);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        assert_eq!(std::fs::metadata(&whole).expect("is there").mode() & 0o777, 0o600, "it holds secrets");
    }
    for part in 0..40 {
        std::fs::write(&other, &bytes[..bytes.len() * part / 40]).expect("writes");
        let refused = restore(&other, &store, &mut |_, _| {});
        assert!(matches!(refused, Err(BackupError::NotIntact { .. })), "{part}: {refused:?}");
        only(place.path(), &["other", "whole"]);
    }
    let mut refused = 0;
    for part in 0..40 {
        let mut altered = bytes.clone();
        altered[bytes.len() * part / 40 + 7] ^= 0x10;
        std::fs::write(&other, &altered).expect("writes");
        // A byte of the archive's own that says nothing about its members may differ; then they are what they were.
        match restore(&other, &store, &mut |_, _| {}) {
            Err(BackupError::NotIntact { .. }) => refused += 1,
            Ok(_) => {
                good(&store);
                std::fs::remove_dir_all(&store).expect("removes");
            }
            Err(error) => panic!("{part}: {error}"),
        }
        only(place.path(), &["other", "whole"]);
    }
    assert!(refused >= 38, "{refused} of 40");
}

#[test]
fn an_archive_that_would_write_elsewhere_or_grow_is_refused() {
    let place = tempfile::tempdir().expect("a folder");
    let (archive, store) = (place.path().join("archive"), place.path().join("store"));
    let digest = |bytes: &[u8]| leitai_proving::canonical::Digest::of_bytes(bytes).to_string();
    for (name, packed, why) in [
        ("../evil", false, "no part of a store"),
        ("/tmp/evil", false, "no part of a store"),
        ("bundles/../../evil", false, "no part of a store"),
        ("bundles/evil.leitai", false, "no part of a store"),
        ("key", true, "is compressed"),
    ] {
        let content = vec![b'0'; 1 << 20];
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&archive).expect("creates"));
        let method = if packed { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
        let options = SimpleFileOptions::default().compression_method(method);
        let named = |content: &[u8]| serde_json::json!({ "bytes": content.len(), "blake3": digest(content) });
        zip.start_file("hub.sqlite", SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored))
            .expect("begins");
        zip.start_file(name, options).expect("begins");
        zip.write_all(&content).expect("writes");
        let mut list = serde_json::json!({ "hub.sqlite": named(b"") });
        list[name] = named(&content);
        zip.start_file("digests.json", SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored))
            .expect("begins");
        zip.write_all(list.to_string().as_bytes()).expect("writes");
        zip.finish().expect("ends");
        let refused = restore(&archive, &store, &mut |_, _| {}).expect_err("refused").to_string();
        assert!(refused.contains(why), "{name}: {refused}");
        only(place.path(), &["archive"]);
    }
}
