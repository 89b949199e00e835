//! The catalogue, asked for by itself.

use bedrock::catalogue::{Catalogue, List, Reason, State};
use credential_provider::{Error, Result, Strategy};
use domain::Region;
use sandbox::{Fault, Harm, bedrock::CustomModel, demo::REGION};

use crate::stage::{LITE, SEVEN, SONNET, SONNET_PROFILE, Stage};

async fn fetched(stage: &Stage, strategy: &dyn Strategy, region: &str) -> Result<Catalogue> {
    let region: Region = region.parse().unwrap();
    let lease = strategy.lease(&stage.aws, &region).await?;
    Catalogue::fetch(&stage.aws, &lease, &region).await
}

#[tokio::test]
async fn a_list_is_read_page_by_page_to_its_end() {
    let stage = Stage::new().await;
    let many = 2_500;
    stage.change(|account| {
        account.bedrock.custom_models = (0..many)
            .map(|number| {
                CustomModel::new(
                    REGION,
                    &format!("cm{number:010}"),
                    &format!("model-{number}"),
                    LITE,
                )
            })
            .collect();
    });
    let catalogue = fetched(&stage, &stage.role(), REGION).await.unwrap();
    let custom = |model: &&bedrock::catalogue::Model| model.model_id.contains(":custom-model/");
    assert_eq!(catalogue.models.iter().filter(custom).count(), many);
    assert_eq!(stage.world().count("ListCustomModels"), 3);
    assert!(catalogue.gaps.is_empty());
}

#[tokio::test]
async fn the_same_model_is_invoked_by_the_profile_of_the_region() {
    let stage = Stage::new().await;
    for (region, profile) in [
        ("us-east-1", SONNET_PROFILE),
        ("eu-west-1", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        (
            "ap-northeast-1",
            "jp.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
    ] {
        let catalogue = fetched(&stage, &stage.role(), region).await.unwrap();
        let (model, way) = catalogue.find(SONNET).unwrap();
        assert_eq!(
            (model.invoke_id.as_deref(), way),
            (Some(profile), None),
            "{region}"
        );
        let (same, way) = catalogue.find(profile).unwrap();
        assert_eq!((&same.key, &*way.unwrap().id), (&model.key, profile));
    }
}

#[tokio::test]
async fn what_may_not_be_listed_is_a_gap_and_no_absence() {
    let stage = Stage::new().await;
    let role = stage.role_allowing(&SEVEN);
    let catalogue = fetched(&stage, &role, REGION).await.unwrap();
    let gaps: Vec<List> = catalogue.gaps.iter().map(|gap| gap.list).collect();
    assert_eq!(
        gaps,
        [
            List::SystemProfiles,
            List::ApplicationProfiles,
            List::CustomModelDeployments,
            List::ImportedModels,
            List::ProvisionedThroughputs,
        ]
    );
    let (lite, _) = catalogue.find(LITE).unwrap();
    assert_eq!(
        (lite.state, lite.invoke_id.as_deref()),
        (State::Available, Some(LITE))
    );
    let (sonnet, _) = catalogue.find(SONNET).unwrap();
    assert_eq!(sonnet.state_reason, Some(Reason::ProfilesNotListed));
}

#[tokio::test]
async fn if_nothing_may_be_listed_there_is_no_catalogue() {
    let stage = Stage::new().await;
    let role = stage.role_at(&stage.demo.roles.powerless_role_arn);
    assert!(matches!(
        fetched(&stage, &role, REGION).await,
        Err(Error::Rejected(_))
    ));
}

#[tokio::test]
async fn a_list_that_breaks_off_keeps_what_it_told() {
    let stage = Stage::new().await;
    stage.change(|account| {
        account.bedrock.custom_models = (0..1_500)
            .map(|number| {
                CustomModel::new(
                    REGION,
                    &format!("cm{number:010}"),
                    &format!("model-{number}"),
                    LITE,
                )
            })
            .collect();
    });
    let first = Fault::always(Harm::Slow(std::time::Duration::ZERO));
    stage.world().fault(first.on("ListCustomModels").times(1));
    let reset = Fault::always(Harm::Reset);
    stage.world().fault(reset.on("ListCustomModels"));
    let catalogue = fetched(&stage, &stage.role(), REGION).await.unwrap();
    let custom = |model: &&bedrock::catalogue::Model| model.model_id.contains(":custom-model/");
    assert_eq!(catalogue.models.iter().filter(custom).count(), 1_000);
    let gap = catalogue.gap(List::CustomModels).unwrap();
    assert!(gap.error.is_temporary());
}
