//! No secret is in a report, its `Debug`, or the log.

use std::{
    io,
    sync::{Arc, Mutex},
};

use credential_provider::Strategy;
use sandbox::{Fault, Harm};
use serde_json::json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::stage::{LITE, Stage, key};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_secret_is_told_however_a_test_ends() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::INFO)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let stage = Stage::new().await;
    let demo = &stage.demo;
    let mut confidential = stage.user();
    confidential.client.id = demo.cognito.confidential_app_client_id.parse().unwrap();
    confidential.client.secret = Some(demo.cognito.confidential_app_client_secret.parse().unwrap());
    let ways: [Box<dyn Strategy>; 7] = [
        Box::new(stage.role()),
        Box::new(stage.role_at(&demo.roles.unenforced_role_arn)),
        Box::new(stage.user()),
        Box::new(confidential),
        Box::new(key(&demo.api_keys.long_term)),
        Box::new(key(&demo.api_keys.short_term)),
        Box::new(key(&demo.api_keys.revoked)),
    ];
    let mut told = String::new();
    for harm in [None, Some(Harm::Reset), Some(Harm::Nonsense("<html>"))] {
        for way in &ways {
            stage.world().mend();
            if let Some(harm) = &harm {
                for operation in [
                    "GetCallerIdentity",
                    "ListFoundationModels",
                    "Converse",
                    "ConverseStream",
                ] {
                    stage
                        .world()
                        .fault(Fault::always(harm.clone()).on(operation));
                }
            }
            let report = stage.invoke(&**way, LITE).await;
            told += &format!("{report:?} {}\n", json!(report));
        }
    }
    told += &String::from_utf8(log.0.lock().unwrap().clone()).unwrap();

    let mut secrets = vec![
        demo.platform.secret_access_key.to_owned(),
        demo.cognito.password.to_owned(),
        demo.cognito.confidential_app_client_secret.to_owned(),
        demo.api_keys.long_term.clone(),
        demo.api_keys.short_term.clone(),
        demo.api_keys.revoked.clone(),
    ];
    let state = stage.world().state();
    for (key, _) in state.keys.values() {
        secrets.push(key.secret.clone());
        secrets.extend(key.session_token.clone());
    }
    assert!(secrets.len() > 20);
    for secret in secrets {
        assert!(!told.contains(&secret), "{secret}");
    }
}
