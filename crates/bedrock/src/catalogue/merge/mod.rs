//! From AWS's lists to what can be invoked, and by which id. Pure: the same lists give the same catalogue, in the same
//! order.

mod application_profiles;
mod bases;
mod custom_models;
mod imported_models;
mod profile;

use domain::Region;
use time::OffsetDateTime;

use self::bases::Bases;
use super::{Model, lists::Lists};

/// What the merging of all entries has in view.
struct View<'a> {
    lists: &'a Lists,
    region: &'a str,
    now: OffsetDateTime,
    bases: &'a Bases<'a>,
}

/// Everything that the lists name, as entries: those of one provider together, then by name.
pub(super) fn merge(lists: &Lists, region: &Region, now: OffsetDateTime) -> Vec<Model> {
    let bases = Bases::of(lists, region.as_str());
    let view = View {
        lists,
        region: region.as_str(),
        now,
        bases: &bases,
    };
    let mut models = bases.models(lists, now);
    models.extend(application_profiles::models(&view));
    models.extend(custom_models::models(&view));
    models.extend(imported_models::models(&view));
    models.sort_by_cached_key(|model| {
        (
            model.provider.to_lowercase(),
            model.name.to_lowercase(),
            model.model_id.clone(),
        )
    });
    // Some emulators tell the same entry in two lists.
    models.dedup_by(|next, model| next.model_id == model.model_id);
    models
}
