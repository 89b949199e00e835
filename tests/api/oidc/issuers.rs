//! Discovery and keys, as anyone sees them.

use harness::{Options, Service};
use serde_json::json;

use super::turns::keys;

const TENANT: &str = "ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b";

fn discovery(tenant: &str) -> String {
    format!("/oidc/{tenant}/.well-known/openid-configuration")
}

/// A service that AWS could find.
async fn public() -> Service {
    Service::with(Options {
        public_url: Some("https://bi.example".to_owned()),
        ..Options::default()
    })
    .await
}

#[tokio::test]
async fn each_tenant_has_an_issuer_of_its_own_and_all_have_the_same_keys() {
    let service = public().await;
    let anyone = service.anonymous();
    let (one, two) = (service.tenant("one").await, service.tenant("two").await);
    for tenant in [&*one, &*two, TENANT] {
        let told = anyone.get(&discovery(tenant)).await;
        assert_eq!(
            told.body,
            json!({
                "issuer": format!("https://bi.example/oidc/{tenant}"),
                "jwks_uri": "https://bi.example/oidc/jwks",
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "claims_supported": ["iss", "sub", "aud", "iat", "exp", "jti"],
            })
        );
    }

    let told = anyone.get("/oidc/jwks").await;
    let [key] = &keys(&told)[..] else {
        panic!("one key: {told:?}");
    };
    assert_eq!(
        (&key["kty"], &key["use"], &key["alg"], &key["e"]),
        (
            &json!("RSA"),
            &json!("sig"),
            &json!("RS256"),
            &json!("AQAB")
        )
    );
    assert!(key["kid"].as_str().unwrap().starts_with("sig_"));
    // 2,048 bits, and nothing of the private key.
    assert_eq!(key["n"].as_str().unwrap().len(), 342);
    assert_eq!(key.as_object().unwrap().len(), 6);
}

#[tokio::test]
async fn caches_may_keep_them_and_what_is_no_id_has_none() {
    let service = public().await;
    let anyone = service.anonymous();
    for path in [discovery(TENANT), "/oidc/jwks".to_owned()] {
        let told = anyone.get(&path).await;
        assert_eq!(told.status, 200, "{told:?}");
        assert_eq!(told.header("cache-control"), Some("public, max-age=3600"));
        assert_eq!(told.header("content-type"), Some("application/json"));
    }
    for tenant in ["ten_1", "acme", "ten_00000000000000000000000000000000"] {
        let told = anyone.get(&discovery(tenant)).await;
        assert_eq!(told.problem(), (404, "not_found"), "{tenant}");
    }
}

#[tokio::test]
async fn a_service_that_aws_cannot_find_is_no_issuer() {
    let service = Service::start().await;
    let anyone = service.anonymous();
    for path in [discovery(TENANT), "/oidc/jwks".to_owned()] {
        assert_eq!(anyone.get(&path).await.problem(), (404, "not_found"));
    }
}
