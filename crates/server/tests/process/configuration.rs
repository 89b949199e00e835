//! What a wrong environment is told.

use std::net::TcpListener;

use crate::{
    program::{program, run},
    served::{Data, Served},
};

const KEY: &str = "1:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqs=";

#[test]
fn everything_wrong_is_told_at_once_by_name_and_no_value_is_shown() {
    let ended = run(program(&["serve", "--local"])
        .env("BI_LISTEN", "marker-everywhere")
        .env("BI_DATABASE_CONNECTIONS", "marker-many")
        .env("BI_CORS_ORIGINS", "marker-origin")
        .env("BI_LOG_FORMAT", "marker-format")
        .env("BI_MASTER_KEY", "1:marker-key")
        .env("BI_MASTER_KEY_FILE", "/marker/file")
        .env("DATABASE_URL_FILE", "/nonexistent/marker")
        .env("BI_LISTN", "marker-typo"));
    let text = ended.failed();
    for name in [
        "BI_LISTEN",
        "BI_DATABASE_CONNECTIONS",
        "BI_CORS_ORIGINS",
        "BI_LOG_FORMAT",
        "BI_MASTER_KEY",
        "DATABASE_URL_FILE",
        "BI_LISTN",
    ] {
        assert!(text.contains(&format!("  {name} ")), "{name}: {text}");
    }
    assert!(!text.contains("marker"), "{text}");
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_variable_that_does_not_exist_is_refused_by_every_command() {
    for arguments in [
        &["serve"][..],
        &["migrate"],
        &["tenant", "list"],
        &["doctor"],
        &["healthcheck"],
    ] {
        let ended = run(program(arguments).env("BI_DATABSE_URL", "x"));
        assert!(
            ended.failed().contains("BI_DATABSE_URL is not a variable"),
            "{arguments:?} {ended:?}"
        );
    }
}

#[test]
fn a_master_key_that_cannot_be_read_is_told_without_showing_it() {
    let data = Data::new();
    let ended = run(data
        .command(&["serve"])
        .env(
            "DATABASE_URL",
            "postgres://nobody:hunter2@127.0.0.1:1/nothing",
        )
        .env("BI_MASTER_KEY", "1:hunter2"));
    assert!(ended.failed().contains("BI_MASTER_KEY"), "{ended:?}");
    assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
    let ended = run(data
        .command(&["serve"])
        .env(
            "DATABASE_URL",
            "postgres://nobody:hunter2@127.0.0.1:port/nothing",
        )
        .env(
            "BI_MASTER_KEY",
            "1:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqs=",
        ));
    assert!(ended.failed().contains("DATABASE_URL"), "{ended:?}");
    assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
}

#[test]
fn a_port_that_is_taken_is_told_with_the_variable_that_names_another() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = Data::new();
    for variable in ["BI_LISTEN", "BI_OPS_LISTEN"] {
        for command in [&["serve", "--local"][..], &["demo"]] {
            let ended = run(data.command(command).env(variable, &address));
            let text = ended.failed();
            assert!(
                text.contains(&address) && text.contains(&format!("{variable} names another")),
                "{text}"
            );
        }
    }
    assert!(
        !data.folder.exists(),
        "nothing was started before the port was known to be free"
    );
}

#[tokio::test]
async fn a_mistyped_parameter_of_a_database_url_is_not_shown() {
    let served = Served::start(
        program(&["serve"])
            .env("RUST_LOG", "trace")
            .env(
                "DATABASE_URL",
                "postgres://nobody@127.0.0.1:1/nothing?pasword=hunter2",
            )
            .env("BI_MASTER_KEY", KEY),
    );
    served.until_ready("503").await;
    let ended = served.stop();
    ended.succeeded();
    assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
}
