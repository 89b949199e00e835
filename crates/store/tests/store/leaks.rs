//! A dump of the database shows no secret, in no spelling.

use std::process::Command;

use rand::Rng;
use sqlx::{AssertSqlSafe, PgPool};
use store::{platform_secrets, secrets::SecretName, testing::Database};

use crate::{
    secrets::{access, put},
    support::{at, ring, rng, sealing_database, tenant},
};

/// What `pg_dump` makes of it; beside the server's own programs or on the PATH. Without one, every row as text.
async fn dump(database: &Database) -> Vec<u8> {
    let owner = database.owner();
    let folder: Option<String> =
        sqlx::query_scalar("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
            .fetch_optional(&owner)
            .await
            .unwrap();
    let beside = folder.map(|folder| format!("{folder}/pg_dump"));
    for program in beside.into_iter().chain(["pg_dump".to_owned()]) {
        let url = database.owner_url.clone();
        let run = move || Command::new(program).arg("--dbname").arg(url).output();
        let run = tokio::task::spawn_blocking(run).await.unwrap();
        if let Ok(output) = run
            && output.status.success()
        {
            return output.stdout;
        }
    }
    rows(&owner).await
}

async fn rows(owner: &PgPool) -> Vec<u8> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    )
    .fetch_all(owner)
    .await
    .unwrap();
    let mut all = Vec::new();
    for table in tables {
        let rows: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(format!("SELECT t::text FROM {table} t")))
                .fetch_all(owner)
                .await
                .unwrap();
        all.extend(rows.join("\n").into_bytes());
    }
    all
}

/// The bytes as they are, in hexadecimal, and in base64 at each of the three places where they could begin.
fn spellings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut spellings = vec![
        bytes.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
    ];
    for skipped in 0..3 {
        let whole = &bytes[skipped..];
        spellings.push(base64(&whole[..whole.len() / 3 * 3]).into_bytes());
    }
    spellings
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks(3).flat_map(|three| {
        let bits = three
            .iter()
            .fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[bits >> shift & 63]))
    });
    digits.collect()
}

fn shows(dump: &[u8], needle: &[u8]) -> bool {
    dump.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn a_dump_shows_no_secret_in_the_clear_in_hexadecimal_or_in_base64() {
    let (database, store) = sealing_database().await;
    let tenant = tenant(&store).await;
    let access = access(&database.owner(), tenant).await;
    let mut secrets = Vec::new();
    for name in SecretName::ALL {
        let mut secret = format!("ABSK-{}-", name.as_str()).into_bytes();
        let mut noise = [0; 24];
        rng().fill_bytes(&mut noise);
        secret.extend(noise.map(|byte| b'a' + byte % 26));
        put(&store, &ring(&[1]), (tenant, access, name), &secret)
            .await
            .unwrap();
        secrets.push(secret);
    }
    let mut tx = store.platform().await.unwrap();
    let hash_key = platform_secrets::hash_key(&mut tx, &ring(&[1]), at(0), &mut rng())
        .await
        .unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    secrets.push(hash_key.as_bytes().to_vec());

    let dump = dump(&database).await;
    for secret in &secrets {
        for spelling in spellings(secret) {
            let text = String::from_utf8_lossy(&spelling);
            assert!(!shows(&dump, &spelling), "the dump shows {text}");
        }
    }
    // It is a dump of these rows, then.
    let tenant_ref = format!("ref-{}", tenant.uuid());
    assert!(shows(&dump, tenant_ref.as_bytes()));
    assert!(shows(&dump, access.uuid().to_string().as_bytes()));
}

#[tokio::test]
async fn a_secret_that_lay_there_in_the_clear_would_be_found() {
    let database = Database::new().await;
    let secret = b"a secret of some forty bytes, all in ASCII";
    sqlx::raw_sql("CREATE TABLE careless (plain text, bytes bytea, encoded text)")
        .execute(&database.owner())
        .await
        .unwrap();
    for shift in 0..3 {
        sqlx::query(
            "INSERT INTO careless VALUES ($1, $2, translate(encode($3, 'base64'), E'\\n', ''))",
        )
        .bind(std::str::from_utf8(secret).unwrap())
        .bind(secret.as_slice())
        .bind([&vec![0; shift], secret.as_slice()].concat())
        .execute(&database.owner())
        .await
        .unwrap();
    }
    for dump in [dump(&database).await, rows(&database.owner()).await] {
        let found = spellings(secret)
            .iter()
            .filter(|spelling| shows(&dump, spelling))
            .count();
        assert_eq!(found, 5, "in the clear, in hexadecimal, thrice in base64");
    }
}
