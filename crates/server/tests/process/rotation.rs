//! `keys rotate`, from the command line.

use std::fs;

use crate::{program::run, served::Data};

#[tokio::test]
async fn keys_are_rotated_beside_a_running_service() {
    let data = Data::new();
    let served = data.serve().ready().await;
    let first = fs::read_to_string(data.master_key()).unwrap();
    let both = format!(
        "{}\n2:u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7w=\n",
        first.trim()
    );
    let rotate = |to: &str, keys: &str| {
        run(data
            .command(&["keys", "rotate", "--to", to, "--local"])
            .env("BI_MASTER_KEY", keys))
    };

    let refused = rotate("2", &first);
    assert!(
        refused.failed().contains("master-key version 2"),
        "{refused:?}"
    );
    served.until_ready("200").await;

    let done = rotate("2", &both);
    let text = done.succeeded();
    assert!(
        text.contains("version 2 seals; 1 secrets re-wrapped, 0 unreadable"),
        "{text}"
    );
    // It was given the first key only.
    served.until_ready("503").await;
    let again = rotate("2", &both);
    assert!(
        again
            .succeeded()
            .contains("0 secrets re-wrapped, 0 unreadable"),
        "{again:?}"
    );
    let ill = data.run(&["doctor", "--local"]);
    assert!(ill.stdout.contains("FAIL  master key: "), "{ill:?}");
    served.stop().succeeded();

    let refused = data.run(&["serve", "--local"]);
    assert!(
        refused.failed().contains("master-key version 2 is needed"),
        "{refused:?}"
    );
    let second = both.lines().last().unwrap();
    fs::write(data.master_key(), second).unwrap();
    data.serve().ready().await.stop().succeeded();
}
