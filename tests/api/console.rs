//! The console's files, and what protects who opens them.

use harness::{Answer, Service};
use http::Method;

/// Whole: what is added to it opens something.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

#[tokio::test]
async fn the_document_is_served_to_who_is_not_signed_in_yet() {
    let service = Service::start().await;
    let answer = service.anonymous().get("/").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(answer.raw.contains("console/app.js"), "{answer:?}");
}

#[tokio::test]
async fn everything_that_the_document_names_is_there_and_of_its_kind() {
    let service = Service::start().await;
    let anonymous = service.anonymous();
    let document = anonymous.get("/").await.raw;
    let named: Vec<_> = document
        .split('"')
        .filter(|text| text.starts_with("console/"))
        .collect();
    assert!(named.len() > 5, "{document}");
    for file in named {
        let answer = anonymous.get(&format!("/{file}")).await;
        let kind = match file.rsplit('.').next() {
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        assert_eq!(answer.status, 200, "{file}");
        assert_eq!(answer.header("content-type"), Some(kind), "{file}");
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{file}"
        );
    }
}

#[tokio::test]
async fn nothing_runs_but_the_consoles_own_files_and_nobody_frames_it() {
    let service = Service::start().await;
    let answer = service.anonymous().get("/").await;
    assert_eq!(answer.header("content-security-policy"), Some(POLICY));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    // What the policy would stop: the document must not need it.
    for script in answer.raw.split("<script").skip(1) {
        let (tag, rest) = script.split_once('>').unwrap();
        assert!(tag.contains("src=\"console/"), "{tag}");
        assert!(rest.starts_with("</script>"), "{rest}");
    }
    for inline in ["<style", " style=", " on"] {
        assert!(!answer.raw.contains(inline), "{inline}: {}", answer.raw);
    }
}

#[tokio::test]
async fn what_a_browser_has_already_is_not_sent_again() {
    let service = Service::start().await;
    let first = service.anonymous().get("/console/app.js").await;
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    let etag = first.header("etag").unwrap();
    let asking = |etag: &str| service.anonymous().header("if-none-match", etag);
    let again = asking(etag).get("/console/app.js").await;
    assert_eq!((again.status, again.raw.as_str()), (304, ""));
    assert_eq!(again.header("etag"), Some(etag));
    assert_eq!(asking("\"old\"").get("/console/app.js").await.status, 200);
}

#[tokio::test]
async fn no_other_file_of_the_machine_is_reached() {
    let service = Service::start().await;
    let anonymous = service.anonymous();
    for path in [
        "/console",
        "/console/",
        "/console/nothing.js",
        "/console/../Cargo.toml",
        "/console/..%2fCargo.toml",
        "/console/%2e%2e/src/console.rs",
        "/console//etc/passwd",
        "/console/pages/..%2f..%2f..%2fsrc%2flib.rs",
    ] {
        assert_eq!(
            anonymous.get(path).await.problem(),
            (404, "not_found"),
            "{path}"
        );
    }
    let answer = Answer::of(anonymous.request(Method::POST, "/")).await;
    assert_eq!(answer.problem(), (405, "method_not_allowed"));
}
