//! Each kit is what `test-data` says, which `tests/peers` has read by linters that we did not write.
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

mod cases;

use std::{collections::BTreeSet, fs, path::PathBuf};

fn test_data() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "test-data"].iter().collect()
}

#[test]
fn every_kit_is_as_it_is_kept() {
    for case in cases::all() {
        let folder = test_data().join(&case.name);
        let mut kept = names(&folder);
        for (name, text) in cases::files(&case.kit) {
            let path = folder.join(name);
            assert_eq!(
                fs::read_to_string(&path).unwrap(),
                text,
                "{}",
                path.display()
            );
            kept.remove(name);
        }
        assert!(kept.is_empty(), "nobody makes {kept:?} of {}", case.name);
    }
}

#[test]
fn the_published_template_is_as_it_is_kept() {
    let kept = fs::read_to_string(test_data().join("published.json")).unwrap();
    assert_eq!(
        setup::published_template(&setup::Names::default()) + "\n",
        kept
    );
}

#[test]
fn nothing_is_kept_that_is_no_kit() {
    let cases = cases::all().into_iter().map(|case| case.name);
    let expected: BTreeSet<String> = cases.chain(["published.json".to_owned()]).collect();
    assert_eq!(names(&test_data()), expected);
}

fn names(folder: &std::path::Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}
