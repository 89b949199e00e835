//! What other people's programs get of our environment.

use std::{env, ffi::OsString};

/// Names that Python and pip go by: proxies, mirrors, certificates, and where they are and keep things.
const NAMES: [&str; 12] = [
    "CURL_CA_BUNDLE",
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "PATH",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
];
const PREFIXES: [&str; 3] = ["PIP_", "PYENV_", "PYTHON"];
/// In capitals or not, as every program has it.
const PROXIES: [&str; 4] = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"];

/// For Python and pip. Whatever they do not go by, such as our keys and passwords, is none of their business.
#[expect(
    clippy::disallowed_methods,
    reason = "pip's own settings, which are no configuration of ours"
)]
pub(crate) fn passed_on() -> impl Iterator<Item = (OsString, OsString)> {
    env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_passed_on))
}

fn is_passed_on(name: &str) -> bool {
    NAMES.contains(&name)
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || PROXIES.iter().any(|proxy| proxy.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_and_mirrors_are_passed_on_and_secrets_are_not() {
        for name in ["https_proxy", "NO_PROXY", "PIP_INDEX_URL", "PATH"] {
            assert!(is_passed_on(name), "{name}");
        }
        for name in ["BI_MASTER_KEY", "DATABASE_URL", "PGPASSWORD", "path"] {
            assert!(!is_passed_on(name), "{name}");
        }
    }
}
