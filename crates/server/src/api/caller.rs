//! The caller of a request, as a handler's parameter: no handler of a tenant's data compiles without one.

use axum::extract::FromRequestParts;
use domain::{Scope, TenantId, TenantRef};
use http::{HeaderMap, HeaderName, Method, header, request::Parts};
use url::Url;

use super::{
    address::client_address,
    problem::{Code, Problem},
};
use crate::{
    Context,
    app::{
        Caller,
        conversations::{Arrived, Converser},
    },
    auth::{Ambiguous, Credential, SignedIn, presented, session_cookie},
    http::{RequestId, observe::CallerNote},
};

const BI_TENANT: HeaderName = HeaderName::from_static("bi-tenant");

impl FromRequestParts<Context> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Problem> {
        let credential = credential(parts, context)?.ok_or_else(|| {
            Problem::new(Code::Unauthenticated).detail("The request has no credential.")
        })?;
        if matches!(credential, Credential::Session(_)) {
            require_same_origin(parts, context)?;
        }
        let address = client_address(parts, context);
        let signed_in = context
            .callers
            .recognise(&context.store, &credential, address)
            .await?;
        let scope = on_behalf(signed_in, &parts.headers, context).await?;
        if let Some(note) = parts.extensions.get::<CallerNote>() {
            note.set(&scope);
        }
        Ok(Self {
            scope,
            request_id: request_id(parts),
        })
    }
}

/// Before anything of the body is read.
impl FromRequestParts<Context> for Converser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Problem> {
        loop {
            let heard = context.running.heard();
            let caller = Caller::from_request_parts(parts, context).await?;
            let arrived = Arrived::note(context, &caller)?;
            // Or a revocation may have come after the look-up and before the caller was there to be ended by it.
            if context.running.heard() == heard {
                let converser = arrived.admit(context)?;
                if let Some(note) = parts.extensions.get::<CallerNote>() {
                    note.admitted(converser.admission());
                }
                return Ok(converser);
            }
        }
    }
}

/// The request's one credential, if there is one.
pub(super) fn credential(parts: &Parts, context: &Context) -> Result<Option<Credential>, Problem> {
    let cookie = session_cookie(&context.settings.public_url);
    presented(&parts.headers, cookie).map_err(|Ambiguous| {
        Problem::new(Code::SeveralCredentials).detail("The request has more than one credential.")
    })
}

pub(super) fn request_id(parts: &Parts) -> Option<String> {
    parts
        .extensions
        .get::<RequestId>()
        .map(|id| id.0.to_string())
}

/// Browsers send the cookie with whatever another site makes them send; only `Origin` tells who asked.
pub(super) fn require_same_origin(parts: &Parts, context: &Context) -> Result<(), Problem> {
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(&parts.method) {
        return Ok(());
    }
    let refuse = |why: &str| {
        Err(Problem::new(Code::OriginRefused)
            .detail(why)
            .at("/header/origin", "must be this service's own origin"))
    };
    let Some(origin) = parts.headers.get(header::ORIGIN) else {
        return refuse(
            "A change made with the console's cookie needs the header Origin, which browsers send by themselves.",
        );
    };
    if is_own_origin(
        origin.to_str().unwrap_or_default(),
        parts,
        &context.settings.public_url,
    ) {
        Ok(())
    } else {
        refuse("A change made with the console's cookie must come from the console itself.")
    }
}

/// Ours is what the platform configured, and the host under which this very request reached us: the cookie belongs to
/// that host, so a foreign name that resolves to us has none.
fn is_own_origin(origin: &str, parts: &Parts, public_url: &Url) -> bool {
    if origin == public_url.origin().ascii_serialization() {
        return true;
    }
    let host = parts
        .headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = parts
        .uri
        .authority()
        .map(http::uri::Authority::as_str)
        .or(host);
    // Over https there is one right origin, and it is configured.
    public_url.scheme() == "http"
        && host.is_some_and(|host| origin.strip_prefix("http://") == Some(host))
}

/// Resolves the tenant that an operator names.
async fn on_behalf(
    signed_in: SignedIn,
    headers: &HeaderMap,
    context: &Context,
) -> Result<Scope, Problem> {
    let mut named = headers.get_all(BI_TENANT).iter();
    let (named, several) = (named.next(), named.next().is_some());
    let Some(named) = named else {
        return Ok(signed_in.scope);
    };
    let Scope::Platform { actor, .. } = signed_in.scope else {
        return Err(Problem::new(Code::Forbidden)
            .detail("The header BI-Tenant is for operators; a tenant's own credential carries its tenant.")
            .at("/header/bi-tenant", "must not be sent"));
    };
    let not_found = || Problem::new(Code::NotFound).at("/header/bi-tenant", "names no tenant");
    let named = named
        .to_str()
        .ok()
        .filter(|_| !several)
        .ok_or_else(not_found)?;
    let on = find_tenant(named, context).await?.ok_or_else(not_found)?;
    Ok(Scope::Platform {
        actor,
        on: Some(on),
    })
}

async fn find_tenant(named: &str, context: &Context) -> Result<Option<TenantId>, Problem> {
    if let Ok(id) = named.parse::<TenantId>() {
        let mut tx = context.store.platform().await?;
        return Ok(store::tenants::find(&mut tx, id)
            .await?
            .map(|tenant| tenant.id));
    }
    let Ok(tenant_ref) = named.parse::<TenantRef>() else {
        return Ok(None);
    };
    let found = context
        .callers
        .tenant_by_ref(&context.store, &tenant_ref)
        .await?;
    Ok(found.map(|(id, _)| id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(origin: &str, host: &str, public: &str) -> bool {
        let request = http::Request::post("/v1/x")
            .header("host", host)
            .body(())
            .unwrap();
        is_own_origin(
            origin,
            &request.into_parts().0,
            &Url::parse(public).unwrap(),
        )
    }

    #[test]
    fn who_is_known_is_let_in_by_a_small_future() {
        fn size<A, B, F: Future>(_: impl Fn(A, B) -> F) -> usize {
            size_of::<F>()
        }
        let size = size(<Converser as FromRequestParts<Context>>::from_request_parts);
        assert!(size < 4 * 1_024, "{size} bytes");
    }

    #[test]
    fn own_origins_are_the_configured_one_and_the_host_of_the_request() {
        assert!(own(
            "https://b.example",
            "b.example",
            "https://b.example/app"
        ));
        assert!(own(
            "http://localhost:8080",
            "localhost:8080",
            "http://127.0.0.1:8080"
        ));
        for (origin, host, public) in [
            ("https://evil.example", "b.example", "https://b.example"),
            ("http://b.example", "b.example", "https://b.example"),
            ("https://b.example.evil", "b.example", "https://b.example"),
            ("null", "localhost:8080", "http://127.0.0.1:8080"),
            ("", "", "http://127.0.0.1:8080"),
            (
                "http://localhost:9999",
                "localhost:8080",
                "http://127.0.0.1:8080",
            ),
        ] {
            assert!(!own(origin, host, public), "{origin}");
        }
    }
}
