//! What a customer entered, and what it makes with what is kept already.

use credential_provider::{
    api_key::ApiKey,
    cognito::{
        AppClient, AppClientId, AppClientSecret, IdentityPoolId, Password, Pools, UserPoolId,
        Username,
    },
    iam_role::{ExternalId, RoleArn},
};
use domain::{Federation, Method, Region};

use super::way::{Demand, Role, User, Way};
use crate::app::error::Misfit;

/// The fields of a method as entered, each well formed. What is absent is kept as it was.
#[derive(Debug, Clone)]
pub enum Entered {
    /// An IAM role.
    Role(EnteredRole),
    /// A Bedrock API key.
    Key(Option<ApiKey>),
    /// A Cognito user.
    User(Box<EnteredUser>),
}

/// The fields of a role.
#[derive(Debug, Clone, Default)]
pub struct EnteredRole {
    /// The role.
    pub role_arn: Option<RoleArn>,
    /// What its trust policy demands already.
    pub external_id: Option<ExternalId>,
    /// How the service proves who it is; fixed once there is an access.
    pub federation: Option<Federation>,
}

/// The fields of a Cognito user.
#[derive(Debug, Clone, Default)]
pub struct EnteredUser {
    /// The user pool.
    pub user_pool: Option<UserPoolId>,
    /// The app client.
    pub client: Option<AppClientId>,
    /// The app client's secret.
    pub client_secret: Change<AppClientSecret>,
    /// The identity pool.
    pub identity_pool: Option<IdentityPoolId>,
    /// The user.
    pub username: Option<Username>,
    /// The user's password.
    pub password: Option<Password>,
    /// The pools' region.
    pub region: Change<Region>,
}

/// What becomes of a field that may be empty.
#[derive(Debug, Clone, Default)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It becomes empty.
    Clear,
    /// It gets a value.
    Set(T),
}

impl<T: Clone> Change<T> {
    fn over(self, kept: Option<&T>) -> Option<T> {
        match self {
            Self::Keep => kept.cloned(),
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl Entered {
    /// Nothing entered: all of it is kept.
    pub fn nothing(method: Method) -> Self {
        match method {
            Method::IamRole => Self::Role(EnteredRole::default()),
            Method::ApiKey => Self::Key(None),
            Method::Cognito => Self::User(Box::default()),
        }
    }

    /// Which method.
    pub const fn method(&self) -> Method {
        match self {
            Self::Role(_) => Method::IamRole,
            Self::Key(_) => Method::ApiKey,
            Self::User(_) => Method::Cognito,
        }
    }

    /// Whether nothing was entered.
    pub(crate) const fn is_nothing(&self) -> bool {
        match self {
            Self::Role(role) => {
                role.role_arn.is_none() && role.external_id.is_none() && role.federation.is_none()
            }
            Self::Key(key) => key.is_none(),
            Self::User(user) => {
                user.user_pool.is_none()
                    && user.client.is_none()
                    && user.client_secret.is_keep()
                    && user.identity_pool.is_none()
                    && user.username.is_none()
                    && user.password.is_none()
                    && user.region.is_keep()
            }
        }
    }

    /// The way that it makes, over what is kept. `own` is what a reservation made for a role to demand.
    ///
    /// # Errors
    /// What is missing, field by field. A secret is not kept for another destination than it was entered for.
    pub(crate) fn complete(
        self,
        kept: Option<&Way>,
        own: Option<&Demand>,
    ) -> Result<Way, Vec<Misfit>> {
        match (self, kept) {
            (Self::Role(entered), kept) => {
                let kept = match kept {
                    Some(Way::Role(role)) => Some(role),
                    _ => None,
                };
                entered.complete(kept, own).map(Way::Role)
            }
            (Self::Key(Some(key)), _) => Ok(Way::Key(key)),
            (Self::Key(None), Some(Way::Key(key))) => Ok(Way::Key(key.clone())),
            (Self::Key(None), _) => Err(vec![Misfit::needed("/fields/api_key")]),
            (Self::User(entered), kept) => {
                let kept = match kept {
                    Some(Way::User(user)) => Some(&**user),
                    _ => None,
                };
                entered.complete(kept).map(|user| Way::User(Box::new(user)))
            }
        }
    }
}

impl EnteredRole {
    fn complete(self, kept: Option<&Role>, own: Option<&Demand>) -> Result<Role, Vec<Misfit>> {
        let role_arn = self
            .role_arn
            .or_else(|| kept.map(|role| role.role_arn.clone()));
        let entered = self.external_id.map(|value| Demand::ExternalId {
            value,
            // Whose it is, only the store knows.
            is_generated: false,
        });
        let demand = entered
            .or_else(|| kept.map(|role| role.demand.clone()))
            .or_else(|| own.cloned());
        match (role_arn, demand) {
            (Some(role_arn), Some(demand)) => Ok(Role { role_arn, demand }),
            (role_arn, demand) => {
                let missing = [
                    (role_arn.is_none(), "/fields/role_arn"),
                    (demand.is_none(), "/fields/external_id"),
                ];
                Err(needed(missing))
            }
        }
    }
}

impl EnteredUser {
    fn complete(self, kept: Option<&User>) -> Result<User, Vec<Misfit>> {
        let user_pool = self
            .user_pool
            .or_else(|| kept.map(|user| user.pools.user_pool.clone()));
        let client = self
            .client
            .or_else(|| kept.map(|user| user.client.id.clone()));
        let identity_pool = self
            .identity_pool
            .or_else(|| kept.map(|user| user.pools.identity_pool.clone()));
        let username = self
            .username
            .or_else(|| kept.map(|user| user.username.clone()));
        let (Some(user_pool), Some(client), Some(identity_pool), Some(username)) =
            (&user_pool, &client, &identity_pool, &username)
        else {
            return Err(needed([
                (user_pool.is_none(), "/fields/user_pool_id"),
                (client.is_none(), "/fields/app_client_id"),
                (identity_pool.is_none(), "/fields/identity_pool_id"),
                (username.is_none(), "/fields/username"),
                (
                    self.password.is_none() && kept.is_none(),
                    "/fields/password",
                ),
            ]));
        };
        let same_client =
            kept.filter(|user| user.pools.user_pool == *user_pool && user.client.id == *client);
        let same_user = same_client.filter(|user| user.username == *username);
        let secret_is_void = self.client_secret.is_keep()
            && same_client.is_none()
            && kept.is_some_and(|user| user.client.secret.is_some());
        let client_secret = self
            .client_secret
            .over(same_client.and_then(|user| user.client.secret.as_ref()));
        let password = self
            .password
            .or_else(|| same_user.map(|user| user.password.clone()));
        let (Some(password), false) = (password.clone(), secret_is_void) else {
            let mut misfits = Vec::new();
            if secret_is_void {
                misfits.push(Misfit::at(
                    "/fields/app_client_secret",
                    "must be entered again, or emptied: the one that is kept was entered for another user pool or app client",
                ));
            }
            if password.is_none() {
                misfits.push(match kept {
                    Some(_) => Misfit::at(
                        "/fields/password",
                        "must be entered again: the one that is kept was entered for another user pool, app client or user",
                    ),
                    None => Misfit::needed("/fields/password"),
                });
            }
            return Err(misfits);
        };
        Ok(User {
            pools: Pools {
                user_pool: user_pool.clone(),
                identity_pool: identity_pool.clone(),
                region: self
                    .region
                    .over(kept.and_then(|user| user.pools.region.as_ref())),
            },
            client: AppClient {
                id: client.clone(),
                secret: client_secret,
            },
            username: username.clone(),
            password,
        })
    }
}

fn needed<const N: usize>(fields: [(bool, &'static str); N]) -> Vec<Misfit> {
    fields
        .into_iter()
        .filter(|(is_missing, _)| *is_missing)
        .map(|(_, pointer)| Misfit::needed(pointer))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: &str = "eu-west-1_AbCdEf123";

    fn user(secret: Option<&str>) -> Way {
        let entered = EnteredUser {
            user_pool: Some(POOL.parse().unwrap()),
            client: Some("client1".parse().unwrap()),
            client_secret: secret
                .map_or(Change::Keep, |secret| Change::Set(secret.parse().unwrap())),
            identity_pool: Some(
                "eu-west-1:7f3c6a0e-1b2c-4d5e-8f90-123456789abc"
                    .parse()
                    .unwrap(),
            ),
            username: Some("service".parse().unwrap()),
            password: Some("correct horse".parse().unwrap()),
            region: Change::Keep,
        };
        Entered::User(Box::new(entered))
            .complete(None, None)
            .unwrap()
    }

    fn pointers(result: Result<Way, Vec<Misfit>>) -> Vec<String> {
        let misfits = result.unwrap_err();
        misfits.into_iter().map(|misfit| misfit.pointer).collect()
    }

    #[test]
    fn what_is_absent_is_kept() {
        let kept = user(Some("sssssssssssssssssssssssss"));
        let entered = Entered::nothing(Method::Cognito);
        assert!(entered.is_nothing());
        let Ok(Way::User(user)) = entered.complete(Some(&kept), None) else {
            panic!("a user");
        };
        assert_eq!(user.password.expose(), "correct horse");
        assert!(user.client.secret.is_some());
    }

    #[test]
    fn a_secret_is_not_kept_for_another_destination() {
        let kept = user(Some("sssssssssssssssssssssssss"));
        let enter = |entered: EnteredUser| {
            pointers(Entered::User(Box::new(entered)).complete(Some(&kept), None))
        };
        let both = ["/fields/app_client_secret", "/fields/password"];
        assert_eq!(
            enter(EnteredUser {
                user_pool: Some("eu-west-1_Other".parse().unwrap()),
                ..EnteredUser::default()
            }),
            both
        );
        assert_eq!(
            enter(EnteredUser {
                client: Some("client2".parse().unwrap()),
                ..EnteredUser::default()
            }),
            both
        );
        assert_eq!(
            enter(EnteredUser {
                username: Some("another".parse().unwrap()),
                ..EnteredUser::default()
            }),
            ["/fields/password"]
        );
    }

    #[test]
    fn an_optional_field_can_be_emptied() {
        let kept = user(Some("sssssssssssssssssssssssss"));
        let entered = EnteredUser {
            client_secret: Change::Clear,
            ..EnteredUser::default()
        };
        let Ok(Way::User(user)) = Entered::User(Box::new(entered)).complete(Some(&kept), None)
        else {
            panic!("a user");
        };
        assert!(user.client.secret.is_none());
    }

    #[test]
    fn all_that_is_missing_is_told_at_once() {
        assert_eq!(
            pointers(Entered::nothing(Method::Cognito).complete(None, None)),
            [
                "/fields/user_pool_id",
                "/fields/app_client_id",
                "/fields/identity_pool_id",
                "/fields/username",
                "/fields/password",
            ]
        );
        assert_eq!(
            pointers(Entered::nothing(Method::ApiKey).complete(None, None)),
            ["/fields/api_key"]
        );
        assert_eq!(
            pointers(Entered::nothing(Method::IamRole).complete(None, Some(&Demand::Token))),
            ["/fields/role_arn"]
        );
    }
}
