//! Refused passwords: how often a person may try again.

use store::{
    Store,
    passwords::{self, Attempt},
    testing::Database,
};
use time::Duration;

use crate::support::{at, connected};

const USER: [u8; 32] = [1; 32];

fn password(number: u8) -> [u8; 32] {
    [number; 32]
}

async fn begin(store: &Store, number: u8, seconds: i64) -> Result<(), Duration> {
    let mut tx = store.platform().await.unwrap();
    let (password, now) = (password(number), at(seconds));
    let attempt = Attempt {
        password: &password,
        user: &USER,
    };
    let verdict = passwords::begin(&mut tx, attempt, now).await.unwrap();
    tx.commit(&[], now).await.unwrap();
    verdict
}

async fn refuse(store: &Store, number: u8, seconds: i64) {
    let mut tx = store.platform().await.unwrap();
    let (password, now) = (password(number), at(seconds));
    let attempt = Attempt {
        password: &password,
        user: &USER,
    };
    passwords::refuse(&mut tx, attempt, now).await.unwrap();
    tx.commit(&[], now).await.unwrap();
}

async fn clear(store: &Store, number: u8) {
    let mut tx = store.platform().await.unwrap();
    let password = password(number);
    let attempt = Attempt {
        password: &password,
        user: &USER,
    };
    passwords::clear(&mut tx, attempt).await.unwrap();
    tx.commit(&[], at(0)).await.unwrap();
}

async fn is_refused(store: &Store, number: u8) -> bool {
    let mut tx = store.platform().await.unwrap();
    passwords::is_refused(&mut tx, &password(number))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_refused_password_rests_for_five_minutes() {
    let store = Database::new().await.store();
    assert_eq!(begin(&store, 10, 0).await, Ok(()));
    refuse(&store, 10, 1).await;
    assert!(is_refused(&store, 10).await && !is_refused(&store, 11).await);
    assert_eq!(begin(&store, 10, 2).await, Err(Duration::seconds(299)));
    assert_eq!(begin(&store, 11, 2).await, Ok(()), "another password");
    assert_eq!(begin(&store, 10, 301).await, Ok(()));
}

#[tokio::test]
async fn a_user_is_tried_three_times_in_a_quarter_of_an_hour() {
    let store = Database::new().await.store();
    for (number, seconds) in [(10, 0), (11, 100), (12, 200)] {
        assert_eq!(begin(&store, number, seconds).await, Ok(()));
        refuse(&store, number, seconds).await;
    }
    // The first of the three ends its quarter of an hour at 900.
    assert_eq!(begin(&store, 13, 300).await, Err(Duration::seconds(600)));
    assert_eq!(begin(&store, 13, 899).await, Err(Duration::seconds(1)));
    assert_eq!(begin(&store, 13, 900).await, Ok(()));
    assert_eq!(begin(&store, 14, 901).await, Err(Duration::seconds(99)));
}

#[tokio::test]
async fn a_password_that_was_taken_clears_what_came_before() {
    let store = Database::new().await.store();
    for (number, seconds) in [(10, 0), (10, 300), (11, 301)] {
        assert_eq!(begin(&store, number, seconds).await, Ok(()));
        refuse(&store, number, seconds).await;
    }
    clear(&store, 10).await;
    assert!(!is_refused(&store, 10).await);
    assert!(is_refused(&store, 11).await, "it is still wrong");
    assert_eq!(begin(&store, 10, 302).await, Ok(()));
}

#[tokio::test]
async fn what_no_longer_counts_is_removed() {
    let database = Database::new().await;
    let (store, owner) = (database.store(), database.owner());
    let year = passwords::REMEMBERED.whole_seconds();
    assert_eq!(begin(&store, 10, 0).await, Ok(()));
    refuse(&store, 10, 0).await;
    for (seconds, rows) in [
        (899, (1, 1)),
        (900, (0, 1)),
        (year - 1, (0, 1)),
        (year, (0, 0)),
    ] {
        let mut tx = store.platform().await.unwrap();
        passwords::prune(&mut tx, at(seconds)).await.unwrap();
        tx.commit(&[], at(seconds)).await.unwrap();
        let left: (i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM password_attempts), (SELECT count(*) FROM password_refusals)",
        )
        .fetch_one(&owner)
        .await
        .unwrap();
        assert_eq!(left, rows, "after {seconds} s");
    }
}

#[tokio::test]
async fn many_at_once_are_counted_one_after_the_other() {
    let database = Database::new().await;
    let store = connected(&database, 8).await;
    let racers: Vec<_> = (0..8)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { begin(&store, 10 + number, 0).await })
        })
        .collect();
    let mut allowed = 0;
    for racer in racers {
        allowed += usize::from(racer.await.unwrap().is_ok());
    }
    assert_eq!(allowed, passwords::ATTEMPTS);
}
