//! Which operation of which service a request asks for, and in which region.

use std::collections::HashMap;

use domain::Region;
use http::{HeaderMap, Method};
use url::form_urlencoded;

use crate::{Service, percent::decode};

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) service: Service,
    /// [`UNKNOWN`] if AWS, or the sandbox, has no such operation.
    pub(crate) operation: &'static str,
    /// What stands in the variable segments of its path, decoded.
    pub(crate) segments: Vec<String>,
    pub(crate) region: String,
}

/// The operation of a request that asks for none there is.
pub(crate) const UNKNOWN: &str = "(unknown)";

const DEFAULT_REGION: &str = "us-east-1";

const STS: [&str; 3] = [
    "AssumeRole",
    "AssumeRoleWithWebIdentity",
    "GetCallerIdentity",
];
const USER_POOLS: [&str; 4] = [
    "GetTokensFromRefreshToken",
    "InitiateAuth",
    "RespondToAuthChallenge",
    "RevokeToken",
];
const IDENTITY_POOLS: [&str; 2] = ["GetCredentialsForIdentity", "GetId"];

/// Operations that are told by method and path; `*` is a segment of any content.
const PATHS: [(&str, &[&str], Service, &str); 18] = [
    (
        "GET",
        &["foundation-models"],
        Service::Bedrock,
        "ListFoundationModels",
    ),
    (
        "GET",
        &["foundation-models", "*"],
        Service::Bedrock,
        "GetFoundationModel",
    ),
    (
        "GET",
        &["foundation-model-availability", "*"],
        Service::Bedrock,
        "GetFoundationModelAvailability",
    ),
    (
        "GET",
        &["inference-profiles"],
        Service::Bedrock,
        "ListInferenceProfiles",
    ),
    (
        "GET",
        &["inference-profiles", "*"],
        Service::Bedrock,
        "GetInferenceProfile",
    ),
    (
        "GET",
        &["custom-models"],
        Service::Bedrock,
        "ListCustomModels",
    ),
    (
        "GET",
        &["custom-models", "*"],
        Service::Bedrock,
        "GetCustomModel",
    ),
    (
        "GET",
        &["model-customization", "custom-model-deployments"],
        Service::Bedrock,
        "ListCustomModelDeployments",
    ),
    (
        "GET",
        &["imported-models"],
        Service::Bedrock,
        "ListImportedModels",
    ),
    (
        "GET",
        &["provisioned-model-throughputs"],
        Service::Bedrock,
        "ListProvisionedModelThroughputs",
    ),
    (
        "POST",
        &["model", "*", "converse"],
        Service::BedrockRuntime,
        "Converse",
    ),
    (
        "POST",
        &["model", "*", "converse-stream"],
        Service::BedrockRuntime,
        "ConverseStream",
    ),
    (
        "POST",
        &["model", "*", "invoke"],
        Service::BedrockRuntime,
        "InvokeModel",
    ),
    (
        "POST",
        &["model", "*", "invoke-with-response-stream"],
        Service::BedrockRuntime,
        "InvokeModelWithResponseStream",
    ),
    (
        "POST",
        &["model", "*", "count-tokens"],
        Service::BedrockRuntime,
        "CountTokens",
    ),
    (
        "GET",
        &["async-invoke"],
        Service::BedrockRuntime,
        "ListAsyncInvokes",
    ),
    (
        "GET",
        &["*", ".well-known", "jwks.json"],
        Service::CognitoUserPools,
        "GetJwks",
    ),
    (
        "GET",
        &["*", ".well-known", "openid-configuration"],
        Service::CognitoUserPools,
        "GetOpenIdConfiguration",
    ),
];

/// What a request asks for. `parameters` are those of its query and form.
pub(crate) fn route(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    parameters: &HashMap<String, String>,
) -> Target {
    let host = Host::of(headers);
    let asked = by_target(headers)
        .or_else(|| by_action(path, parameters))
        .or_else(|| by_path(method, path));
    let (service, operation, segments) = match asked {
        // AWS's hosts know only their own operations.
        Some((service, operation, segments)) if host.service.is_none_or(|host| host == service) => {
            (service, operation, segments)
        }
        other => {
            let asked = other.map(|(service, ..)| service);
            let service = host.service.or(asked).unwrap_or(Service::Bedrock);
            (service, UNKNOWN, Vec::new())
        }
    };
    let region = host
        .region
        .or_else(|| region_of_scope(headers))
        .unwrap_or_else(|| DEFAULT_REGION.to_owned());
    Target {
        service,
        operation,
        segments,
        region,
    }
}

/// The decoded pairs of a query or a form.
pub(crate) fn parameters(text: &[u8]) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into_owned()))
}

type Asked = (Service, &'static str, Vec<String>);

/// Cognito's operations are named in a header.
fn by_target(headers: &HeaderMap) -> Option<Asked> {
    let target = headers.get("x-amz-target")?.to_str().ok()?;
    let (prefix, operation) = target.split_once('.').unwrap_or((target, ""));
    let (service, operations): (_, &[&str]) = match prefix {
        "AWSCognitoIdentityProviderService" => (Service::CognitoUserPools, &USER_POOLS),
        "AWSCognitoIdentityService" => (Service::CognitoIdentity, &IDENTITY_POOLS),
        _ => return None,
    };
    Some((service, known(operations, operation), Vec::new()))
}

/// STS's operations are named in the form, or the query.
fn by_action(path: &str, parameters: &HashMap<String, String>) -> Option<Asked> {
    let action = parameters.get("Action").filter(|_| path == "/")?;
    Some((Service::Sts, known(&STS, action), Vec::new()))
}

fn by_path(method: &Method, path: &str) -> Option<Asked> {
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    PATHS.iter().find_map(|(verb, form, service, operation)| {
        let fits = *verb == method.as_str()
            && form.len() == segments.len()
            && form.iter().zip(&segments).all(|(form, segment)| {
                if *form == "*" {
                    !segment.is_empty()
                } else {
                    form == segment
                }
            });
        let variable = || {
            let pairs = form.iter().zip(&segments);
            pairs
                .filter(|(form, _)| **form == "*")
                .map(|(_, segment)| decode(segment))
        };
        fits.then(|| (*service, *operation, variable().collect()))
    })
}

fn known(operations: &[&'static str], name: &str) -> &'static str {
    operations
        .iter()
        .find(|operation| **operation == name)
        .copied()
        .unwrap_or(UNKNOWN)
}

/// What a host name of AWS's form says: `<service>.<region>.<suffix>`.
#[derive(Default)]
struct Host {
    service: Option<Service>,
    region: Option<String>,
}

impl Host {
    fn of(headers: &HeaderMap) -> Self {
        let host = headers
            .get(http::header::HOST)
            .and_then(|host| host.to_str().ok());
        let mut labels = host.unwrap_or_default().split(['.', ':']);
        let Some(service) = labels.next().and_then(Service::of_host) else {
            return Self::default();
        };
        let region = labels
            .next()
            .filter(|region| region.parse::<Region>().is_ok());
        Self {
            service: Some(service),
            region: Some(region.unwrap_or(DEFAULT_REGION).to_owned()),
        }
    }
}

fn region_of_scope(headers: &HeaderMap) -> Option<String> {
    let header = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = header.split_once("Credential=")?;
    credential.split('/').nth(2).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (http::HeaderName::from_static(name), value.parse().unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    fn ask(method: &Method, path: &str, pairs: &[(&'static str, &str)]) -> Target {
        route(method, path, &headers(pairs), &HashMap::new())
    }

    #[test]
    fn an_arn_in_a_path_is_one_segment() {
        let arn = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc";
        let path = format!(
            "/model/{}/converse-stream",
            crate::percent::encode(arn, false)
        );
        let target = ask(&Method::POST, &path, &[]);
        assert_eq!(target.operation, "ConverseStream");
        assert_eq!(target.segments, [arn]);

        let plain = format!("/model/{arn}/converse-stream");
        assert_eq!(ask(&Method::POST, &plain, &[]).operation, UNKNOWN);
    }

    #[test]
    fn the_region_is_the_host_s_then_the_scope_s_then_the_usual_one() {
        let scope = "AWS4-HMAC-SHA256 Credential=AKIA/20261125/eu-west-3/bedrock/aws4_request, SignedHeaders=host";
        let host = "bedrock.eu-west-1.amazonaws.com";
        let region = |pairs: &[_]| ask(&Method::GET, "/foundation-models", pairs).region;
        assert_eq!(
            region(&[("host", host), ("authorization", scope)]),
            "eu-west-1"
        );
        assert_eq!(
            region(&[("host", "127.0.0.1:1"), ("authorization", scope)]),
            "eu-west-3"
        );
        assert_eq!(region(&[("host", "localhost")]), "us-east-1");
        assert_eq!(
            region(&[("host", "bedrock.cn-north-1.amazonaws.com.cn:80")]),
            "cn-north-1"
        );
    }

    #[test]
    fn the_global_host_is_in_the_usual_region() {
        let scope = "AWS4-HMAC-SHA256 Credential=AKIA/20261125/eu-west-3/sts/aws4_request, SignedHeaders=host";
        let pairs = [("host", "sts.amazonaws.com"), ("authorization", scope)];
        let target = ask(&Method::POST, "/", &pairs);
        assert_eq!(
            (target.service, &*target.region),
            (Service::Sts, "us-east-1")
        );
    }

    #[test]
    fn a_host_knows_only_its_own_operations() {
        let runtime = [("host", "bedrock-runtime.eu-west-1.amazonaws.com")];
        let target = ask(&Method::GET, "/foundation-models", &runtime);
        assert_eq!(
            (target.service, target.operation),
            (Service::BedrockRuntime, UNKNOWN)
        );
        assert_eq!(
            ask(&Method::GET, "/async-invoke", &runtime).operation,
            "ListAsyncInvokes"
        );
    }

    #[test]
    fn cognito_is_asked_by_header() {
        let target = |name| ask(&Method::POST, "/", &[("x-amz-target", name)]);
        let target_of = |name| (target(name).service, target(name).operation);
        assert_eq!(
            target_of("AWSCognitoIdentityProviderService.InitiateAuth"),
            (Service::CognitoUserPools, "InitiateAuth")
        );
        assert_eq!(
            target_of("AWSCognitoIdentityService.GetId"),
            (Service::CognitoIdentity, "GetId")
        );
        assert_eq!(
            target_of("AWSCognitoIdentityService.InitiateAuth"),
            (Service::CognitoIdentity, UNKNOWN)
        );
        assert_eq!(target_of("DynamoDB_20120810.ListTables").1, UNKNOWN);
    }

    #[test]
    fn what_is_no_operation_is_unknown() {
        for (method, path) in [
            (Method::GET, "/"),
            (Method::POST, "/foundation-models"),
            (Method::GET, "/foundation-models/"),
            (Method::GET, "/foundation-models/a/b"),
            (Method::POST, "/model//converse"),
            (Method::GET, "//foundation-models"),
        ] {
            assert_eq!(
                ask(&method, path, &[]).operation,
                UNKNOWN,
                "{method} {path}"
            );
        }
    }
}
