//! The kits that are kept in `test-data`: each way into each kind of partition, with models chosen and not and for a region
//! more, and one in which everything that can be is awkward.

use domain::Region;
use setup::{Kit, Model, Names, Oidc, Place, Standing, Way};

/// A kit with its folder's name.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) kit: Kit,
}

/// All of them.
pub(crate) fn all() -> Vec<Case> {
    let regions = [
        "eu-west-1",
        "us-gov-west-1",
        "us-gov-east-1",
        "cn-north-1",
        "eusc-de-east-1",
        "us-iso-east-1",
    ];
    let whole = regions
        .into_iter()
        .flat_map(|region| WAYS.map(|way| case(way, region, &[], Standing::New)));
    let chosen = ["eu-west-1", "us-gov-west-1"]
        .into_iter()
        .flat_map(|region| WAYS.map(|way| case(way, region, &models(region), Standing::New)));
    let more = WAYS.map(|way| {
        // Of a key and of a pool no role is known.
        let has_role = ["assume_role", "oidc"].contains(&way);
        let role_name = has_role.then_some("Named+as=the,customer@likes");
        let standing = Standing::Shared { role_name };
        case(way, "eu-west-1", &models("eu-west-1"), standing)
    });
    whole.chain(chosen).chain(more).chain([awkward()]).collect()
}

/// Each file of a case's folder with what stands in it.
pub(crate) fn files(kit: &Kit) -> Vec<(&'static str, String)> {
    let policy = |policy: &setup::Policy| policy.to_json() + "\n";
    let mut files = vec![
        ("aws-cli.sh", kit.aws_cli.clone()),
        (
            "cloudformation.json",
            kit.cloudformation.template.clone() + "\n",
        ),
        ("cloudformation.sh", kit.cloudformation.aws_cli.clone()),
        (
            "inference-profiles-policy.json",
            policy(&kit.inference_profiles_policy),
        ),
        ("permissions-policy.json", policy(&kit.permissions_policy)),
        ("steps.md", steps(kit)),
        ("terraform.tf", kit.terraform.clone()),
    ];
    files.extend(
        kit.trust_policy
            .as_ref()
            .map(|trust| ("trust-policy.json", policy(trust))),
    );
    let link = kit.cloudformation.quick_create_url.as_ref();
    files.extend(link.map(|link| ("quick-create.txt", format!("{link}\n"))));
    files
}

const ACCESS: &str = "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4c";
const WAYS: [&str; 4] = ["assume_role", "oidc", "api_key", "cognito"];
const OIDC: Oidc<'_> = Oidc {
    issuer: "https://bedrock.example/oidc/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b",
    audience: "sts.amazonaws.com",
    subject: "ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b:acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4c",
};

fn case(way: &str, region: &str, models: &[Model], standing: Standing<'_>) -> Case {
    let region: Region = region.parse().unwrap();
    let principal_arn = format!(
        "arn:{}:iam::111122223333:role/bedrock-integrations",
        partition(&region)
    );
    let kit = Kit::of(&Place {
        region: &region,
        way: match way {
            "assume_role" => Way::AssumeRole {
                principal_arn: &principal_arn,
                external_id: "bi-0123456789abcdef0123456789abcdef01234567",
            },
            "oidc" => Way::Oidc(OIDC),
            "api_key" => Way::ApiKey,
            _ => Way::Cognito {
                identity_pool_id: None,
            },
        },
        access: ACCESS.parse().unwrap(),
        standing,
        account_id: None,
        models,
        names: &Names::default(),
        template_url: Some(
            &"https://acme.s3.us-east-1.amazonaws.com/bedrock.json"
                .parse()
                .unwrap(),
        ),
    });
    let kind = match standing {
        Standing::Shared { .. } => "-another-region",
        Standing::New if models.is_empty() => "",
        Standing::New => "-chosen-models",
    };
    Case {
        name: format!("{region}-{way}{kind}"),
        kit,
    }
}

fn partition(region: &Region) -> &'static str {
    region.partition().as_str()
}

/// A model by its own id alone, one through a profile that names its regions, and one through a profile of which nothing is known.
fn models(region: &str) -> Vec<Model> {
    let region: Region = region.parse().unwrap();
    let (geography, destinations) = match region.as_str() {
        "eu-west-1" => ("eu", ["eu-central-1", "eu-north-1", "eu-west-3"].as_slice()),
        _ => ("us-gov", ["us-gov-east-1"].as_slice()),
    };
    let destinations: Vec<String> = destinations.iter().copied().map(str::to_owned).collect();
    let sonnet = "anthropic.claude-sonnet-4-5-20250929-v1:0";
    let profile = format!(
        "arn:{}:bedrock:{region}:123456789012:inference-profile/{geography}.{sonnet}",
        partition(&region)
    );
    vec![
        Model::named(&region, "amazon.nova-lite-v1:0").unwrap(),
        Model::through_profile(&region, &profile, sonnet, &destinations),
        Model::named(&region, "global.anthropic.claude-opus-4-5-20251101-v1:0").unwrap(),
    ]
}

/// Text in which bash, JSON, Terraform and CloudFormation would read something.
fn awkward() -> Case {
    let kit = Kit::of(&Place {
        region: &"eu-west-1".parse().unwrap(),
        way: Way::AssumeRole {
            principal_arn: "arn:aws:iam::111122223333:role/it's-\"$(id)\"`id`-${var.x}-%{if}-\\-&?#",
            external_id: "+=,.@:/-_",
        },
        access: ACCESS.parse().unwrap(),
        standing: Standing::New,
        account_id: Some("123456789012".parse().unwrap()),
        models: &[],
        names: &Names {
            policy: "Acme-Policy".parse().unwrap(),
            identity: "Acme-Role".parse().unwrap(),
        },
        template_url: Some(
            &"https://acme.s3.us-east-1.amazonaws.com/bedrock.json"
                .parse()
                .unwrap(),
        ),
    });
    Case {
        name: "awkward".to_owned(),
        kit,
    }
}

/// The steps as a page.
fn steps(kit: &Kit) -> String {
    let mut page = String::new();
    for (step, number) in kit.steps.iter().zip(1..) {
        page.push_str(&format!("{number}. **{}.** {}\n", step.title, step.text));
        for block in &step.blocks {
            page.push_str(&format!(
                "\n{}:\n\n```\n{}\n```\n",
                block.label,
                block.text.trim_end()
            ));
        }
        page.push('\n');
    }
    page
}
