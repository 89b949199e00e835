//! Hosts are made of partition and region: no field of a customer's is, or changes, a part of one.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use credential_provider::{
    Strategy,
    api_key::ApiKey,
    cognito::{AppClient, Cognito, MemoryTokens, Pools},
    iam_role::{AssumeRole, Subject, WebIdentity},
};
use domain::{Invalid, Region, TenantId};

use crate::{
    case::{Case, Token, access, aws, session_name},
    ears::Ears,
    traffic::Traffic,
};

/// What a customer may enter who wants to be called at home.
const HOSTILE: [&str; 40] = [
    "",
    " ",
    ".",
    "/",
    "evil.example",
    "evil.example/",
    "evil.example:443",
    "evil.example#",
    "evil.example?",
    "https://evil.example",
    "//evil.example",
    "user@evil.example",
    "@evil.example",
    "localhost",
    "127.0.0.1",
    "169.254.169.254",
    "[::1]",
    "0x7f000001",
    "2130706433",
    "eu-west-1.evil.example",
    "eu-west-1.evil.example/",
    "eu-west-1@evil.example",
    "eu-west-1:443",
    "eu-west-1:x@evil.example",
    "eu-west-1/../evil",
    "eu-west-1#",
    "eu-west-1?",
    "eu-west-1%2eevil.example",
    "eu-west-1%00",
    "eu-west-1\u{0}",
    "eu-west-1\r\nhost: evil.example",
    "eu-west-1\\evil.example",
    "eu-west-1。evil.example",
    "eu-west-１",
    "еu-west-1",
    "EU-WEST-1",
    "aws-global",
    "xn--eu-west-1",
    "eu-west-1-fips.evil",
    "*",
];

/// Regions of every partition, and some that AWS does not have yet.
const REGIONS: [(&str, &str); 12] = [
    ("us-east-1", "us-east-1.amazonaws.com"),
    ("eu-west-1", "us-east-1.amazonaws.com"),
    ("mx-nowhere-99", "us-east-1.amazonaws.com"),
    ("us-gov-east-1", "us-gov-west-1.amazonaws.com"),
    ("cn-northwest-1", "cn-north-1.amazonaws.com.cn"),
    ("eusc-de-east-1", "eusc-de-east-1.amazonaws.eu"),
    ("eusc-de-nowhere-2", "eusc-de-east-1.amazonaws.eu"),
    ("us-iso-west-1", "us-iso-east-1.c2s.ic.gov"),
    ("us-isob-west-1", "us-isob-east-1.sc2s.sgov.gov"),
    ("eu-isoe-west-1", "eu-isoe-west-1.cloud.adc-e.uk"),
    ("us-isof-east-1", "us-isof-south-1.csp.hci.ic.gov"),
    ("us-isof-nowhere-3", "us-isof-south-1.csp.hci.ic.gov"),
];

const UUID: &str = "11111111-2222-3333-4444-555555555555";

fn role(arn: &str, external_id: &str) -> Result<AssumeRole, Invalid> {
    Ok(AssumeRole {
        role_arn: arn.parse()?,
        external_id: external_id.parse()?,
        session_name: session_name(),
        more_actions: Vec::new(),
    })
}

fn federated(arn: &str) -> Result<WebIdentity, Invalid> {
    Ok(WebIdentity {
        role_arn: arn.parse()?,
        subject: Subject {
            tenant: TenantId::PLATFORM,
            access: access(),
        },
        tokens: Arc::new(Token("token".to_owned())),
        session_name: session_name(),
        more_actions: Vec::new(),
    })
}

fn user(
    [user_pool, identity_pool, client, username, password]: [&str; 5],
) -> Result<Cognito, Invalid> {
    Ok(Cognito {
        pools: Pools {
            user_pool: user_pool.parse()?,
            identity_pool: identity_pool.parse()?,
            region: None,
        },
        client: AppClient {
            id: client.parse()?,
            secret: None,
        },
        username: username.parse()?,
        password: password.parse()?,
        tokens: Arc::new(MemoryTokens::default()),
    })
}

/// A short-term key that says it is for that region.
fn key(region: &str) -> Result<ApiKey, Invalid> {
    let request = format!(
        "bedrock.amazonaws.com/?X-Amz-Credential=ASIA%2F20261125%2F{region}%2Fbedrock&X-Amz-Date=20261125T080000Z&X-Amz-Expires=60"
    );
    format!("bedrock-api-key-{}", BASE64_STANDARD.encode(request)).parse()
}

/// Every way in with this text in each of its fields, as far as they take it.
fn ways(text: &str) -> Vec<Box<dyn Strategy>> {
    fn boxed<S: Strategy + 'static>(way: Result<S, Invalid>) -> Option<Box<dyn Strategy>> {
        way.ok().map(|way| Box::new(way) as Box<dyn Strategy>)
    }
    let arns = [
        text.to_owned(),
        format!("arn:{text}:iam::123456789012:role/Bedrock"),
        format!("arn:aws:{text}::123456789012:role/Bedrock"),
        format!("arn:aws:iam:{text}:123456789012:role/Bedrock"),
        format!("arn:aws:iam::{text}:role/Bedrock"),
        format!("arn:aws:iam::123456789012:role/{text}"),
        format!("arn:aws:iam::123456789012:role/{text}/Bedrock"),
    ];
    let good = [
        "eu-west-1_AbCdEf123".to_owned(),
        format!("eu-west-1:{UUID}"),
        "client".to_owned(),
        "svc".to_owned(),
        "password".to_owned(),
    ];
    let user_with = |field: usize, value: String| {
        let mut fields = good.clone();
        fields[field] = value;
        boxed(user(fields.each_ref().map(String::as_str)))
    };
    let mut ways = Vec::new();
    for arn in &arns {
        ways.push(boxed(role(arn, "bi-1")));
        ways.push(boxed(federated(arn)));
    }
    ways.push(boxed(role("arn:aws:iam::123456789012:role/Bedrock", text)));
    ways.push(user_with(0, text.to_owned()));
    ways.push(user_with(0, format!("{text}_AbCdEf123")));
    ways.push(user_with(0, format!("eu-west-1_{text}")));
    ways.push(user_with(1, text.to_owned()));
    ways.push(user_with(1, format!("{text}:{UUID}")));
    ways.push(user_with(1, format!("eu-west-1:{text}")));
    for field in 2..5 {
        ways.push(user_with(field, text.to_owned()));
    }
    ways.push(boxed(text.parse::<ApiKey>()));
    ways.push(boxed(key(text)));
    ways.into_iter().flatten().collect()
}

#[tokio::test(start_paused = true)]
async fn nothing_that_a_customer_enters_leads_anywhere_else() {
    let ears = Ears::default();
    let aws = aws(ears.clone());
    let region = "eu-west-1".parse().unwrap();
    let mut heard = 0;
    for text in HOSTILE {
        assert!(text.parse::<Region>().is_err(), "{text:?}");
        for way in ways(text) {
            let _ = way.lease(&aws, &region).await;
            let _ = way.prove(&aws, &region).await;
            for url in ears.urls() {
                heard += 1;
                let is_aws = [
                    "https://sts.us-east-1.amazonaws.com/",
                    "https://cognito-idp.eu-west-1.amazonaws.com/",
                ]
                .contains(&url.as_str());
                assert!(is_aws, "{text:?} leads to {url}");
            }
        }
    }
    assert!(heard > 0, "some of it are fine names of roles and users");
}

#[tokio::test(start_paused = true)]
async fn every_region_has_its_partitions_hosts() {
    let ears = Ears::default();
    let aws = aws(ears.clone()).without_retries();
    for (name, sts) in REGIONS {
        let region: Region = name.parse().unwrap();
        let partition = region.partition();
        let arn = format!("arn:{}:iam::123456789012:role/Bedrock", partition.as_str());
        let way = federated(&arn).unwrap();
        way.lease(&aws, &region).await.unwrap_err();
        assert_eq!(ears.urls(), [format!("https://sts.{sts}/")]);
    }
}

/// The recording of a sign-in in Ireland, moved to every region: its hosts, and the user pool as the identity pool knows it.
#[tokio::test(start_paused = true)]
async fn every_region_has_its_partitions_pools() {
    let success = Case::named("cognito", "success");
    for (name, _) in REGIONS {
        let region: Region = name.parse().unwrap();
        let moved = |text: &str| {
            let suffix = region.partition().dns_suffix();
            text.replace("eu-west-1", name)
                .replace("amazonaws.com", suffix)
        };
        let traffic = Traffic::read(&moved(&success.recording()));
        let way = success.user(Arc::default(), moved);
        way.lease(&aws(traffic.clone()), &region).await.unwrap();
        assert_eq!(traffic.surprises(), Vec::<String>::new());
    }
}
