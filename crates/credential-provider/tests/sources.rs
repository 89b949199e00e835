//! What no source of the crates that ask AWS may do, as the sources themselves show.
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

use std::{fs, path::Path};

/// The one file that may look at an SDK's error.
const TRANSLATOR: &str = "credential-provider/src/error.rs";

/// What looks into an SDK's error, or prints one. In a signature the bare type is harmless.
const LOOKS: [&str; 7] = [
    "SdkError::",
    "as_service_error",
    "into_service_error",
    "raw_response",
    "DisplayErrorContext",
    "?error",
    ":?}",
];

/// The sources of a crate that are no tests, each up to where its own tests begin, with their paths.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.to_str().unwrap();
        if name.ends_with("/tests") || name.ends_with("/tests.rs") {
            continue;
        }
        if path.is_dir() {
            sources(&path, found);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            found.push((name.to_owned(), code.to_owned()));
        }
    }
}

#[test]
fn an_sdks_error_is_looked_at_in_one_place_and_printed_nowhere() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for name in ["credential-provider", "bedrock"] {
        sources(&crates.join(name).join("src"), &mut found);
    }
    let (translators, others): (Vec<_>, Vec<_>) = found
        .iter()
        .partition(|(name, _)| name.ends_with(TRANSLATOR));
    assert!(translators[0].1.contains(LOOKS[0]), "it moved");
    for (name, code) in others {
        for look in LOOKS {
            assert!(!code.contains(look), "{name}: {look}");
        }
    }
}
