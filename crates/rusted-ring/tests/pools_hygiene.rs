//! `pools!` means the same whatever else the program names as the macro does.

/// Constants of the names that pools go by, each asked for in another's place.
mod constants {
    pub(super) const XS: usize = 9;
    pub(super) const S: usize = 7;
    pub(super) const M: usize = 20;
    const L: usize = 3;
    const XL: usize = 2;
    const RING: usize = 5;

    rusted_ring::pools! { pub(super) struct Own { xs: XS, s: S, m: 2 * M, l: L, xl: XL } }
    rusted_ring::pools! { pub(super) struct Swapped { xs: S, s: XL + XS, m: RING, l: M / 2, xl: XS } }
}

/// The names of the standard library and of this one, as something else; and none that come by themselves.
#[expect(dead_code, non_camel_case_types, reason = "only the names matter")]
mod types {
    #![no_implicit_prelude]

    struct Option;
    struct Result;
    struct Self_;
    struct RingBuffer;
    struct usize;
    struct u8;
    struct str;
    trait Clone {}
    trait Copy {}
    trait Debug {}
    trait Default {}
    trait Deref {}
    trait PoolSet {}
    mod core {}
    mod std {}
    mod rusted_ring {}
    fn xs() {}

    ::rusted_ring::pools! {
        /// With an attribute.
        pub(super) struct Shadowed { xs: 4, s: 3, m: 2, l: 1, xl: 1, }
    }
}

use rusted_ring::PoolSet;

fn capacities(set: impl PoolSet) -> [usize; 5] {
    set.stats().map(|pool| pool.capacity)
}

#[test]
fn capacities_are_what_the_program_calls_them() {
    assert_eq!(capacities(constants::Own), [9, 7, 40, 3, 2]);
    assert_eq!(capacities(constants::Swapped), [7, 11, 5, 10, 9]);
}

#[test]
fn names_of_types_and_traits_may_be_the_programs() {
    assert_eq!(capacities(types::Shadowed), [4, 3, 2, 1, 1]);
    assert_eq!(format!("{:?}", types::Shadowed.clone()), "Shadowed");
    let copy: types::Shadowed = Default::default();
    let (one, two) = (copy, copy);
    let (pool, sequence) = one.emit(b"an event", 1).unwrap();
    assert_eq!((pool.capacity(), sequence.get()), (2000, 0));
    assert_eq!(two.emit(b"another", 1).unwrap().1.get(), 1);
}

#[test]
fn a_set_may_be_declared_in_a_function() {
    const M: usize = 6;
    rusted_ring::pools! { struct Local { xs: M, s: M, m: M, l: M, xl: M } }
    assert_eq!(capacities(Local), [6; 5]);
}
