//! The group that Cognito computes in: the integers modulo a prime of 3,072 bits, and the generator 2.
//!
//! Arithmetic takes the same time whatever the numbers are. They sit on the heap at one address until they are wiped.

use std::sync::LazyLock;

use crypto_bigint::{
    BoxedUint, Odd, U3072,
    modular::{BoxedMontyForm, BoxedMontyParams},
};
use zeroize::Zeroizing;

/// An element of the group.
pub(super) type Element = Zeroizing<BoxedMontyForm>;

/// RFC 3526, group 15.
const MODULUS: Odd<U3072> = Odd::<U3072>::from_be_hex(
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74\
     020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437\
     4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed\
     ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05\
     98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb\
     9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b\
     e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718\
     3995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33\
     a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7\
     abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864\
     d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e2\
     08e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff",
);

/// SRP's multiplier: the hash of modulus and generator, both padded.
const MULTIPLIER: [u8; 32] = [
    0x53, 0x82, 0x82, 0xc4, 0x35, 0x47, 0x42, 0xd7, 0xcb, 0xbd, 0xe2, 0x35, 0x9f, 0xcf, 0x67, 0xf9,
    0xf5, 0xb3, 0xa6, 0xb0, 0x87, 0x91, 0xe5, 0x01, 0x1b, 0x43, 0xb8, 0xa5, 0xb6, 0x6d, 0x9e, 0xe6,
];

static PARAMS: LazyLock<BoxedMontyParams> =
    LazyLock::new(|| BoxedMontyParams::new_vartime(Odd::from(MODULUS)));

/// The number with these bytes, most significant first and at most 384, reduced.
pub(super) fn element(big_endian: &[u8]) -> Element {
    let number = BoxedUint::from_be_slice_truncated(big_endian, U3072::BITS);
    Zeroizing::new(BoxedMontyForm::new(number, &PARAMS))
}

/// The generator to this power.
pub(super) fn power_of_generator(exponent: &BoxedUint) -> Element {
    Zeroizing::new(element(&[2]).pow(exponent))
}

/// The number times SRP's multiplier.
pub(super) fn multiplied(number: &Element) -> Element {
    Zeroizing::new(element(&MULTIPLIER).mul(number))
}

#[cfg(test)]
pub(super) fn modulus() -> num_bigint::BigUint {
    num_bigint::BigUint::from_bytes_be(MODULUS.to_be_bytes().as_ref())
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::cognito::srp::integer::padded;

    /// RFC 3526 gives the prime as a formula, too: 2^3072 - 2^3008 - 1 + 2^64 * ( [2^2942 pi] + 1690314 ).
    #[test]
    fn the_modulus_is_the_rfcs() {
        let modulus = BigUint::from_bytes_be(MODULUS.to_be_bytes().as_ref());
        let one = || BigUint::from(1_u8);
        let rest = &modulus + (one() << 3008_u32) + one() - (one() << 3072_u32);
        assert_eq!(&rest % (one() << 64_u32), BigUint::ZERO);
        let pi = (rest >> 64_u32) - BigUint::from(1_690_314_u32);
        // The first 64 bits of pi, whose whole part has two.
        assert_eq!(
            pi >> (2_944_u32 - 64),
            BigUint::from(0xc90f_daa2_2168_c234_u64)
        );
    }

    #[test]
    fn the_multiplier_is_the_hash_of_modulus_and_generator() {
        let hash = Sha256::new()
            .chain_update(padded(MODULUS.to_be_bytes().as_ref()))
            .chain_update([2])
            .finalize();
        assert_eq!(hash.as_slice(), MULTIPLIER);
    }
}
