//! What holds for every secret, place and destination.

use proptest::collection::vec;
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use uuid::Uuid;
use vault::{Destination, Error, HashKey, Place, open, rewrap, seal};

use crate::fixtures::ring;

type Fields = Vec<(String, String)>;

/// Few and short, so that equal ones and near misses come up all the time.
fn fields() -> impl Strategy<Value = Fields> {
    vec(("[ab]{0,2}", "[ab]{0,2}"), 0..4)
}

fn destination(method: &str, fields: &Fields) -> Destination {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    Destination::of(method, &fields)
}

proptest! {
    #[test]
    fn any_secret_survives_sealing_and_rotation(
        plaintext in vec(any::<u8>(), 0..2048),
        tenant: u128, row: u128, table: String, column: String, method: String, fields in fields(),
        versions in (1..=i32::MAX, 1..=i32::MAX), seed: u64,
    ) {
        prop_assume!(versions.0 != versions.1);
        let ring = ring(&[(versions.0, 1), (versions.1, 200)]);
        let [from, to] = [versions.0, versions.1].map(|number| ring.get(number.try_into().unwrap()).unwrap());
        let place = Place { tenant: Uuid::from_u128(tenant), table: &table, row: Uuid::from_u128(row), column: &column };
        let destination = destination(&method, &fields);
        let mut rng = StdRng::seed_from_u64(seed);

        let sealed = seal(from, &place, &destination, &plaintext, &mut rng).unwrap();
        prop_assert_eq!(&*open(&ring, &place, &destination, &sealed).unwrap(), &plaintext);

        let moved = rewrap(&ring, to, &place, &sealed, &mut rng).unwrap();
        prop_assert_eq!(&moved.ciphertext, &sealed.ciphertext);
        prop_assert_eq!(&*open(&ring, &place, &destination, &moved).unwrap(), &plaintext);
    }

    #[test]
    fn a_letter_moved_between_table_and_column_is_another_place(
        name in "[a-z]{1,12}", from: prop::sample::Index, to: prop::sample::Index, seed: u64,
    ) {
        let (from, to) = (from.index(name.len() + 1), to.index(name.len() + 1));
        let [sealed_into, opened_from] = [from, to].map(|at| {
            let (table, column) = name.split_at(at);
            Place { tenant: Uuid::nil(), table, row: Uuid::nil(), column }
        });
        let ring = ring(&[(1, 1)]);
        let mut rng = StdRng::seed_from_u64(seed);
        let sealed = seal(ring.newest(), &sealed_into, &Destination::none(), b"secret", &mut rng).unwrap();
        let opened = open(&ring, &opened_from, &Destination::none(), &sealed);
        if from == to {
            prop_assert_eq!(&**opened.unwrap(), b"secret");
        } else {
            prop_assert_eq!(opened.unwrap_err(), Error::Refused);
        }
    }

    #[test]
    fn destinations_are_equal_exactly_when_method_and_fields_are(
        left in ("[ab]{0,2}", fields()), right in ("[ab]{0,2}", fields()),
    ) {
        let same = left.0 == right.0 && sorted(&left.1) == sorted(&right.1);
        prop_assert_eq!(destination(&left.0, &left.1) == destination(&right.0, &right.1), same);
    }

    #[test]
    fn a_destination_has_no_order(method: String, fields: Fields, seed in any::<prop::sample::Selector>()) {
        let mut shuffled = Vec::new();
        let mut rest: Vec<_> = fields.clone();
        while !rest.is_empty() {
            let at = seed.select(0..rest.len());
            shuffled.push(rest.remove(at));
        }
        prop_assert_eq!(destination(&method, &fields), destination(&method, &shuffled));
    }

    #[test]
    fn a_letter_moved_anywhere_in_a_destination_makes_another(
        text in "[a-z]{2,16}", cuts in vec(any::<prop::sample::Index>(), 2), others in vec(any::<prop::sample::Index>(), 2),
    ) {
        let cut = |cuts: &[prop::sample::Index]| {
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
            at.sort_unstable();
            (text[..at[0]].to_owned(), text[at[0]..at[1]].to_owned(), text[at[1]..].to_owned())
        };
        let [one, two] = [cut(&cuts), cut(&others)];
        let [left, right] = [&one, &two].map(|(method, name, value)| Destination::of(method, &[(name, value)]));
        prop_assert_eq!(left == right, one == two);
    }

    #[test]
    fn hashes_are_equal_exactly_when_purpose_and_parts_are(
        left in ("[ab]{0,2}", vec("[ab]{0,2}", 0..4)), right in ("[ab]{0,2}", vec("[ab]{0,2}", 0..4)), seed: u64,
    ) {
        let key = HashKey::generate(&mut StdRng::seed_from_u64(seed));
        let digest = |(purpose, parts): &(String, Vec<String>)| {
            let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
            key.digest(purpose, &parts)
        };
        prop_assert_eq!(digest(&left) == digest(&right), left == right);
    }
}

fn sorted(fields: &Fields) -> Fields {
    let mut fields = fields.clone();
    fields.sort();
    fields
}
